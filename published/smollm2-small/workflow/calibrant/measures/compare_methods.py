"""Stage ``compare_methods``: the methods of one dataset, each against the baseline."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.measures.comparison import ComparisonSettings
from calibrant.measures.comparison_settings import CompareMethodsSettings
from calibrant.measures.difference_figures import TESTED, MeasuredMethod, figure
from calibrant.measures.holm import holm
from calibrant.measures.method_difference import interquartile_means, method_row
from calibrant.measures.missing_policy import MissingPolicy
from calibrant.measures.replicates import DEFAULT_EXECUTION, Execution
from calibrant.measures.trainings import Draws, measure_trainings, read_training
from calibrant.rows import Prediction

SCHEMA = "calibrant-comparison/1"
_FINER = 1.5

ByMethod = Mapping[str, Mapping[int, Sequence[Prediction]]]
"""Method to seed to answers."""


def compare_methods(
    predictions: ByMethod,
    settings: CompareMethodsSettings,
    seed: int,
    execution: Execution = DEFAULT_EXECUTION,
) -> dict[str, Any]:
    """Compare methods on the questions of one dataset that all of them answered.

    All see the same draws of questions. Where a method has several seeds, its trainings are drawn
    too (``two_level``), alike for methods that rest on the same ones, such as a model and its
    calibrated answers; a method with one seed, as a model that was not trained, stays as it is. The
    p-values of all methods and tested measures are one family, adjusted by Holm's method; the smooth
    ECE is not tested (``method_difference.TESTED``).

    Args:
        predictions: Answers of every method of the settings and no other.
        settings: Baseline, margin and how to resample. There are more replicates where so many
            tests need them: no p-value is below 2 / (B + 1).
        seed: Seed of the draws.
        execution: Threads and progress; changes no figure.

    Returns:
        ``rows``, one per method but the baseline, each with a figure (value, low, high, undefined)
        for everything; ``methods``, what each answered and its interquartile means; ``questions``,
        how many are compared and how many of each method were left out; and ``settings``. No NaN.

    Raises:
        CalibrantError: If a method is missing or not in the settings, methods that rest on the same
            trainings have other seeds, answers are of several datasets, or no question was
            answered by all.
    """
    dataset, split = _checked(predictions, settings)
    shared = _shared_questions(predictions)
    codes = {question: code for code, question in enumerate(sorted(shared))}
    family = (len(settings.methods) - 1) * len(TESTED)
    finest = math.ceil(_FINER * 2 * family / (1 - settings.level))
    draws = Draws(
        replicates=max(settings.replicates, finest),
        smooth_replicates=settings.replicates,
        questions_seed=seed,
        seeds_seed=seed,
        bins=settings.bins,
    )
    measured = {
        name: _measure(
            name,
            number,
            predictions[name],
            codes=codes,
            draws=draws,
            policy=settings.missing_confidence,
            execution=execution,
        )
        for name, number in settings.training_numbers().items()
    }
    testing = ComparisonSettings(settings.replicates, seed, settings.level, settings.power)
    baseline = measured[settings.baseline]
    rows = [
        method_row(method, baseline, testing, settings.margin)
        for method in measured.values()
        if method is not baseline
    ]
    _adjust(rows)
    return {
        "schema": SCHEMA,
        "dataset": dataset,
        "split": split,
        "baseline": settings.baseline,
        "questions": {"shared": len(shared), "left_out": _left_out(predictions, shared)},
        "methods": {name: _described(method, testing) for name, method in measured.items()},
        "rows": rows,
        "settings": {
            **settings.model_dump(exclude={"methods", "baseline"}),
            "seed": seed,
            "test_replicates": draws.replicates,
            "tests": family,
        },
    }


def by_method(files: Iterable[Sequence[Prediction]]) -> dict[str, dict[int, Sequence[Prediction]]]:
    """Put the rows of many files under their method and seed.

    Raises:
        CalibrantError: If a file is empty, holds several methods or seeds, or repeats another.
    """
    found: dict[str, dict[int, Sequence[Prediction]]] = {}
    for rows in files:
        names = {(row.method, row.seed) for row in rows}
        if len(names) != 1:
            raise CalibrantError(
                f"holds the answers of {len(names)} trainings instead of one", where="predictions"
            )
        ((method, seed),) = names
        if seed in found.setdefault(method, {}):
            raise CalibrantError(f"seed {seed} is given twice", where=f"predictions of {method}")
        found[method][seed] = rows
    return found


def _checked(predictions: ByMethod, settings: CompareMethodsSettings) -> tuple[str, str]:
    """Check that all is there, and return the dataset and the split."""
    odd = sorted(set(settings.methods) ^ set(predictions)) or [
        name for name, trainings in predictions.items() if not all(trainings.values())
    ]
    if odd:
        raise CalibrantError(
            f"methods and predictions do not agree: {', '.join(odd)}",
            where="predictions",
            repair="Give the predictions of every method to be compared, and no other",
        )
    if settings.baseline not in settings.methods:
        raise CalibrantError(
            f"{settings.baseline} is not one of the methods",
            where="baseline",
            repair=f"Name one of {', '.join(settings.methods)}",
        )
    _check_same_seeds(predictions, settings)
    sources = {
        (row.dataset, row.split)
        for trainings in predictions.values()
        for rows in trainings.values()
        for row in rows
    }
    if len(sources) != 1:
        listed = ", ".join(" ".join(pair) for pair in sorted(sources))
        raise CalibrantError(f"answers are of several datasets: {listed}", where="predictions")
    return sources.pop()


def _check_same_seeds(predictions: ByMethod, settings: CompareMethodsSettings) -> None:
    # Trainings are paired by their place among the seeds, so these must be the same.
    first: dict[str, str] = {}
    for name in settings.methods:
        other = first.setdefault(settings.trainings[name], name)
        if set(predictions[name]) != set(predictions[other]):
            raise CalibrantError(
                f"{other} and {name} rest on the same trainings and have other seeds",
                where="predictions",
                repair="Give the predictions of both with the same seeds",
            )


def _shared_questions(predictions: ByMethod) -> set[str]:
    asked = [
        {row.question_id for row in rows}
        for trainings in predictions.values()
        for rows in trainings.values()
    ]
    shared = set.intersection(*asked)
    if not shared:
        raise CalibrantError(
            "no question is answered by all methods",
            where="predictions",
            repair="Compare methods on the same questions: give them the same limit",
        )
    return shared


def _left_out(predictions: ByMethod, shared: set[str]) -> dict[str, int]:
    """Count the questions of each method, with any seed, that are not compared."""
    return {
        name: len({row.question_id for rows in trainings.values() for row in rows} - shared)
        for name, trainings in predictions.items()
    }


def _measure(  # noqa: PLR0913 (one method of many)
    name: str,
    number: int,
    answers: Mapping[int, Sequence[Prediction]],
    *,
    codes: Mapping[str, int],
    draws: Draws,
    policy: MissingPolicy,
    execution: Execution,
) -> MeasuredMethod:
    trainings = [read_training(answers[seed], codes, policy) for seed in sorted(answers)]
    measured = measure_trainings(trainings, len(codes), draws, number, execution)
    return MeasuredMethod(name, number, trainings, measured)


def _adjust(rows: Sequence[dict[str, Any]]) -> None:
    p_values = {
        (at, name): row[name]["p_value"]["value"] for at, row in enumerate(rows) for name in TESTED
    }
    for (at, name), adjusted in holm(p_values).items():
        reason = rows[at][name]["p_value"]["undefined"]
        rows[at][name]["adjusted_p_value"] = figure(adjusted, undefined=reason)
    for row in rows:
        untested = row["smooth_ece"]
        untested["adjusted_p_value"] = dict(untested["p_value"])


def _described(method: MeasuredMethod, settings: ComparisonSettings) -> dict[str, Any]:
    return {
        "seeds": [training.seed for training in method.trainings],
        "answers": sum(training.rows for training in method.trainings),
        "graded": sum(len(training.everyone) for training in method.trainings),
        "without_confidence": sum(item.without_confidence for item in method.trainings),
        "interquartile_mean": interquartile_means(method, settings),
    }
