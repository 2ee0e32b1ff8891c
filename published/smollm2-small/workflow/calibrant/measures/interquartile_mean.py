"""Scores of several trainings on several datasets as one figure: the interquartile mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from calibrant.errors import CalibrantError
from calibrant.measures.bootstrap import percentile_interval
from calibrant.measures.comparison import ComparisonSettings
from calibrant.measures.replicates import replicate_generator
from calibrant.measures.sample import FloatArray

RUN_STREAM = 2000
"""Streams from here on draw trainings within each dataset, one stream per method."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A figure over trainings and datasets.

    Attributes:
        value: The figure.
        low: Lower end of its percentile interval, None where trainings show no spread.
        high: Upper end.
    """

    value: float
    low: float | None
    high: float | None


def interquartile_mean(scores: FloatArray) -> FloatArray:
    """Return the mean of the middle half of the scores of all trainings and datasets.

    Of N scores, floor(N / 4) are left out at either end. Source: Agarwal et al. (2021), Deep
    reinforcement learning at the edge of the statistical precipice, NeurIPS (arXiv 2108.13264).

    Args:
        scores: Shape (..., runs, tasks).

    Returns:
        Shape (...).
    """
    flat = np.sort(scores.reshape(*scores.shape[:-2], -1), axis=-1)
    n = flat.shape[-1]
    cut = n // 4
    middle: FloatArray = flat[..., cut : n - cut].mean(axis=-1)
    return middle


def summarise_runs(scores: ArrayLike, settings: ComparisonSettings, method: int = 0) -> RunSummary:
    """Return the interquartile mean with the interval of the stratified bootstrap.

    Assumes that trainings are independent within and between datasets; the questions are held
    fixed, so the interval says what other seeds would give on them. Source as
    ``interquartile_mean``, section 4. With three to five runs the interval is known to be short.

    Args:
        scores: One measure by training and dataset, shape (runs, tasks).
        settings: Replicates, seed and level.
        method: Number of the method, from 0: methods draw independently.

    Raises:
        CalibrantError: If a score is missing.
    """
    table = score_table(scores, "scores")
    drawn = interquartile_mean(draw_runs(table, settings, method))
    ends = percentile_interval(drawn, settings.level)
    value = float(interquartile_mean(table))
    if np.ptp(drawn) < 1e-12:
        return RunSummary(value, None, None)
    return RunSummary(value, ends.low, ends.high)


def draw_runs(table: FloatArray, settings: ComparisonSettings, method: int) -> FloatArray:
    """Return bootstrap tables: in every dataset the runs are drawn anew, with replacement.

    Args:
        table: Shape (runs, tasks).
        settings: Number of replicates B and seed.
        method: Number of the method, from 0.

    Returns:
        Shape (B, runs, tasks).
    """
    rows = np.stack(
        [
            replicate_generator(settings.seed, RUN_STREAM + method, number).integers(
                0, len(table), size=table.shape
            )
            for number in range(settings.replicates)
        ]
    )
    return table[rows, np.arange(table.shape[1])]


def score_table(scores: ArrayLike, name: str) -> FloatArray:
    """Return scores as an array of shape (runs, tasks).

    Raises:
        CalibrantError: If it has not two dimensions, is empty or misses a score.
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or table.size == 0 or not np.isfinite(table).all():
        raise CalibrantError(
            "every training needs a score on every dataset",
            where=name,
            repair="Leave out datasets that a training has no score on, and say so",
        )
    return table
