"""One method on one dataset: the answers of its trainings, measured on every draw of questions.

A method that is not trained counts as one training, which no draw of seeds changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.measures.bootstrap import Panel, bootstrap_values, point_estimates
from calibrant.measures.debiased_calibration import debiased_squared_error
from calibrant.measures.missing_policy import MissingPolicy
from calibrant.measures.ranking import auroc
from calibrant.measures.replicates import DEFAULT_EXECUTION, Execution, replicate_generator
from calibrant.measures.sample import (
    FloatArray,
    ScoredSample,
    apply_missing_policy,
    scored_sample,
)
from calibrant.measures.scores import accuracy, brier, gap
from calibrant.measures.smooth_calibration import smooth_ece
from calibrant.measures.two_level import SEED_STREAM
from calibrant.measures.weighting import Measure, tie_groups
from calibrant.rows import Prediction

SQUARED = "debiased_squared_error"
"""The measure whose root is ``debiased_ece``: means over datasets are taken of it, unrooted."""


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """The answers of one training.

    Attributes:
        seed: Its seed.
        everyone: All graded answers, for the accuracy; their confidence says nothing.
        stated: Those with a confidence after the policy.
        rows: Answers, graded or not.
        without_confidence: Graded answers without a confidence of their own.
    """

    seed: int
    everyone: ScoredSample
    stated: ScoredSample
    rows: int
    without_confidence: int


@dataclass(frozen=True, slots=True)
class Draws:
    """How trainings are resampled.

    Attributes:
        replicates: Replicates of everything but the smooth ECE.
        smooth_replicates: Replicates of the smooth ECE, which takes most of the time; at most
            ``replicates``. They are the first of the others.
        questions_seed: Seed of the draws of questions.
        seeds_seed: Seed of the draws of trainings.
        bins: Bins of the debiased ECE.
    """

    replicates: int
    smooth_replicates: int
    questions_seed: int
    seeds_seed: int
    bins: int


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredTrainings:
    """All measures of S trainings: accuracy, brier, auroc, gap, smooth_ece and debiased_ece.

    ``SQUARED`` stands beside them, negative about as often as not where a training is calibrated.

    Attributes:
        points: By measure, on all questions, shape (S,), NaN where undefined.
        values: By measure, on every draw of questions, shape (B, S), NaN where undefined; B is 0
            where there is one question.
        weights: Share of every training in the draw of trainings, shape (B, S), rows summing to 1.
    """

    points: Mapping[str, FloatArray]
    values: Mapping[str, FloatArray]
    weights: FloatArray

    def point(self, name: str) -> float | None:
        """Return the mean over trainings, None where one has no value."""
        mean = float(np.mean(self.points[name]))
        return None if np.isnan(mean) else mean

    def over_questions(self, name: str) -> FloatArray:
        """Return the mean over all trainings on every draw of questions, shape (B,)."""
        return np.asarray(self.values[name].mean(axis=1))

    def over_seeds(self, name: str) -> FloatArray:
        """Return the mean over a draw of trainings on every draw of questions, shape (B,)."""
        values = self.values[name]
        weights = self.weights[: len(values)]
        # A training that was not drawn may be undefined; one that was makes the mean so.
        return np.asarray((np.where(weights > 0, values, 0.0) * weights).sum(axis=1))


def read_training(
    rows: Sequence[Prediction], codes: Mapping[str, int], policy: MissingPolicy
) -> Training:
    """Return the answers of one training to the questions of ``codes``; others are left out.

    Args:
        rows: Its answers to one dataset.
        codes: Number of every question that counts, 0..k-1.
        policy: What stands in for a missing confidence (``sample.apply_missing_policy``).

    Raises:
        CalibrantError: If there is no answer, or a confidence is out of range.
    """
    kept = [row for row in rows if row.question_id in codes]
    if not kept:
        raise CalibrantError("there is no answer to any of the questions", where="predictions")
    graded = [row for row in kept if row.correct is not None]
    right = np.array([bool(row.correct) for row in graded], dtype=np.float64)
    questions = np.array([codes[row.question_id] for row in graded], dtype=np.int64)
    stated = np.array([np.nan if row.confidence is None else row.confidence for row in graded])
    filled = apply_missing_policy(stated, right, policy)
    known = np.flatnonzero(~np.isnan(filled))
    sample = scored_sample(filled[known], right[known])
    return Training(
        seed=kept[0].seed,
        everyone=ScoredSample(np.zeros(len(right)), right, questions),
        stated=ScoredSample(sample.confidence, sample.correct, questions[known]),
        rows=len(kept),
        without_confidence=int(np.isnan(stated).sum()),
    )


def measure_trainings(
    trainings: Sequence[Training],
    clusters: int,
    draws: Draws,
    number: int = 0,
    execution: Execution = DEFAULT_EXECUTION,
) -> MeasuredTrainings:
    """Return every measure of every training, with its replicates.

    The draws are those of ``two_level.two_level_replicates``, so methods with the same seed of
    questions see the same questions. ``debiased_ece`` is the root of the debiased squared error. A
    replicate repeats answers, which lifts that error above the sample's; its replicates are moved
    back by the mean of that lift before the root is taken. Intervals of differences then held the
    true one in 80 to 98 % of simulations at 500 questions where 95 % were asked for, without this in
    65 to 94 %; in 150 simulations of two calibrated methods no test at 5 % found a difference.

    Args:
        trainings: At least one, questions numbered alike.
        clusters: Number of questions k.
        draws: Number of replicates and seeds.
        number: Number of the trainings: methods that were trained apart draw them independently,
            methods made from the same trainings draw the same ones.
        execution: Threads and progress; changes no result.
    """
    numbered = list(enumerate(trainings))
    quick = [panel for at, item in numbered for panel in _panels(at, item, draws.bins)]
    slow = [
        Panel(tie_groups(item.stated), {f"{at} smooth_ece": smooth_ece}) for at, item in numbered
    ]
    known = point_estimates([*quick, *slow])
    drawn: dict[str, FloatArray] = {name: np.empty(0) for name in known}
    if clusters > 1:
        for panels, count in ((quick, draws.replicates), (slow, draws.smooth_replicates)):
            drawn |= bootstrap_values(
                panels, clusters, replicates=count, seed=draws.questions_seed, execution=execution
            )
    names = [name.removeprefix("0 ") for name in known if name.startswith("0 ")]
    points, values = {}, {}
    for name in names:
        keys = [f"{at} {name}" for at, _ in numbered]
        points[name] = np.array([np.nan if known[key] is None else known[key] for key in keys])
        values[name] = np.stack([drawn[key] for key in keys], axis=1)
    values[SQUARED] = values[SQUARED] - _lift(values[SQUARED], points[SQUARED])
    weights = _training_weights(len(trainings), draws, number)
    return MeasuredTrainings(with_root(points), with_root(values), weights)


def with_root(measures: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return the measures with ``debiased_ece``: the root of ``SQUARED``, 0 where it is negative."""
    return {**measures, "debiased_ece": np.sqrt(np.maximum(measures[SQUARED], 0.0))}


def _panels(number: int, training: Training, bins: int) -> list[Panel]:
    measures: dict[str, Measure] = {
        "brier": brier,
        "auroc": auroc,
        "gap": gap,
        SQUARED: partial(debiased_squared_error, bins=bins),
    }
    named = {f"{number} {name}": measure for name, measure in measures.items()}
    return [
        Panel(tie_groups(training.everyone), {f"{number} accuracy": accuracy}),
        Panel(tie_groups(training.stated), named),
    ]


def _lift(replicated: FloatArray, points: FloatArray) -> FloatArray:
    """Return how far the mean replicate of each training lies above its value, shape (S,)."""
    defined = ~np.isnan(replicated)
    counted = np.maximum(defined.sum(axis=0), 1)
    return np.asarray(np.where(defined, replicated, 0.0).sum(axis=0) / counted - points)


def _training_weights(count: int, draws: Draws, number: int) -> FloatArray:
    """Draw one training fewer than there are, as ``two_level`` explains."""
    if count == 1:
        return np.ones((draws.replicates, 1))
    rows = []
    for replicate in range(draws.replicates):
        generator = replicate_generator(draws.seeds_seed, SEED_STREAM + number, replicate)
        drawn = generator.integers(0, count, size=count - 1)
        rows.append(np.bincount(drawn, minlength=count) / (count - 1))
    return np.stack(rows)
