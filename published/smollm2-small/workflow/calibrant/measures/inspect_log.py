"""Evaluation logs of Inspect (``.json``; a binary ``.eval`` log is exported with ``inspect log``).

The log has a list ``samples``; a sample has id, epoch, metadata and ``scores``, by scorer, each
with a value: C (correct), I (incorrect), N (no answer: counted wrong, as Inspect does), P (partly
correct), 1 and 0, or NaN for unscored. Inspect asks for no confidence; a task that does so states
it as ``confidence`` in the metadata of the score or, failing that, of the sample.
"""

import json
import math
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.tables.plain_tables import check_file, read_utf8
from calibrant.tables.raw_table import RawTable, columns_of

_LETTERS = {"C": 1, "I": 0, "N": 0}


def read_inspect_log(path: Path, scorer: str | None) -> RawTable:
    """Return a log as a table with correct, confidence, question_id (the sample's id) and epoch.

    A sample without a score (it ended in an error, or was left unscored) is ungraded. The keys of a
    sample's metadata are columns too.

    Args:
        path: The log.
        scorer: The scorer that says whether an answer is right; None takes the only one.

    Raises:
        CalibrantError: If the file is no Inspect log with samples, the scorer is not clear, or no
            sample has a confidence.
    """
    log, samples = _samples_of(path)
    name = _find_scorer(path, samples, scorer)
    rows = [
        {**_row(path, number, sample, name), "confidence": confidence}
        for number, (sample, confidence) in enumerate(
            zip(samples, _confidences(samples, name), strict=True), start=1
        )
    ]
    if all(row["confidence"] is None for row in rows):
        raise CalibrantError(
            "is an Inspect log without any confidence",
            where=path,
            repair="Let the scorer put `confidence` into the metadata of its score",
        )
    notes = [f"correctness is the scorer {name}"]
    if log.get("status") not in (None, "success"):
        notes.append(f"the status of the log is {log['status']!r}: samples may be lacking")
    return RawTable(
        path=path,
        kind="Inspect log",
        names=columns_of(rows),
        cells=lambda column: [row.get(column) for row in rows],
        unit="sample",
        numbers=range(1, len(rows) + 1),
        notes=tuple(notes),
    )


def _samples_of(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    check_file(path)
    try:
        log = json.loads(read_utf8(path))
    except (ValueError, RecursionError) as error:
        raise CalibrantError(f"is not valid JSON: {error}", where=path) from error
    if isinstance(log, list):
        raise CalibrantError(
            "is a JSON list",
            where=path,
            repair="Write one object per line and name the file .jsonl",
        )
    if not isinstance(log, dict) or not ({"samples", "eval"} & log.keys()):
        raise CalibrantError(
            "is not an evaluation log of Inspect: it has no `samples`",
            where=path,
            repair="For a table of your own, write one object per line and name the file .jsonl",
        )
    samples = log.get("samples")
    if not isinstance(samples, list) or not samples:
        raise CalibrantError(
            "is an Inspect log without samples",
            where=path,
            repair="Export it whole, with `inspect log dump LOG > LOG.json`",
        )
    for number, sample in enumerate(samples, start=1):
        if not isinstance(sample, dict):
            raise CalibrantError("is not an object", where=f"{path}, sample {number}")
    return log, samples


def _find_scorer(path: Path, samples: list[dict[str, Any]], scorer: str | None) -> str:
    names = columns_of([_mapping(sample.get("scores")) for sample in samples])
    if scorer is not None and scorer in names:
        return scorer
    if scorer is None and len(names) == 1:
        return names[0]
    wanted = "more than one scorer" if scorer is None else f"no scorer {scorer!r}"
    if not names:
        raise CalibrantError("is an Inspect log without any score", where=path)
    raise CalibrantError(
        f"has {wanted} (scorers: {', '.join(names)})",
        where=path,
        repair="Name the one that says whether an answer is right with --correct SCORER",
    )


def _row(path: Path, number: int, sample: dict[str, Any], scorer: str) -> dict[str, object]:
    metadata = _mapping(sample.get("metadata"))
    score = _score(sample, scorer)
    return {
        **metadata,
        "correct": _grade(score.get("value"), f"{path}, sample {number}, scorer {scorer!r}"),
        "question_id": sample.get("id"),
        "epoch": sample.get("epoch"),
    }


def _score(sample: dict[str, Any], scorer: str) -> dict[str, Any]:
    return _mapping(_mapping(sample.get("scores")).get(scorer))


def _confidences(samples: list[dict[str, Any]], scorer: str) -> list[object]:
    """Return the confidences of the scores, or those of the samples if no score has any.

    One place for all rows: a model that stated none must not get the number of its question.
    """
    scored = [_mapping(_score(sample, scorer).get("metadata")) for sample in samples]
    asked = [_mapping(sample.get("metadata")) for sample in samples]
    stated = any(metadata.get("confidence") is not None for metadata in scored)
    return [metadata.get("confidence") for metadata in (scored if stated else asked)]


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _grade(value: object, where: str) -> int | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str) and value in _LETTERS:
        return _LETTERS[value]
    if isinstance(value, int | float) and value in (0, 1):
        return int(value)
    if value == "P":
        raise CalibrantError(
            "has the value P (partly correct)",
            where=where,
            repair="Calibration needs right or wrong: grade partly correct answers as C or I",
        )
    raise CalibrantError(
        f"has the value {str(value)[:40]!r}, which is none of C, I, N, 1 and 0",
        where=where,
        repair="Name a scorer that says right or wrong with --correct SCORER",
    )
