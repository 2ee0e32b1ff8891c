"""A sample under weights: the one form that all measures are computed from.

A measure is a function of ``WeightedSample`` and returns one number per row of weights. The point
estimate has one row of ones; a bootstrap replicate is a row of counts. There is no second
definition of any measure for the bootstrap.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from calibrant.measures.sample import FloatArray, IntArray, ScoredSample


@dataclass(frozen=True, slots=True, eq=False)
class TieGroups:
    """A sample sorted by confidence once, with answers of equal confidence side by side.

    Attributes:
        confidence: The distinct confidences, ascending, shape (m,).
        starts: Position of the first answer of every group in the sorted order, shape (m,).
        order: Row of the sample at every sorted position, shape (n,).
        correct: Correctness in sorted order, shape (n,).
        cluster: Cluster codes in sorted order, shape (n,).
    """

    confidence: FloatArray
    starts: IntArray
    order: IntArray
    correct: FloatArray
    cluster: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class WeightedSample:
    """Sums of weights per tie group, for r rows of weights at once.

    The running sums start with a column of zeros, so that column j holds the sum over the j least
    confident groups. Sums of counts are exact in float64.

    Attributes:
        confidence: The distinct confidences, ascending, shape (m,).
        total: Weight of all answers of each group, shape (r, m).
        right: Weight of the right answers of each group, shape (r, m).
        running_total: Running sum of ``total``, shape (r, m + 1).
        running_right: Running sum of ``right``, shape (r, m + 1).
        running_excess: Running sum of ``total * confidence - right``, shape (r, m + 1).
    """

    confidence: FloatArray
    total: FloatArray
    right: FloatArray
    running_total: FloatArray
    running_right: FloatArray
    running_excess: FloatArray

    @property
    def n(self) -> FloatArray:
        """Total weight, shape (r,)."""
        return self.running_total[:, -1]

    @property
    def n_right(self) -> FloatArray:
        """Weight of right answers, shape (r,)."""
        return self.running_right[:, -1]


Measure = Callable[[WeightedSample], FloatArray]
"""Returns shape (r,); NaN marks a row of weights on which the measure is undefined."""


def tie_groups(sample: ScoredSample) -> TieGroups:
    """Sort a sample by confidence and find its ties."""
    order = np.argsort(sample.confidence, kind="stable")
    sorted_confidence = sample.confidence[order]
    starts = np.flatnonzero(np.diff(sorted_confidence, prepend=-1.0))
    return TieGroups(
        confidence=sorted_confidence[starts],
        starts=starts,
        order=order,
        correct=sample.correct[order],
        cluster=sample.cluster[order],
    )


def weigh_rows(groups: TieGroups, weights: FloatArray) -> WeightedSample:
    """Apply weights given per answer.

    Args:
        groups: The sorted sample, n answers.
        weights: How often every answer counts, in the order of the sample, shape (r, n); whole
            numbers from 0.

    Raises:
        ValueError: If a weight is negative or not a whole number.
    """
    if np.any(weights < 0) or np.any(weights != np.floor(weights)):
        raise ValueError("weights are counts: whole numbers from 0")
    # take keeps the rows contiguous; indexing would not, and sums would add in another order.
    return _weigh_sorted(groups, np.take(weights.astype(np.float64), groups.order, axis=1))


def weigh_clusters(groups: TieGroups, counts: FloatArray) -> WeightedSample:
    """Apply counts given per cluster, shape (r, k): every answer counts as often as its cluster."""
    return _weigh_sorted(groups, np.take(counts, groups.cluster, axis=1))


def unweighted(groups: TieGroups) -> WeightedSample:
    """Return the sample with every answer counted once (r = 1)."""
    return _weigh_sorted(groups, np.ones((1, len(groups.order))))


def with_outcomes(
    weighted: WeightedSample, groups: TieGroups, correct: FloatArray
) -> WeightedSample:
    """Replace the outcomes and keep the weights, which must be those of ``unweighted``.

    Args:
        weighted: ``unweighted(groups)``.
        groups: The sorted sample, n answers.
        correct: r sets of outcomes in sorted order, shape (r, n), of 0 and 1.
    """
    right = _per_group(groups, correct)
    return replace(
        weighted,
        total=np.broadcast_to(weighted.total, right.shape),
        right=right,
        running_total=np.broadcast_to(
            weighted.running_total, (len(right), weighted.running_total.shape[1])
        ),
        running_right=_running(right),
        running_excess=_running(weighted.total * groups.confidence - right),
    )


def _weigh_sorted(groups: TieGroups, weights: FloatArray) -> WeightedSample:
    # No matrix products here or in the measures: BLAS may add in another order for another shape
    # or processor, and a published digit must not depend on chunk size or machine.
    total = _per_group(groups, weights)
    right = _per_group(groups, weights * groups.correct)
    return WeightedSample(
        confidence=groups.confidence,
        total=total,
        right=right,
        running_total=_running(total),
        running_right=_running(right),
        running_excess=_running(total * groups.confidence - right),
    )


def _per_group(groups: TieGroups, values: FloatArray) -> FloatArray:
    if len(groups.starts) == len(groups.order):
        return values
    return np.add.reduceat(values, groups.starts, axis=1)


def _running(values: FloatArray) -> FloatArray:
    rows, columns = values.shape
    sums = np.zeros((rows, columns + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Divide, giving NaN (undefined) where the denominator is 0; shape (r,)."""
    undefined = np.full(np.shape(numerator), np.nan)
    return np.divide(numerator, denominator, out=undefined, where=denominator > 0)
