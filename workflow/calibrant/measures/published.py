"""Stage ``compare_published``: our figures against those published for the same rows."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.files import read_json


def compare_published(
    published: Mapping[str, Mapping[str, float]],
    systems: Mapping[str, str],
    measures: Sequence[Path],
    tolerance: float,
) -> dict[str, Any]:
    """Compare every published figure with ours, from the recorded labels and confidences.

    Args:
        published: Figures by system and name.
        systems: System of each method.
        measures: Files of stage ``measure``.
        tolerance: Largest absolute difference that counts as met.

    Returns:
        ``cells`` (method, measure, published, ours, difference), ``largest_difference`` and
        ``tolerance``.

    Raises:
        CalibrantError: If a figure is not met or not defined here; names method and measure.
    """
    cells = []
    for path in measures:
        document = read_json(path)
        method = document["method"]
        for name, value in published[systems[method]].items():
            ours = document["views"]["recorded"]["measures"][name]["value"]
            cells.append(_cell(method, document["dataset"], name, value, ours))
    _check_cells(cells, tolerance)
    return {
        "schema": "calibrant-published/1",
        "cells": cells,
        "largest_difference": max(cell["difference"] for cell in cells),
        "tolerance": tolerance,
    }


def _check_cells(cells: Sequence[Mapping[str, Any]], tolerance: float) -> None:
    # A difference that is not a number is not within the tolerance either.
    unmet = [cell for cell in cells if not cell["difference"] <= tolerance]
    if unmet:
        worst = max(unmet, key=lambda cell: cell["difference"])
        ours = "not defined" if worst["ours"] is None else repr(worst["ours"])
        raise CalibrantError(
            f"{worst['measure']} of {worst['method']} is {ours}, "
            f"{worst['published']!r} was published",
            where=worst["dataset"],
            repair="The rows or the definition of the measure differ from the published ones: "
            "leave out `limit`, and set measures.bins as published",
        )


def _cell(method: str, dataset: str, name: str, value: float, ours: float | None) -> dict[str, Any]:
    return {
        "method": method,
        "dataset": dataset,
        "measure": name,
        "published": value,
        "ours": ours,
        "difference": math.inf if ours is None else abs(ours - value),
    }
