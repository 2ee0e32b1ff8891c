"""Sample logs of lm-evaluation-harness (``samples_TASK_TIME.jsonl``, from ``--log_samples``).

One JSON object per line with doc_id, doc, target, arguments, resps, filtered_resps, filter, metrics
(names) and the value of every metric under its own name. The harness asks for no confidence, so a
task that does states it in one of three places, looked up in this order: a metric named
``confidence`` (which stands beside doc_id), ``doc.confidence``, or ``confidence`` in the first
filtered response if a filter returned an object.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.tables.raw_table import RawTable, Records, columns_of

_USUAL_METRICS = ("acc", "exact_match")
_BULKY = frozenset({"doc", "arguments", "resps", "filtered_resps", "metrics"})


def is_harness_samples(table: RawTable) -> bool:
    """Tell whether a table is a sample log."""
    first = table.records[0] if table.records else {}
    return "doc_id" in first and "correct" not in first


def harness_table(table: RawTable, metric: str | None) -> tuple[RawTable, str]:
    """Make the table of a sample log one with confidence and question_id (the doc_id).

    Args:
        table: The log as JSON Lines.
        metric: The metric that says whether an answer is right; None takes ``acc``, else
            ``exact_match``, else the only metric there is.

    Returns:
        The table, and the metric, which is its column of correctness.

    Raises:
        CalibrantError: If the metric is not clear, no record has a confidence, or the log holds
            every answer several times, once per filter.
    """
    path, records = table.path, table.records
    _one_filter(path, records)
    name = metric or _find_metric(path, records[0])
    rows = [
        {
            **{key: value for key, value in record.items() if key not in _BULKY},
            "question_id": record.get("doc_id"),
            "confidence": confidence,
        }
        for record, confidence in zip(records, _confidences(records), strict=True)
    ]
    if all(row["confidence"] is None for row in rows):
        raise CalibrantError(
            "is a sample log of lm-evaluation-harness without any confidence",
            where=path,
            repair="Let the task return a metric `confidence`, or add doc.confidence to the lines",
        )
    graded = replace(
        table,
        kind="lm-evaluation-harness samples",
        names=columns_of(rows),
        cells=lambda column: [row.get(column) for row in rows],
        records=rows,
        notes=(f"correctness is the metric {name}",),
    )
    return graded, name


def _one_filter(path: Path, records: Records) -> None:
    filters = sorted({str(record.get("filter")) for record in records})
    if len(filters) > 1:
        raise CalibrantError(
            f"holds every answer once per filter: {', '.join(filters)}",
            where=path,
            repair="Keep the lines of one filter in a file of their own",
        )


def _find_metric(path: Path, record: dict[str, object]) -> str:
    listed = record.get("metrics")
    names = [str(name) for name in listed] if isinstance(listed, list) else list(_USUAL_METRICS)
    candidates = [name for name in names if name in record and name != "confidence"]
    usual = [name for name in _USUAL_METRICS if name in candidates]
    if usual:
        return usual[0]
    if len(candidates) == 1:
        return candidates[0]
    raise CalibrantError(
        "does not make clear which metric says that an answer is right "
        f"(metrics: {', '.join(candidates) or 'none'})",
        where=path,
        repair="Name it with --correct METRIC",
    )


def _confidences(records: Sequence[dict[str, object]]) -> list[object]:
    """Return the confidences from the one place of this file that holds any.

    The places are the record itself, its first filtered response, and its document, in that order.
    One place for all rows: a model that stated none must not get the number of its question.
    """
    for place in (_in_record, _in_response, _in_document):
        found = [place(record) for record in records]
        if any(value is not None for value in found):
            return found
    return [None] * len(records)


def _in_record(record: dict[str, object]) -> object:
    return record.get("confidence")


def _in_response(record: dict[str, object]) -> object:
    responses = record.get("filtered_resps")
    first = responses[0] if isinstance(responses, list) and responses else None
    return first.get("confidence") if isinstance(first, dict) else None


def _in_document(record: dict[str, object]) -> object:
    document = record.get("doc")
    return document.get("confidence") if isinstance(document, dict) else None
