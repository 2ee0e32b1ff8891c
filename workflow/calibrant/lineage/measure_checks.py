"""Checks of measures: each file of figures is computed again from its predictions."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.files import read_json
from calibrant.lineage.findings import Findings, listed, refused_content
from calibrant.lineage.graph import Graph, StageRun
from calibrant.lineage.present_code import differing_modules

TOLERANCE = 1e-9

Say = Callable[[str], None]

_STAGE = "measure"
_MEASURES = re.compile(r"measures/(.+/seed\d+/.+)\.json")
# Figures that other stages write beside the measures of a cell.
_OTHER_ENDINGS = (".judged", ".faithfulness")


def check_measures(graph: Graph, findings: Findings, say: Say) -> None:
    """Measure all predictions again, with the settings and the seed of the record.

    Args:
        graph: The records.
        findings: Gets the faults. Figures that differ are a contradiction where this code is the
            code that ran. Other code may measure otherwise, so of that there is a note.
        say: Prints progress.
    """
    # By folder too, for a record that names another stage would escape.
    runs = [
        run for run in graph.runs if run.record["stage"] == _STAGE or any(map(_cell, run.outputs))
    ]
    by_other_code = _ByOtherCode()
    for position, run in enumerate(runs, 1):
        say(f"measuring again, {position} of {len(runs)}: {run.record['subject']}")
        place = next(filter(_cell, run.outputs), next(iter(run.outputs)))
        with findings.altered_if_refused(place):
            predictions = _predictions(graph, run)
            # What is not there, or was written anew, is said where files and links are checked.
            if not predictions.is_file() or not (graph.root / place).is_file():
                continue
            if not graph.outdated(run):
                _check_run(run, predictions, graph.root / place, by_other_code, findings)
    findings.checked["measures computed again"] = findings.recomputed[_STAGE]
    by_other_code.report(findings)


def _cell(inner: str) -> str | None:
    """Return METHOD/seedN/DATASET of a file of measures, or None for another file."""
    match = _MEASURES.fullmatch(inner)
    return None if match is None or match[1].endswith(_OTHER_ENDINGS) else match[1]


def _predictions(graph: Graph, run: StageRun) -> Path:
    """Return the predictions that a run must have measured: those of the cell it writes.

    Raises:
        CalibrantError: If it is another stage, or wrote or read other files.
    """
    cells = [_cell(inner) for inner in run.outputs]
    if run.record["stage"] != _STAGE:
        raise CalibrantError(f"measures are written by {run.name}, not by {_STAGE}")
    if len(cells) != 1 or cells[0] is None or len(run.record["outputs"]) != 1:
        raise CalibrantError(f"{run.name} has other outputs than the measures of one cell")
    read = [entry["path"] for entry in run.record["inputs"]]
    inner = run.inner(read[0]) if len(read) == 1 else None
    own = f"predictions/{cells[0]}"
    if inner is None or inner not in (f"{own}.parquet", f"{own}.judged.parquet"):
        raise CalibrantError(
            f"{run.name} measured {listed(read) or 'nothing'} instead of {own}.parquet"
        )
    return graph.root / inner


@dataclass(slots=True)
class _ByOtherCode:
    """What came of measuring with code that is not the code that ran; one note tells it all."""

    computed: int = 0
    modules: set[str] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def report(self, findings: Findings) -> None:
        """Add the note, if there is anything to tell."""
        if not self.modules:
            return
        text = f"measures computed again by other code than ran ({listed(self.modules)}): "
        text += f"{self.computed}, of which {len(self.differences)} differ"
        if self.differences:
            text += f" (first {self.differences[0]})"
        if self.refusals:
            text += f"; not computed: {len(self.refusals)} (first {self.refusals[0]})"
        findings.note(text)


def _check_run(
    run: StageRun, predictions: Path, place: Path, by_other: _ByOtherCode, findings: Findings
) -> None:
    changed = differing_modules("measures/predictions.py", run.record)
    inner = next(iter(run.outputs))
    by_other.modules.update(changed)
    try:
        recorded = read_json(place)
        with refused_content():
            computed = _measure(predictions, run)
    except CalibrantError as error:
        if not changed:
            raise
        by_other.refusals.append(f"{inner}: {error.what}")
        return
    findings.recomputed[_STAGE] += 1
    by_other.computed += bool(changed)
    difference = first_difference(recorded, computed, shared=bool(changed))
    if difference is None:
        return
    what = f"{difference} when measured again from {run.record['inputs'][0]['path']} ({run.name})"
    if changed:
        by_other.differences.append(f"{inner}: {what}")
    else:
        findings.altered(inner, what)


def _measure(predictions: Path, run: StageRun) -> Any:
    from pydantic import ValidationError

    from calibrant.measures.predictions import measure_predictions
    from calibrant.rows import Prediction, read_rows
    from calibrant.stage_settings.measure import MeasureSettings

    seed = run.record["seed"]
    if seed is None:
        raise CalibrantError(f"the record of {run.name} has no seed")
    try:
        settings = MeasureSettings(**run.record["settings"])
    except ValidationError as error:
        raise CalibrantError(
            f"the settings of {run.name} are not those of a measurement: {error.error_count()} faults"
        ) from error
    rows = read_rows(predictions, Prediction)
    if not rows:
        raise CalibrantError(f"the predictions of {run.name} are empty")
    return json.loads(json.dumps(measure_predictions(rows, settings, seed)))


def first_difference(
    recorded: Any, computed: Any, pointer: str = "", *, shared: bool = False
) -> str | None:
    """Return the first place where two JSON documents differ, in words, or None.

    Numbers are equal when they differ by at most 1e-9, relative to the larger where that is more
    than 1. With ``shared``, what is in only one of both is no difference.
    """
    if isinstance(recorded, dict) and isinstance(computed, dict):
        for key in sorted(recorded.keys() & computed.keys()):
            place = f"{pointer}/{key}"
            if found := first_difference(recorded[key], computed[key], place, shared=shared):
                return found
        alone = [] if shared else sorted(recorded.keys() ^ computed.keys())
        return f"{pointer}/{alone[0]} is in only one of both" if alone else None
    if isinstance(recorded, list) and isinstance(computed, list):
        # A longer list differs from a shorter one as an object with more keys does.
        return first_difference(_by_place(recorded), _by_place(computed), pointer, shared=shared)
    return None if _equal(recorded, computed) else f"{pointer} is {recorded!r}, but {computed!r}"


def _by_place(items: list[Any]) -> dict[str, Any]:
    return {str(place): item for place, item in enumerate(items)}


def _equal(recorded: Any, computed: Any) -> bool:
    are_numbers = all(type(item) in (int, float) for item in (recorded, computed))
    if are_numbers:
        return math.isclose(recorded, computed, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(recorded) is type(computed) and bool(recorded == computed)
