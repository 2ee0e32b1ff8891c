"""The measured figures of a study, as MLflow shows them: metrics of a method and one table."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from calibrant.files import canonical_json, read_json
from calibrant.lineage.record import Record
from calibrant.reporting.tracking_places import unchanged_output

TABLE = "evaluation.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, a row of the evaluation table.

    Attributes:
        method: The method.
        seed: Its seed.
        dataset: What it was measured on.
        view: Which grades and confidences were read, such as ``graded``.
        measure: The measure, such as ``brier``.
        value: The figure.
        low: Lower end of its interval, or None.
        high: Upper end, or None.
    """

    method: str
    seed: int
    dataset: str
    view: str
    measure: str
    value: float
    low: float | None
    high: float | None

    @property
    def name(self) -> str:
        """Name of the metric, such as ``weather/graded/brier``."""
        return f"{self.dataset}/{self.view}/{self.measure}"


def read_figures(
    records: Mapping[str, Record], root: Path, say: Callable[[str], None]
) -> dict[str, list[Figure]]:
    """Return the figures of every measure record, by the digest of the record.

    A figure that is not defined is left out. A file that is gone, or is no longer the one its record
    describes, is said and left out.
    """
    found = {}
    for digest, record in records.items():
        if record["stage"] == "measure":
            for path in unchanged_output(record, root, lambda name: name.endswith(".json"), say):
                figures = list(_figures(read_json(path)))
                if figures:
                    found[digest] = figures
    return found


def table_text(figures: Iterable[Figure]) -> str:
    """Return the evaluation table as ``mlflow.load_table`` reads it, sorted."""
    columns = [field.name for field in fields(Figure)]
    rows = sorted((list(astuple(figure)) for figure in figures), key=lambda row: row[:5])
    return canonical_json({"columns": columns, "data": rows}) + "\n"


def table_tag() -> str:
    """Return the value of the tag by which MLflow knows which artifacts are tables."""
    return json.dumps([{"path": TABLE, "type": "table"}])


def _figures(document: dict[str, Any]) -> Iterable[Figure]:
    for view, content in document.get("views", {}).items():
        for measure, entry in content["measures"].items():
            if entry["value"] is not None:
                yield Figure(
                    document["method"], document["seed"], document["dataset"], view, measure,
                    float(entry["value"]), entry.get("low"), entry.get("high"),
                )  # fmt: skip
