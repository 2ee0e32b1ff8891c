"""The incomplete beta function, which numpy does not have."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

_MOST_TERMS = 500


def complete_beta(a: float, b: float) -> float:
    """Return B(a, b), the integral of u^(a-1) (1-u)^(b-1) over 0..1, for a, b > 0."""
    return math.exp(math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))


def incomplete_beta(x: ArrayLike, a: float, b: float) -> NDArray[np.float64]:
    """Return B(x; a, b), the integral of u^(a-1) (1-u)^(b-1) from 0 to x; not regularised.

    Above x = 1/2 the reflection B(x; a, b) = B(a, b) - B(1-x; b, a) is used (DLMF 8.17.4).

    Args:
        x: Upper limits in 0..1, any shape.
        a: First exponent, above 0.
        b: Second exponent, above 0.

    Returns:
        The integrals, in 0..B(a, b), shape of ``x``.
    """
    x = np.asarray(x, dtype=np.float64)
    below = _series(np.minimum(x, 0.5), a, b)
    above = complete_beta(a, b) - _series(np.minimum(1 - x, 0.5), b, a)
    return np.where(x <= 0.5, below, above)


def _series(x: NDArray[np.float64], a: float, b: float) -> NDArray[np.float64]:
    """Sum x^a (1-x)^b / a * sum_n (a+b)_n / (a+1)_n x^n for x <= 1/2 (DLMF 8.17.8).

    All terms are positive, so nothing cancels.
    """
    term = np.ones_like(x)
    total = np.ones_like(x)
    for n in range(_MOST_TERMS):
        term = term * x * ((a + b + n) / (a + 1 + n))
        total = total + term
        if np.all(term <= 1e-17 * total):
            break
    result: NDArray[np.float64] = x**a * (1 - x) ** b / a * total
    return result
