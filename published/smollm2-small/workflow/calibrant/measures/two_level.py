"""Several trainings of one method: a bootstrap over seeds and questions, and what varies with each.

Every seed answers the same questions, so seeds and questions are crossed: a replicate draws seeds,
and one set of questions for all of them. Drawing questions anew for every seed would average the
luck of the questions away, and the interval would be too short.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.measures.bootstrap import Panel, bootstrap_values, point_estimates
from calibrant.measures.comparison import ComparisonSettings
from calibrant.measures.replicates import DEFAULT_EXECUTION, Execution, replicate_generator
from calibrant.measures.sample import FloatArray

SEED_STREAM = 1000
"""Streams from here on draw seeds, one stream per method."""


@dataclass(frozen=True, slots=True, eq=False)
class SeedReplicates:
    """One measure of all S trainings.

    Attributes:
        points: On all questions, shape (S,), NaN where undefined.
        values: On every draw of questions, shape (B, S), NaN where undefined.
        means: Means over a draw of seeds on the draw of questions, shape (B,): the replicates of
            ``points.mean()``.
    """

    points: FloatArray
    values: FloatArray
    means: FloatArray


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """Where the variance of a measure comes from.

    Attributes:
        seed: Variance between trainings on endlessly many questions. An
            unbiased estimate, so it can fall below 0 when seeds hardly differ.
        question: Variance that one draw of the questions adds to all trainings alike.
        interaction: Variance that it adds to each training by itself, the noise of answers included.
        mean: Variance of the mean over S trainings: seed / S + question + interaction / S.
    """

    seed: float
    question: float
    interaction: float
    mean: float


def two_level_replicates(
    trainings: Sequence[Sequence[Panel]],
    clusters: int,
    settings: ComparisonSettings,
    method: int = 0,
    execution: Execution = DEFAULT_EXECUTION,
) -> dict[str, SeedReplicates]:
    """Return every measure of every training, and of their mean, on every replicate.

    A replicate draws the k questions with replacement, once for all trainings, and S - 1 of the S
    trainings with replacement: with S draws the variance between seeds would come out a share
    (S - 1) / S too small, a fifth with five seeds (Rao and Wu 1988). Assumes that trainings differ
    by their seed alone and questions are independent. The variance of the mean it gives is that of
    crossed random effects, slightly too large by the interaction (pigeonhole bootstrap, Owen 2007,
    Ann. Appl. Statist. 1). Percentiles of few seeds are still short where seeds matter more than
    questions: five seeds give about the interval of a normal, not of a t distribution.

    Two methods with the same settings see the same questions, so the replicates of the difference
    are those of ``means`` subtracted one by one (``comparison.assess_difference``).

    Args:
        trainings: The panels of each training; measures alike, questions numbered alike.
        clusters: Number of questions k, at least 2.
        settings: Number of replicates B and seed.
        method: Number of the method, from 0: methods draw their trainings independently.
        execution: Threads and progress; changes no result.

    Raises:
        CalibrantError: If there are fewer than two trainings, or they are not measured alike.
    """
    count = len(trainings)
    if count < 2:
        raise CalibrantError(
            "one training shows no spread between seeds",
            where="seeds",
            repair="Train with more seeds, or resample questions alone and say so",
        )
    panels, names = _numbered(trainings)
    points = point_estimates(panels)
    drawn = bootstrap_values(
        panels, clusters, replicates=settings.replicates, seed=settings.seed, execution=execution
    )
    weights = np.stack(
        [_draw_seeds(count, settings.seed, method, number) for number in range(settings.replicates)]
    )
    result = {}
    for name in names:
        keys = [f"{number} {name}" for number in range(count)]
        known = np.array([np.nan if (value := points[key]) is None else value for key in keys])
        values = np.stack([drawn[key] for key in keys], axis=1)
        # A training that was not drawn may be undefined; one that was makes the mean so.
        counted = np.where(weights > 0, values, 0.0) * weights
        result[name] = SeedReplicates(known, values, counted.sum(axis=1) / (count - 1))
    return result


def variance_components(measured: SeedReplicates) -> VarianceComponents | None:
    """Split the variance of a measure into seeds, questions and what is left.

    Over draws of questions, the mean covariance between two trainings is the part of the questions,
    and the mean variance of one training less this is the interaction; the variance between the
    trainings, less the interaction, is the part of the seeds. For a mean over questions this is the
    random-effects analysis of variance of seeds times questions (Searle, Casella and McCulloch
    1992, chapter 4) with n - 1 replaced by n; it extends to measures that are no means, as ECE.

    Args:
        measured: From ``two_level_replicates``.

    Returns:
        The components; None if a training has no value, or fewer than two replicates have all.
    """
    complete = measured.values[~np.isnan(measured.values).any(axis=1)]
    if np.isnan(measured.points).any() or len(complete) < 2:
        return None
    count = len(measured.points)
    covariance = np.cov(complete, rowvar=False)
    own = float(np.trace(covariance)) / count
    question = float(covariance.sum() - np.trace(covariance)) / (count * (count - 1))
    seed = float(measured.points.var(ddof=1)) - (own - question)
    interaction = own - question
    mean = max(seed, 0.0) / count + question + interaction / count
    return VarianceComponents(seed, question, interaction, mean)


def _numbered(trainings: Sequence[Sequence[Panel]]) -> tuple[list[Panel], list[str]]:
    names = [name for panel in trainings[0] for name in panel.measures]
    panels = []
    for number, training in enumerate(trainings):
        if sorted(name for panel in training for name in panel.measures) != sorted(names):
            raise CalibrantError("trainings are not measured alike", where=f"training {number}")
        panels += [
            Panel(panel.groups, {f"{number} {name}": take for name, take in panel.measures.items()})
            for panel in training
        ]
    return panels, names


def _draw_seeds(count: int, seed: int, method: int, replicate: int) -> FloatArray:
    generator = replicate_generator(seed, SEED_STREAM + method, replicate)
    drawn = generator.integers(0, count, size=count - 1)
    return np.bincount(drawn, minlength=count).astype(np.float64)
