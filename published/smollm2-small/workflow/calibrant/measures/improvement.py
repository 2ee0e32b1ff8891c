"""The probability that a training of one method beats a training of another."""

import numpy as np
from numpy.typing import ArrayLike

from calibrant.errors import CalibrantError
from calibrant.measures.bootstrap import percentile_interval
from calibrant.measures.comparison import ComparisonSettings
from calibrant.measures.interquartile_mean import RunSummary, draw_runs, score_table
from calibrant.measures.sample import FloatArray


def probability_of_improvement(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return P(X > Y) + P(X = Y) / 2 averaged over datasets, for higher scores that are better.

    Within a dataset X and Y are scores of a training of either method, drawn at random: the
    Mann-Whitney statistic over the number of pairs. It says how often a method is better, not by
    how much. Source: Agarwal et al. (2021, arXiv 2108.13264), section 4.3; Mann and Whitney (1947).

    Args:
        first: Shape (..., runs, tasks).
        second: Shape (..., other runs, tasks).

    Returns:
        Shape (...), in [0, 1].
    """
    apart = first[..., :, None, :] - second[..., None, :, :]
    wins: FloatArray = ((np.sign(apart) + 1) / 2).mean(axis=(-3, -2, -1))
    return wins


def improvement(
    first: ArrayLike,
    second: ArrayLike,
    settings: ComparisonSettings,
    higher_is_better: bool = True,
) -> RunSummary:
    """Return the probability of improvement of the first method with a stratified bootstrap.

    Trainings of both methods are drawn independently in every dataset. An interval wholly above
    one half says that the first method is better more often than not (Agarwal et al. 2021).

    Args:
        first: One measure by training and dataset, shape (runs, tasks).
        second: The same of the other method, shape (other runs, tasks).
        settings: Replicates, seed and level.
        higher_is_better: False for losses such as Brier and ECE.

    Raises:
        CalibrantError: If a score is missing or the datasets differ in number.
    """
    sign = 1.0 if higher_is_better else -1.0
    one, other = sign * score_table(first, "first"), sign * score_table(second, "second")
    if one.shape[1] != other.shape[1]:
        raise CalibrantError(
            f"the first method is scored on {one.shape[1]} datasets, the second on {other.shape[1]}"
        )
    drawn = probability_of_improvement(
        draw_runs(one, settings, method=0), draw_runs(other, settings, method=1)
    )
    return _summary(float(probability_of_improvement(one, other)), drawn, settings.level)


def paired_improvement(
    first: ArrayLike,
    second: ArrayLike,
    settings: ComparisonSettings,
    *,
    number: int = 0,
    higher_is_better: bool = True,
) -> RunSummary:
    """Return the probability that a training is better under the first of two methods made from it.

    P(X > Y) + P(X = Y) / 2 over trainings and datasets, X and Y scores of the same training: what
    ``probability_of_improvement`` is of independent trainings. Every replicate draws the trainings
    once for both.

    Args:
        first: One measure by training and dataset, shape (runs, tasks).
        second: The same of the other method, trainings in the same order.
        settings: Replicates, seed and level.
        number: Number of the trainings, from 0: others are drawn independently.
        higher_is_better: False for losses such as Brier and ECE.

    Raises:
        CalibrantError: If a score is missing or the shapes differ.
    """
    sign = 1.0 if higher_is_better else -1.0
    one, other = sign * score_table(first, "first"), sign * score_table(second, "second")
    if one.shape != other.shape:
        raise CalibrantError(
            f"{one.shape[0]} trainings on {one.shape[1]} datasets cannot be paired with "
            f"{other.shape[0]} on {other.shape[1]}"
        )
    wins = (np.sign(one - other) + 1) / 2
    drawn = draw_runs(wins, settings, number).mean(axis=(1, 2))
    return _summary(float(wins.mean()), drawn, settings.level)


def _summary(value: float, drawn: FloatArray, level: float) -> RunSummary:
    if np.ptp(drawn) < 1e-12:
        return RunSummary(value, None, None)
    ends = percentile_interval(drawn, level)
    return RunSummary(value, ends.low, ends.high)
