"""McNemar's exact test: is one method right where the other is wrong more often than by chance?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from calibrant.errors import CalibrantError
from calibrant.measures.sample import FloatArray


@dataclass(frozen=True, slots=True)
class McNemar:
    """The test.

    Attributes:
        only_first: Questions that only the first method answers rightly.
        only_second: Questions that only the second one does.
        p_value: Two-sided, that both are right equally often, in (0, 1].
    """

    only_first: int
    only_second: int
    p_value: float


def mcnemar_exact(first: ArrayLike, second: ArrayLike) -> McNemar:
    """Test whether two methods are right equally often on the same questions.

    Given b + c questions on which just one method is right, the number b that the first one takes
    is binomial with probability 1/2 if they are equally accurate; p = min(1, 2 P(X <= min(b, c))).
    Exact and conservative. Assumes independent questions with one answer of each method; with
    several answers to a question use ``comparison.paired_differences``. Source: McNemar (1947),
    Psychometrika 12; the exact form, Lehmann and Romano (2005), section 4.5.

    Args:
        first: 1 and 0 (or True and False) by question, shape (n,).
        second: The same questions in the same order, shape (n,).

    Raises:
        CalibrantError: If the lengths differ or a value is neither 0 nor 1.
    """
    one, other = _outcomes(first, "first"), _outcomes(second, "second")
    if len(one) != len(other):
        raise CalibrantError(
            f"the first method has {len(one)} answers and the second {len(other)}",
            repair="Give one answer of each method to every question, in one order",
        )
    b, c = int((one > other).sum()), int((one < other).sum())
    return McNemar(b, c, min(1.0, 2 * _half_tail(min(b, c), b + c)))


def _half_tail(k: int, n: int) -> float:
    """Return P(X <= k) for X binomial (n, 1/2)."""
    # The largest term as a quotient of whole numbers is exact; the others follow by ratios.
    below = np.arange(k, 0, -1, dtype=np.float64)
    falling = np.cumprod(below / (n - below + 1))
    return math.comb(n, k) / (1 << n) * float(1 + falling.sum())


def _outcomes(values: ArrayLike, name: str) -> FloatArray:
    outcomes = np.asarray(values, dtype=np.float64)
    bad = np.flatnonzero(~((outcomes == 0) | (outcomes == 1)))
    if outcomes.ndim != 1 or len(bad):
        where = f"{name}, row {bad[0]}" if len(bad) else name
        raise CalibrantError("correctness is 0 or 1, one number per question", where=where)
    return outcomes
