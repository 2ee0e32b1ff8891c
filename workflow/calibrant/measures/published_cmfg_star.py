"""CMFG* with its variance as RLMF's code takes them (arXiv 2606.32032, commit a087e7a).

Kept beside ``faithfulness.cmfg_star`` so that published figures can be met. Its fault: rows of equal
intrinsic confidence are cut apart by the order in which they stand.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from calibrant.measures.faithfulness import FAITHFULNESS_BINS
from calibrant.measures.sample import FloatArray


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """A value and its variance.

    Attributes:
        value: cMFG*, in [0, 1].
        variance: Sum over bins of (w / W)^2 s^2 / n, or None where no bin holds two responses or
            the support has no width.
        support: W, the sum of widths, in [0, 1].
    """

    value: float
    variance: float | None
    support: float


def published_cmfg_star(faithful: ArrayLike, intrinsic: ArrayLike) -> PublishedFigure:
    """Return cMFG* over (at most) ten equal-count bins weighted by their width.

    Rows are sorted by intrinsic confidence, equal ones in the order given, and cut into bins whose
    counts differ by at most one, the larger ones first. Edges lie midway between neighbouring bins,
    the outermost at the least and the greatest confidence. A bin of one response takes the variance
    pooled over the larger bins. Where all confidences are equal the value is the plain mean.

    Args:
        faithful: Response faithfulness F, in [0, 1], shape (n,), n at least 1.
        intrinsic: Intrinsic confidence, in [0, 1], shape (n,).

    Raises:
        ValueError: If there is no response or the lengths differ.
    """
    scores, own = np.asarray(faithful, np.float64), np.asarray(intrinsic, np.float64)
    if not len(scores) or scores.shape != own.shape:
        raise ValueError("cMFG* needs at least one response, with one confidence each")
    order = np.argsort(own, kind="stable")
    bins = min(FAITHFULNESS_BINS, len(own))
    values = np.array_split(scores[order], bins)
    places = np.array_split(own[order], bins)
    inner = [(a[-1] + b[0]) / 2 for a, b in pairwise(places)]
    widths = np.diff([places[0][0], *inner, places[-1][-1]])
    support = float(places[-1][-1] - places[0][0])
    if support == 0:
        return PublishedFigure(float(scores.mean()), None, 0.0)
    shares = widths / widths.sum()
    value = sum(share * part.mean() for share, part in zip(shares, values, strict=True))
    return PublishedFigure(float(value), _variance(values, shares), support)


def _variance(values: list[FloatArray], shares: FloatArray) -> float | None:
    larger = [part for part in values if len(part) > 1]
    if not larger:
        return None
    squares = sum(float(((part - part.mean()) ** 2).sum()) for part in larger)
    pooled = squares / sum(len(part) - 1 for part in larger)
    spread = [float(part.var(ddof=1)) if len(part) > 1 else pooled for part in values]
    terms = (
        share**2 * s / len(part) for share, s, part in zip(shares, spread, values, strict=True)
    )
    return float(sum(terms))
