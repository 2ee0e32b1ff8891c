"""Measures of anybody's graded answers: from a file to a table, a JSON file and a figure."""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.files import write_json
from calibrant.measures.reliability_figure import check_figure_path, write_reliability_figure
from calibrant.measures.replicates import Execution, Progress
from calibrant.measures.sample import IntArray
from calibrant.measures.sample_settings import SampleSettings
from calibrant.measures.summary import measure_sample
from calibrant.measures.table_files import GradedTable, read_table_file
from calibrant.measures.terminal_table import print_groups, print_summary
from calibrant.progress import progress_reports

MOST_GROUPS = 100


@dataclass(frozen=True, slots=True)
class Request:
    """What to measure and where to write.

    Attributes:
        file: The file of graded answers (``table_files.read_table_file``).
        by: A column whose values are also measured apart, or None.
        correct: Column, metric or scorer of correctness, or None for the usual one.
        json: Where to write all figures, or None.
        figure: Where to draw the reliability diagram; None draws it beside the JSON, as .svg, and
            not at all without a JSON.
    """

    file: Path
    by: str | None
    correct: str | None
    json: Path | None
    figure: Path | None


def measure_file(request: Request, settings: SampleSettings) -> None:
    """Measure a file, print a table, and write JSON and figure where asked.

    Raises:
        CalibrantError: If the file or an output path is no good.
    """
    figure = _figure_path(request)
    _check_outputs(request.file, request.json, figure)
    table = read_table_file(request.file, by=request.by, correct=request.correct)
    rows_of = _rows_by_group(table, request.by)
    with progress_reports() as progress:
        summary = _measure(table, np.arange(len(table.correct)), settings, progress)
        groups = {
            name: _measure(table, np.array(rows_of[name]), settings, _named(name, progress))
            for name in sorted(rows_of)
        }
    _print(table, request.by, summary, groups)
    if request.json is not None:
        write_json(request.json, _document(request.by, table, summary, groups))
        print(f"wrote {request.json}")
    if figure is not None:
        write_reliability_figure(figure, summary, title=request.file.name)
        print(f"wrote {figure}")


def _figure_path(request: Request) -> Path | None:
    if request.figure is not None:
        check_figure_path(request.figure)
        return request.figure
    return None if request.json is None else request.json.with_suffix(".svg")


def _check_outputs(source: Path, json_path: Path | None, figure: Path | None) -> None:
    # Before the work: nobody should wait a minute for a table that cannot be written.
    for path in (json_path, figure):
        if path is None:
            continue
        if path.is_dir():
            raise CalibrantError("is a folder", where=path, repair="Name a file to write")
        if path.exists() and source.exists() and path.samefile(source):
            raise CalibrantError(
                "is the file to be measured", where=path, repair="Write to another file"
            )
    if json_path is not None and figure is not None and json_path.resolve() == figure.resolve():
        raise CalibrantError(
            "would hold both the JSON and the figure", where=figure, repair="Name two files"
        )


def _measure(
    table: GradedTable, rows: IntArray, settings: SampleSettings, progress: Progress
) -> dict[str, Any]:
    questions = table.question_id
    return measure_sample(
        table.confidence[rows],
        table.correct[rows],
        None if questions is None else [questions[row] for row in rows],
        true_probability=None if table.true_probability is None else table.true_probability[rows],
        **asdict(settings),
        execution=Execution(progress=progress),
    )


def _rows_by_group(table: GradedTable, column: str | None) -> dict[str, list[int]]:
    rows_of: dict[str, list[int]] = {}
    for row, name in enumerate(table.groups or []):
        rows_of.setdefault(name, []).append(row)
    if len(rows_of) > MOST_GROUPS:
        raise CalibrantError(
            f"has {len(rows_of)} different values, more than the {MOST_GROUPS} that --by measures",
            where=f"{table.path}, column {column!r}",
            repair="Choose a column with fewer values",
        )
    return rows_of


def _named(group: str, progress: Progress) -> Progress:
    return lambda stage, done, total: progress(f"{group}, {stage}", done, total)


def _print(
    table: GradedTable,
    column: str | None,
    summary: Mapping[str, Any],
    groups: Mapping[str, Mapping[str, Any]],
) -> None:
    print(f"{table.path} ({table.kind})")
    print_summary(summary, sys.stdout)
    if table.question_id is None:
        print("no column question_id: every row counts as a question of its own")
    for note in [*table.notes, *_truth_note(table)]:
        print(note)
    if column is not None:
        print()
        print_groups(column, groups, sys.stdout)


def _truth_note(table: GradedTable) -> list[str]:
    if table.true_probability is None:
        return []
    graded = ~np.isnan(table.correct)
    unknown = int((graded & np.isnan(table.true_probability)).sum())
    # A column without any entry, as in our own predictions of real questions, claims nothing.
    if unknown in (0, int(graded.sum())):
        return []
    return [
        f"true_probability is empty in {unknown} graded rows: the distance from the truth is "
        "measured only where every graded row has one"
    ]


def _document(
    by: str | None,
    table: GradedTable,
    summary: Mapping[str, Any],
    groups: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    document = {
        "file": str(table.path),
        "format": table.kind,
        "notes": list(table.notes),
        **_flat(summary),
    }
    if by is not None:
        document["by"] = by
        document["groups"] = {name: _flat(group) for name, group in groups.items()}
    return document


def _flat(summary: Mapping[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in summary.items() if key != "measures"}
    counts = summary["counts"]
    return {**summary["measures"], "n": counts["n"], "missing": counts["missing"], **rest}
