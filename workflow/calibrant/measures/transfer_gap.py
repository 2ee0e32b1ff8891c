"""Stage ``transfer_gap``: what calibration learnt in one domain is worth in another."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from hashlib import sha256
from itertools import product
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.measures.averaged_method import averaged_method
from calibrant.measures.compare_methods import by_method
from calibrant.measures.comparison import ComparisonSettings
from calibrant.measures.comparison_settings import TransferSettings
from calibrant.measures.difference_figures import (
    MeasuredMethod,
    difference,
    figure,
    no_interval,
    point_figure,
)
from calibrant.measures.missing_policy import MissingPolicy
from calibrant.measures.replicates import DEFAULT_EXECUTION, Execution
from calibrant.measures.trainings import Draws, measure_trainings, read_training
from calibrant.rows import Prediction

SCHEMA = "calibrant-transfer/2"
MEASURES = ("accuracy", "brier", "gap", "smooth_ece", "debiased_ece")

Answers = Mapping[tuple[str, str], Mapping[int, Sequence[Prediction]]]
"""(method, dataset) to seed to answers."""

_Measured = Callable[[str, tuple[int, ...]], MeasuredMethod]
"""From a dataset and seeds to a method's measures there."""

_Shared = Callable[[Sequence[str]], tuple[tuple[int, ...], int]]
"""From datasets to the seeds with answers to all, and how many have not."""


def transfer_gap(
    predictions: Answers,
    settings: TransferSettings,
    seed: int,
    execution: Execution = DEFAULT_EXECUTION,
) -> dict[str, Any]:
    """Measure every method on held-out datasets minus in-domain ones.

    Questions of two datasets are independent, so each has draws of its own. A training answers both
    and takes its luck along, so the draw of trainings is the same for both; only seeds with answers
    to both are compared.

    Args:
        predictions: Answers of all methods to all datasets of the settings.
        settings: Which datasets are in domain and which held out for each method, and how to
            resample.
        seed: Seed of the draws.
        execution: Threads and progress; changes no figure.

    Returns:
        ``rows``, one per method, held-out and in-domain dataset: for each of ``MEASURES`` the
        figures ``in_domain``, ``held_out`` and ``difference`` (value, low, high, undefined; above 0
        is more on held-out questions), with ``seeds`` and ``seeds_left_out``. ``averages``, the same
        of the means over datasets, one per method and ``part``: the ``sealed`` ones, and the
        ``others`` that nothing was trained on; every dataset counts alike, and ``debiased_ece`` is
        the root of the mean square. No NaN.

    Raises:
        CalibrantError: If a dataset is on both sides, answers are missing, or a method has no seed
            on both datasets.
    """
    for method in settings.methods:
        both = set(settings.in_domain[method]) & set(settings.held_out[method])
        if both:
            raise CalibrantError(
                f"{', '.join(sorted(both))} is in-domain and held out for {method}",
                where="held_out",
            )
    rows: list[dict[str, Any]] = []
    averages: list[dict[str, Any]] = []
    for method, number in settings.training_numbers().items():
        shared = partial(_shared_seeds, predictions, method)
        measured = _measuring(
            method, number, predictions, settings=settings, seed=seed, execution=execution
        )
        rows += _rows(method, shared, measured, settings, seed)
        averages += _averages(method, shared, measured, settings, seed)
    left_out = {"methods", "trainings", "in_domain", "held_out", "sealed"}
    kept = settings.model_dump(exclude=left_out)
    return {
        "schema": SCHEMA,
        "rows": rows,
        "averages": averages,
        "settings": {**kept, "seed": seed},
    }


def _measuring(  # noqa: PLR0913 (one method of many)
    method: str,
    number: int,
    predictions: Answers,
    *,
    settings: TransferSettings,
    seed: int,
    execution: Execution,
) -> _Measured:
    @cache
    def measured(dataset: str, seeds: tuple[int, ...]) -> MeasuredMethod:
        answers = [predictions[method, dataset][item] for item in seeds]
        draws = _draws(settings, seed, dataset)
        name, policy = f"{method} on {dataset}", settings.missing_confidence
        return _measure(name, number, answers, policy=policy, draws=draws, execution=execution)

    return measured


def _rows(
    method: str, shared: _Shared, measured: _Measured, settings: TransferSettings, seed: int
) -> Iterator[dict[str, Any]]:
    for held_out, in_domain in product(settings.held_out[method], settings.in_domain[method]):
        seeds, left_out = shared((in_domain, held_out))
        yield {
            "method": method,
            "in_domain": in_domain,
            "held_out": held_out,
            "seeds": len(seeds),
            "seeds_left_out": left_out,
            **_row([measured(held_out, seeds)], [measured(in_domain, seeds)], settings, seed),
        }


def _averages(
    method: str, shared: _Shared, measured: _Measured, settings: TransferSettings, seed: int
) -> Iterator[dict[str, Any]]:
    in_domain = settings.in_domain[method]
    for part, wanted in (("sealed", True), ("others", False)):
        there = [name for name in settings.held_out[method] if (name in settings.sealed) is wanted]
        if not there:
            continue
        seeds, left_out = shared((*in_domain, *there))
        yield {
            "method": method,
            "part": part,
            "in_domain": in_domain,
            "held_out": there,
            "seeds": len(seeds),
            "seeds_left_out": left_out,
            **_row(
                [measured(name, seeds) for name in there],
                [measured(name, seeds) for name in in_domain],
                settings,
                seed,
            ),
        }


def _row(
    held_out: Sequence[MeasuredMethod],
    in_domain: Sequence[MeasuredMethod],
    settings: TransferSettings,
    seed: int,
) -> dict[str, Any]:
    testing = ComparisonSettings(settings.replicates, seed, settings.level)
    there, here = averaged_method(held_out), averaged_method(in_domain)
    row = {}
    for name in MEASURES:
        drawn = there.measured.over_seeds(name), here.measured.over_seeds(name)
        # A dataset with one question has no draws, and neither has the difference then.
        fewest = min(map(len, drawn))
        found = difference(name, there, here, drawn[0][:fewest] - drawn[1][:fewest], testing)
        # A dataset that resampling takes for certain would narrow the interval of the mean.
        certain = None if found.value is None else _certain(name, [*held_out, *in_domain])
        row[name] = {
            "in_domain": point_figure(name, here),
            "held_out": point_figure(name, there),
            "difference": figure(found.value, undefined=certain)
            if certain
            else figure(found.value, found.low, found.high, found.reason or None),
        }
    return row


def _certain(name: str, datasets: Sequence[MeasuredMethod]) -> str | None:
    reasons = (no_interval(name, item, item, item.measured.over_seeds(name)) for item in datasets)
    return next(filter(None, reasons), None)


def _measure(  # noqa: PLR0913 (one cell of many)
    name: str,
    number: int,
    answers: Sequence[Sequence[Prediction]],
    *,
    policy: MissingPolicy,
    draws: Draws,
    execution: Execution,
) -> MeasuredMethod:
    questions = sorted({row.question_id for rows in answers for row in rows})
    codes = {question: code for code, question in enumerate(questions)}
    trainings = [read_training(rows, codes, policy) for rows in answers]
    measured = measure_trainings(trainings, len(codes), draws, number, execution)
    return MeasuredMethod(name, number, trainings, measured)


def _draws(settings: TransferSettings, seed: int, dataset: str) -> Draws:
    # Datasets of equal size would share their draws with one seed, though they share no question.
    own = int.from_bytes(sha256(f"{seed} {dataset}".encode()).digest()[:8], "big")
    return Draws(
        replicates=settings.replicates,
        smooth_replicates=settings.replicates,
        questions_seed=own,
        seeds_seed=seed,
        bins=settings.bins,
    )


def _shared_seeds(
    predictions: Answers, method: str, datasets: Sequence[str]
) -> tuple[tuple[int, ...], int]:
    """Return the seeds with answers to all datasets, and how many have not."""
    found = [set(predictions.get((method, name), {})) for name in datasets]
    shared = set.intersection(*found)
    if not shared:
        raise CalibrantError(
            f"no training of {method} answered both {' and '.join(datasets)}",
            where="predictions",
            repair="Give the predictions of every method on every dataset",
        )
    return tuple(sorted(shared)), len(set.union(*found) - shared)


def by_dataset(
    files: Iterable[Sequence[Prediction]],
) -> dict[tuple[str, str], dict[int, Sequence[Prediction]]]:
    """Put the rows of many files under their method and dataset, and their seed.

    Raises:
        CalibrantError: If a file holds several methods, seeds or datasets, or repeats another.
    """
    by_name: dict[str, list[Sequence[Prediction]]] = {}
    for rows in files:
        names = {row.dataset for row in rows}
        if len(names) != 1:
            raise CalibrantError(f"holds {len(names)} datasets instead of one", where="predictions")
        by_name.setdefault(names.pop(), []).append(rows)
    return {
        (method, dataset): seeds
        for dataset, listed in by_name.items()
        for method, seeds in by_method(listed).items()
    }
