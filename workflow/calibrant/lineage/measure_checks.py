"""Checks of measures: each file of figures is computed again from its predictions."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.files import read_json
from calibrant.lineage.findings import Findings
from calibrant.lineage.graph import Graph, StageRun
from calibrant.lineage.present_code import differing_modules

TOLERANCE = 1e-9

Say = Callable[[str], None]


def check_measures(graph: Graph, findings: Findings, say: Say) -> None:
    """Measure all predictions again, with the settings and the seed of the record.

    Args:
        graph: The records.
        findings: Gets the faults. Figures that differ are a contradiction where this code is the
            code that ran; otherwise that code is what is missing.
        say: Prints progress.
    """
    runs = [run for run in graph.runs if run.record["stage"] == "measure"]
    for position, run in enumerate(runs, 1):
        say(f"measuring again, {position} of {len(runs)}: {run.record['subject']}")
        place = next(iter(run.outputs))
        with findings.altered_if_refused(place):
            _check_run(graph, run, place, findings)
    findings.checked["measures computed again"] = len(runs)


def _check_run(graph: Graph, run: StageRun, place: str, findings: Findings) -> None:
    entry = next((item for item in run.record["inputs"] if item["name"] == "predictions"), None)
    if entry is None:
        raise CalibrantError(f"the record of {run.name} names no predictions")
    predictions = graph.root / (run.inner(entry["path"]) or entry["path"])
    if not predictions.is_file() or not (graph.root / place).is_file():
        # That it is not there is said where files are checked.
        return
    computed = _measure(predictions, run)
    difference = first_difference(read_json(graph.root / place), computed)
    if difference is None:
        return
    what = f"{difference} when measured again from {entry['path']} ({run.name})"
    changed = differing_modules("measures/predictions.py", run.record)
    if changed:
        findings.missing(place, f"{what}, but {changed[0]} is not the code that ran")
    else:
        findings.altered(place, what)


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


def first_difference(recorded: Any, computed: Any, pointer: str = "") -> str | None:
    """Return the first place where two JSON documents differ, in words, or None.

    Numbers are equal when they differ by at most 1e-9, relative to the larger where that is more
    than 1.
    """
    if isinstance(recorded, dict) and isinstance(computed, dict):
        for key in sorted(recorded.keys() & computed.keys()):
            if found := first_difference(recorded[key], computed[key], f"{pointer}/{key}"):
                return found
        alone = sorted(recorded.keys() ^ computed.keys())
        return f"{pointer}/{alone[0]} is in only one of both" if alone else None
    if isinstance(recorded, list) and isinstance(computed, list):
        # A longer list differs from a shorter one as an object with more keys does.
        return first_difference(_by_place(recorded), _by_place(computed), pointer)
    return None if _equal(recorded, computed) else f"{pointer} is {recorded!r}, but {computed!r}"


def _by_place(items: list[Any]) -> dict[str, Any]:
    return {str(place): item for place, item in enumerate(items)}


def _equal(recorded: Any, computed: Any) -> bool:
    are_numbers = all(type(item) in (int, float) for item in (recorded, computed))
    if are_numbers:
        return math.isclose(recorded, computed, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(recorded) is type(computed) and bool(recorded == computed)
