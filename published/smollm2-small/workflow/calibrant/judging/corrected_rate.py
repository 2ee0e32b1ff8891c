"""The share of right answers behind the verdicts of a judge that errs, with an honest interval."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from calibrant.errors import CalibrantError
from calibrant.measures.sample import FloatArray


class CountedShare(NamedTuple):
    """Shares in 0..1 and the number of independent answers that each is worth, of equal shapes."""

    value: ArrayLike
    worth: ArrayLike


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedRate:
    """Corrected shares, of any shape.

    Attributes:
        value: The estimate, unbiased but for the noise of its denominator; can lie outside 0..1.
        low: Lower end of the interval, cut at 0 and 1.
        high: Upper end, cut likewise.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray


def rogan_gladen(
    judged: CountedShare, sensitivity: CountedShare, specificity: CountedShare, level: float = 0.95
) -> CorrectedRate:
    """Return the share of right answers from the share the judge calls right.

    With q judged right of m answers, sensitivity a of n right and specificity b of k wrong ones
    that people have judged, t = (q + b - 1) / (a + b - 1) (Rogan and Gladen 1978). The delta method
    over the three independent samples gives

        var t = [q (1-q) / m + t^2 a (1-a) / n + (1-t)^2 b (1-b) / k] / (a + b - 1)^2.

    The interval is that of Lang and Reiczigel (2014): t and its variance from q with z^2 answers
    added and a and b with two, half of each right, moved by 2 z^2 [t a (1-a) / n - (1-t) b (1-b) / k].
    It holds where a or b is 1 in the sample, where the plain interval is too narrow.

    Args:
        judged: Share of answers that the judge calls right.
        sensitivity: Share of right answers that it calls right.
        specificity: Share of wrong answers that it calls wrong.
        level: Level of the interval, in (0, 1).

    Raises:
        CalibrantError: If sensitivity and specificity sum to no more than 1.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    value = _corrected(judged.value, sensitivity.value, specificity.value)
    q, m = _padded(judged, z * z)
    a, n = _padded(sensitivity, 2)
    b, k = _padded(specificity, 2)
    t = _corrected(q, a, b)
    noise_a, noise_b = a * (1 - a) / n, b * (1 - b) / k
    variance = (q * (1 - q) / m + t**2 * noise_a + (1 - t) ** 2 * noise_b) / (a + b - 1) ** 2
    middle = t + 2 * z * z * (t * noise_a - (1 - t) * noise_b)
    reach = z * np.sqrt(variance)
    return CorrectedRate(value, np.clip(middle - reach, 0, 1), np.clip(middle + reach, 0, 1))


def _corrected(q: ArrayLike, a: ArrayLike, b: ArrayLike) -> FloatArray:
    above_chance = np.asarray(a, np.float64) + np.asarray(b, np.float64) - 1
    if np.any(above_chance <= 1e-9):
        raise CalibrantError(
            "a judge whose sensitivity and specificity sum to no more than 1 cannot be corrected",
            repair="Use another judge, or have people judge more answers",
        )
    return np.asarray((np.asarray(q, np.float64) + np.asarray(b, np.float64) - 1) / above_chance)


def _padded(share: CountedShare, added: float) -> tuple[FloatArray, FloatArray]:
    worth = np.asarray(share.worth, np.float64)
    hits = np.asarray(share.value, np.float64) * worth
    return np.asarray((hits + added / 2) / (worth + added)), worth + added
