"""Stage ``measure``: the figures of one method on one dataset."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from calibrant.measures.sample import FloatArray
from calibrant.measures.summary import measure_sample
from calibrant.rows import Prediction
from calibrant.stage_settings.measure import MeasureSettings

SCHEMA = "calibrant-measures/1"
MOST_GRADES = 10

_Columns = Mapping[str, Sequence[float | None]]


def measure_predictions(
    predictions: Sequence[Prediction], settings: MeasureSettings, seed: int
) -> dict[str, Any]:
    """Measure predictions as graded here and, for recorded transcripts, also as published.

    Args:
        predictions: All rows of one method, seed and dataset.
        settings: Bootstrap, level, bins and the policy for missing confidences.
        seed: Seed of the bootstrap.

    Returns:
        ``views``: ``graded`` (our reading and grading) and, where stored with the transcripts,
        ``recorded`` (their labels and confidences), each as ``measure_sample`` returns it, the
        graded one with the distance from the truth where all graded rows have a true probability;
        and ``by_difficulty``, accuracy and mean confidence per grade, where questions are graded.
    """
    views = {"graded": _graded_view(predictions, settings, seed, further=True)}
    if any(row.recorded_correct is not None for row in predictions):
        recorded: _Columns = {
            "confidence": [row.recorded_confidence for row in predictions],
            "correct": [row.recorded_correct for row in predictions],
        }
        views["recorded"] = _view(recorded, predictions, settings, seed)
    first = predictions[0]
    return {
        "schema": SCHEMA,
        "method": first.method,
        "seed": first.seed,
        "dataset": first.dataset,
        "domains": sorted({row.domain for row in predictions}),
        "split": first.split,
        "views": views,
        "by_difficulty": _by_difficulty(predictions, settings, seed),
        "agreement": _agreement(predictions),
        "unread": _unread(predictions),
    }


def _graded_view(
    predictions: Sequence[Prediction],
    settings: MeasureSettings,
    seed: int,
    *,
    further: bool = False,
) -> dict[str, Any]:
    graded: _Columns = {
        "confidence": [row.confidence for row in predictions],
        "correct": [row.correct for row in predictions],
        "true_probability": [row.true_probability for row in predictions],
    }
    return _view(graded, predictions, settings, seed, further=further)


def _view(
    columns: _Columns,
    predictions: Sequence[Prediction],
    settings: MeasureSettings,
    seed: int,
    *,
    further: bool = False,
) -> dict[str, Any]:
    true = columns.get("true_probability")
    return measure_sample(
        _or_nan(columns["confidence"]),
        _or_nan(columns["correct"]),
        [row.question_id for row in predictions],
        true_probability=None if true is None else _or_nan(true),
        policy=settings.missing_confidence,
        bins=settings.measures.bins,
        replicates=settings.measures.replicates,
        level=settings.measures.level,
        seed=seed,
        further=further,
    )


def _or_nan(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _by_difficulty(
    predictions: Sequence[Prediction], settings: MeasureSettings, seed: int
) -> list[dict[str, Any]]:
    """Return accuracy and mean confidence per grade of difficulty, easiest first.

    Where difficulty is not graded but measured (a solve rate), it is rounded to tenths.
    """
    graded = [row for row in predictions if row.difficulty is not None]
    few = len({row.difficulty for row in graded}) <= MOST_GRADES
    groups: dict[float, list[Prediction]] = {}
    for row in graded:
        grade = row.difficulty if few else round(row.difficulty or 0.0, 1)
        groups.setdefault(grade or 0.0, []).append(row)
    table = []
    for grade, rows in sorted(groups.items()):
        figures = _graded_view(rows, settings, seed)["measures"]
        table.append(
            {
                "difficulty": grade,
                "n": len(rows),
                "accuracy": figures["accuracy"],
                "mean_confidence": figures["mean_confidence"],
            }
        )
    return table


def _agreement(predictions: Sequence[Prediction]) -> dict[str, int] | None:
    """Count where our reading and grading agree with what was recorded, or None."""
    compared = [row for row in predictions if row.recorded_correct is not None]
    if not compared:
        return None
    decided = [row for row in compared if row.correct is not None]
    read = [row for row in compared if row.confidence_status == "ok"]
    return {
        "rows": len(compared),
        "undecided": len(compared) - len(decided),
        "recorded_right_graded_right": _count(decided, recorded=True, graded=True),
        "recorded_right_graded_wrong": _count(decided, recorded=True, graded=False),
        "recorded_wrong_graded_right": _count(decided, recorded=False, graded=True),
        "recorded_wrong_graded_wrong": _count(decided, recorded=False, graded=False),
        "confidences_read": len(read),
        "confidences_equal": sum(row.confidence == row.recorded_confidence for row in read),
    }


def _count(rows: Sequence[Prediction], *, recorded: bool, graded: bool) -> int:
    return sum(row.recorded_correct is recorded and row.correct is graded for row in rows)


def _unread(predictions: Sequence[Prediction]) -> dict[str, dict[str, int]]:
    """Count why grades are missing, and why confidences are among the graded answers."""
    reasons: dict[str, dict[str, int]] = {"confidence": {}, "grade": {}}
    for row in predictions:
        if row.confidence is None and row.correct is not None:
            counts = reasons["confidence"]
            counts[row.confidence_status] = counts.get(row.confidence_status, 0) + 1
        if row.correct is None:
            counts = reasons["grade"]
            counts[row.grade_reason] = counts.get(row.grade_reason, 0) + 1
    return reasons


def headline_figures(document: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of a measures document that have a value, flat, for the record."""
    return {
        f"{kind}.{name}": figure["value"]
        for kind, view in document["views"].items()
        for name, figure in view["measures"].items()
        if figure["value"] is not None
    }
