"""Bootstrap intervals and p-values corrected for bias and skewness (BCa).

The percentile interval inherits the bias of a measure; BCa moves its ends by the median bias of the
replicates and by the skewness that leaving out one question shows.

Definition: with G the distribution of B replicates, z0 the normal quantile of G just below the
estimate and a the acceleration, the end for tail t is the replicate of rank
Phi(z0 + (z0 + z_t) / (1 - a (z0 + z_t))). Assumes independent clusters and a measure that is smooth
in their weights. Source: Efron (1987), Better bootstrap confidence intervals, JASA 82; Efron and
Tibshirani (1993), section 14.3.
"""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from calibrant.measures.bootstrap import Interval, Panel, measure_on
from calibrant.measures.replicates import Execution, run_replicates
from calibrant.measures.sample import FloatArray

MOST_JACKKNIFE_GROUPS = 1000
_ROUNDING = 1e-12
_NORMAL = NormalDist()


def jackknife_values(
    panels: Sequence[Panel], clusters: int, execution: Execution
) -> dict[str, FloatArray]:
    """Return every measure without one cluster, or without one group of them.

    Args:
        panels: Samples whose cluster codes share one numbering 0..clusters-1.
        clusters: Number of clusters k, at least 2. Above 1000, groups of about k / 1000 clusters
            are left out instead of one (the delete-d jackknife), which keeps the work bounded.
        execution: Threads and progress.

    Returns:
        Values of shape (min(k, 1000),) by name, NaN where undefined.
    """
    groups = min(clusters, MOST_JACKKNIFE_GROUPS)
    member = np.arange(clusters) % groups

    def work(chunk: range) -> dict[str, FloatArray]:
        counts = (member != np.asarray(chunk)[:, None]).astype(np.float64)
        return measure_on(panels, counts)

    return run_replicates(
        work,
        groups,
        stage="jackknife",
        row_size=max(clusters, *(len(panel.groups.order) for panel in panels)),
        execution=execution,
    )


def bca_interval(
    values: FloatArray, estimate: float, jackknife: FloatArray, level: float
) -> Interval:
    """Return the BCa interval.

    Args:
        values: Replicates, shape (B,), NaN where undefined.
        estimate: The measure on the sample.
        jackknife: The measure without each cluster, shape (k,), NaN where undefined.
        level: Level of the interval, in (0, 1).

    Returns:
        The interval; without ends where no replicate is defined.
    """
    defined = values[~np.isnan(values)]
    left_out = len(values) - len(defined)
    if len(defined) == 0:
        return Interval(None, None, left_out)
    z0, a = _median_bias(defined, estimate), _acceleration(jackknife)
    ranks = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        moved = z0 + _NORMAL.inv_cdf(tail)
        ranks.append(_NORMAL.cdf(z0 + moved / (1 - a * moved)))
    low, high = np.quantile(defined, ranks)
    return Interval(float(low), float(high), left_out)


def bca_p_value(
    values: FloatArray, estimate: float, jackknife: FloatArray, null: float = 0.0
) -> float:
    """Return the two-sided p-value: the level at which the BCa interval just reaches ``null``.

    Args:
        values: Replicates, shape (B,), NaN where undefined, at least one defined.
        estimate: The measure on the sample.
        jackknife: The measure without each cluster, shape (k,).
        null: The value under test.

    Returns:
        In (0, 1].
    """
    defined = values[~np.isnan(values)]
    reached = _NORMAL.inv_cdf(_share_below(defined, null))
    z0, a = _median_bias(defined, estimate), _acceleration(jackknife)
    # The formula of the ends, solved for the tail whose end is the null.
    moved = (reached - z0) / (1 + a * (reached - z0))
    tail = _NORMAL.cdf(moved - z0)
    return max(min(1.0, 2 * min(tail, 1 - tail)), 2 / (len(defined) + 1))


def _share_below(values: FloatArray, point: float) -> float:
    """Return the share of replicates below a point, ties by half, never 0 or 1."""
    # Replicates of a share repeat its value but for the rounding of the last bit.
    tied = np.abs(values - point) <= _ROUNDING
    below = ((values < point) & ~tied).sum() + tied.sum() / 2
    return float((below + 0.5) / (len(values) + 1))


def _median_bias(values: FloatArray, estimate: float) -> float:
    return _NORMAL.inv_cdf(_share_below(values, estimate))


def _acceleration(jackknife: FloatArray) -> float:
    known = jackknife[~np.isnan(jackknife)]
    if len(known) < 2:
        return 0.0
    apart = known.mean() - known
    spread = float((apart**2).sum())
    return float((apart**3).sum() / (6 * spread**1.5)) if spread > 0 else 0.0
