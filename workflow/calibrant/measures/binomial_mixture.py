"""How surely answers are held, over a whole sample, seen through counts of a few repetitions."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibrant.measures.sample import FloatArray, IntArray

PROBABILITIES: FloatArray = np.arange(101) / 100
"""The probabilities among which a mixture is looked for, shape (101,)."""

# Counts of a few trials do not settle the finest detail; more iterations go on sharpening it and
# move the figures by less than 0.002. A fixed number, since a rule for stopping may stop one
# processor an iteration later than another.
_ITERATIONS = 1000


def count_chances(same: IntArray, others: IntArray) -> FloatArray:
    """Return the chance of every count under every probability of ``PROBABILITIES``.

    Without the binomial coefficient, which is the same for all probabilities, and divided by the
    greatest of them, so that large counts do not vanish.

    Args:
        same: Successes of every cell, shape (u,).
        others: Trials of every cell, at least 1, shape (u,).

    Returns:
        Shape (101, u), in [0, 1].
    """
    share = same / others
    log = same * _log(PROBABILITIES[:, None]) + (others - same) * _log(1 - PROBABILITIES[:, None])
    peak = same * _log(share) + (others - same) * _log(1 - share)
    return np.asarray(np.exp(np.minimum(log - peak, 0)), np.float64)


def fit_mixtures(chances: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the mixture of probabilities under which the counts are likeliest, no shape assumed.

    The nonparametric maximum likelihood estimate (Laird, 1978) by EM from an even start. Few trials
    leave some of it open, and there the even start decides: two mixtures whose first n moments
    agree cannot be told apart by n trials.

    Args:
        chances: What ``count_chances`` gave, shape (101, u).
        weights: How often every count occurs, shape (r, u), r samples at once, none of them empty.

    Returns:
        Shares of ``PROBABILITIES``, shape (r, 101), each row summing to 1.
    """
    shares = weights / weights.sum(axis=1, keepdims=True)
    mixtures = np.full((len(weights), len(chances)), 1 / len(chances))
    for _ in range(_ITERATIONS):
        # Not @: BLAS may add in another order on another processor.
        likely = np.einsum("rp,pu->ru", mixtures, chances)
        # A count that a sample does not have can become so unlikely there that this is 0 of 0.
        ratios = np.divide(shares, likely, out=np.zeros_like(shares), where=shares > 0)
        mixtures = mixtures * np.einsum("ru,pu->rp", ratios, chances)
    return np.asarray(mixtures / mixtures.sum(axis=1, keepdims=True), np.float64)


def _log(values: NDArray[Any]) -> FloatArray:
    """Return the logarithm, with a number so low for log 0 that 0 times it is still 0."""
    return np.log(np.maximum(values, 1e-300))
