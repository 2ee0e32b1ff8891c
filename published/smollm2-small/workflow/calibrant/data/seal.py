"""Stage ``seal``: what a study learns from, without what it is evaluated on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from calibrant.data.overlap import drop_overlapping, find_overlap
from calibrant.errors import CalibrantError
from calibrant.rows import Question
from calibrant.stage_settings.sources import SealSettings

SCHEMA = "calibrant-overlap/1"


def seal_training_set(
    datasets: Sequence[Sequence[Question]], settings: SealSettings
) -> tuple[list[Question], dict[str, Any]]:
    """Compare every training set with everything evaluated, and drop what they share.

    Compared with are all rows of the evaluation datasets but their training rows: a threshold
    fitted on calibration rows that were trained on would be as wrong as a test figure. Where
    figures are published from a train split, its rows are compared as well, except with the
    training rows of the same dataset, which they are.

    Args:
        datasets: The rows of each dataset of the study.
        settings: Which datasets train, and which splits are evaluated.

    Returns:
        The training rows, at most the study's ``limit`` of each dataset, and the overlap document:
        ``cells`` (one per pair), ``rows`` (every dropped row and what it gives away), ``dropped``
        and ``kept`` (rows per training dataset).

    Raises:
        CalibrantError: If nothing is left to train on.
    """
    by_name = {rows[0].dataset: rows for rows in datasets if rows}
    train = {
        use.dataset: [row for row in by_name.get(use.dataset, ()) if row.split == "train"]
        for use in settings.train
    }
    evaluation = {
        use.dataset: [
            row for row in by_name[use.dataset] if row.split != "train" or use.split == "train"
        ]
        for use in settings.evaluate
        if use.dataset in by_name
    }
    words, generated = settings.shingle_words, settings.generated
    cells = find_overlap(train, evaluation, words, generated)
    kept, dropped = drop_overlapping(train, evaluation, words, generated)
    counts = Counter(row.dataset for row in dropped)
    chosen = {use.dataset: kept[use.dataset][: use.limit] for use in settings.train}
    for name, rows in chosen.items():
        if not rows:
            raise CalibrantError(
                f"no training row of {name} is left: {counts[name]} overlap with what is evaluated",
                where="datasets.train",
                repair="Make the dataset larger, or evaluate on another one",
            )
    return [row for rows in chosen.values() for row in rows], {
        "schema": SCHEMA,
        "cells": [asdict(cell) for cell in cells],
        "rows": [asdict(row) for row in dropped],
        "dropped": len(dropped),
        "dropped_by_dataset": {name: counts[name] for name in train},
        "kept": {name: len(rows) for name, rows in chosen.items()},
    }


def seal_validation_set(
    datasets: Sequence[Sequence[Question]], settings: SealSettings
) -> tuple[list[Question], dict[str, Any]]:
    """Compare the validation rows of the training sets with everything evaluated, likewise.

    They choose the checkpoint, and a checkpoint chosen on a test question is tuned on it. Compared
    with are the rows figures are published from and the calibration rows of the evaluation datasets.

    Args:
        datasets: The rows of each dataset of the study.
        settings: Which datasets train, and which splits are evaluated.

    Returns:
        The validation rows of all training datasets, one dataset after the other, and what was left
        out: ``rows`` and ``dropped``, as in the overlap document, and ``kept`` by dataset.
    """
    by_name = {rows[0].dataset: rows for rows in datasets if rows}
    validation = {
        use.dataset: [row for row in by_name.get(use.dataset, ()) if row.split == "validation"]
        for use in settings.train
    }
    evaluation = {
        use.dataset: [
            row for row in by_name[use.dataset] if row.split in {use.split, "calibration", "test"}
        ]
        for use in settings.evaluate
        if use.dataset in by_name
    }
    kept, dropped = drop_overlapping(
        validation, evaluation, settings.shingle_words, settings.generated
    )
    return [row for rows in kept.values() for row in rows], {
        "rows": [asdict(row) for row in dropped],
        "dropped": len(dropped),
        "kept": {name: len(rows) for name, rows in kept.items()},
    }
