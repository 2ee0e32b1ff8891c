"""Percentile intervals from a bootstrap that draws whole questions.

Answers to one question are alike, so a replicate draws questions with replacement, as many as there
are, and counts every answer as often as its question was drawn. All measures of a replicate see the
same draw, so intervals of differences can be taken replicate by replicate.

The percentile interval of a biased measure inherits its bias: replicates of ECE carry the noise of
the sample and of the draw, so for a well calibrated predictor the interval can lie above the value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calibrant.measures.replicates import (
    BOOTSTRAP_STREAM,
    DEFAULT_EXECUTION,
    Execution,
    replicate_generator,
    run_replicates,
)
from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import Measure, TieGroups, unweighted, weigh_clusters


@dataclass(frozen=True, slots=True)
class Panel:
    """A sorted sample and the measures to take on it, by name."""

    groups: TieGroups
    measures: Mapping[str, Measure]


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentile interval.

    Attributes:
        low: Lower end, or None where there is no interval.
        high: Upper end, or None.
        left_out: Replicates on which the measure was undefined; they are not in the interval.
    """

    low: float | None
    high: float | None
    left_out: int


def point_estimates(panels: Sequence[Panel]) -> dict[str, float | None]:
    """Return every measure with each answer counted once; None where it is undefined."""
    values = {}
    for panel in panels:
        weighted = unweighted(panel.groups)
        for name, measure in panel.measures.items():
            value = float(measure(weighted)[0])
            values[name] = None if np.isnan(value) else value
    return values


def bootstrap_values(
    panels: Sequence[Panel],
    clusters: int,
    *,
    replicates: int,
    seed: int,
    execution: Execution = DEFAULT_EXECUTION,
) -> dict[str, FloatArray]:
    """Return every measure on every replicate.

    Args:
        panels: Samples whose cluster codes share one numbering 0..clusters-1.
        clusters: Number of clusters k, at least 1.
        replicates: Number of replicates.
        seed: Seed of the draws.
        execution: Threads and progress; changes no result.

    Returns:
        Values of shape (replicates,) by name, NaN where a measure is undefined on a replicate.
    """

    def work(chunk: range) -> dict[str, FloatArray]:
        counts = np.stack([draw_clusters(clusters, seed, number) for number in chunk])
        return measure_on(panels, counts)

    return run_replicates(
        work,
        replicates,
        stage="bootstrap",
        row_size=max(clusters, *(len(panel.groups.order) for panel in panels)),
        execution=execution,
    )


def measure_on(panels: Sequence[Panel], counts: FloatArray) -> dict[str, FloatArray]:
    """Return every measure with clusters counted as often as ``counts``, shape (r, k), says."""
    values = {}
    for panel in panels:
        weighted = weigh_clusters(panel.groups, counts)
        for name, measure in panel.measures.items():
            values[name] = measure(weighted)
    return values


def draw_clusters(clusters: int, seed: int, replicate: int) -> FloatArray:
    """Return how often each cluster is drawn in one replicate, shape (clusters,)."""
    generator = replicate_generator(seed, BOOTSTRAP_STREAM, replicate)
    drawn = generator.integers(0, clusters, size=clusters)
    return np.bincount(drawn, minlength=clusters).astype(np.float64)


def percentile_interval(values: FloatArray, level: float) -> Interval:
    """Return the central interval that holds a share ``level`` of the defined replicates.

    Args:
        values: A measure on every replicate, shape (r,), NaN where undefined.
        level: Level of the interval, in (0, 1).
    """
    defined = values[~np.isnan(values)]
    left_out = len(values) - len(defined)
    if len(defined) == 0:
        return Interval(None, None, left_out)
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(float(low), float(high), left_out)
