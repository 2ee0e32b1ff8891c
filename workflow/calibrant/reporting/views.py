"""The figures of every method on every dataset, as the report shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from calibrant.reporting.numbers import Numbers, Place
from calibrant.reporting.seed_groups import SeedGroup, add_seed_count

MEASURE_STYLES = {
    "accuracy": "figure",
    "mean_confidence": "figure",
    "gap": "signed",
    "ece": "figure",
    "ece_equal_mass": "figure",
    "brier": "figure",
    "log_loss": "figure",
    "auroc": "figure",
    "aurc": "figure",
}
"""The measures in the order of the tables, with the style they are printed in."""

_COUNTS = {
    "rows": "count",
    "graded": "count",
    "n": "count",
    "missing": "count",
    "missing_share": "share",
    "distinct_confidences": "count",
    "mode_share": "share",
}
_LABELLED = ("graded", "recorded")
# Of fewer a measure says little about the answers as they were asked for.
_MOSTLY = 0.9


@dataclass(frozen=True, slots=True)
class View:
    """One row of tables: a method on a dataset, graded here or with the labels recorded upstream.

    Attributes:
        method: Name of the method.
        dataset: Name of the dataset.
        kind: ``graded`` or ``recorded``.
        content: The view as ``measure_sample`` returned it, of the first seed.
        claim: What the intervals of the gap say with every seed: ``over``, ``under``, ``none``, or
            ``unknown`` where one is missing.
        seeds: Number id of the number of seeds, or None for a single one.
        measures: Measure to number id.
        constant: Measure to number id of the best constant confidence.
        floor: ``ece`` and ``ece_equal_mass`` to number id of the noise floor's 95th percentile.
        counts: Count to number id.
        few: Whether calibration rests on fewer than nine in ten of the answers, with one of the seeds:
            those that could be graded and have a confidence.
    """

    method: str
    dataset: str
    kind: str
    content: dict[str, Any]
    claim: str
    seeds: str | None
    measures: dict[str, str]
    constant: dict[str, str]
    floor: dict[str, str]
    counts: dict[str, str]
    few: bool


def views_of(group: SeedGroup, numbers: Numbers) -> Iterable[View]:
    """Enter the figures of one method on one dataset, for each kind of labels there is."""
    first = group.documents[0].content["views"]
    for kind in _LABELLED:
        if kind in first:
            yield _view(group, kind, numbers)


def _view(group: SeedGroup, kind: str, numbers: Numbers) -> View:
    contents = [document.content["views"][kind] for document in group.documents]

    def add(name: str, pointer: str, style: str) -> str:
        place = f"/views/{kind}/{pointer}"
        return numbers.add_over_seeds(f"{group.base}/{kind}/{name}", group.documents, place, style)

    constant = [name for name in MEASURE_STYLES if name in contents[0]["constant"]]
    return View(
        method=group.method,
        dataset=group.dataset,
        kind=kind,
        content=contents[0],
        claim=_claim([view["measures"]["gap"] for view in contents]),
        seeds=_seeds(group, numbers),
        measures={
            name: add(name, f"measures/{name}", style) for name, style in MEASURE_STYLES.items()
        },
        constant={
            name: add(f"constant/{name}", f"constant/{name}", MEASURE_STYLES[name])
            for name in constant
        },
        floor={
            name: add(f"noise_floor/{name}", f"noise_floor/{name}/p95", "figure")
            for name in ("ece", "ece_equal_mass")
        },
        counts={name: add(name, f"counts/{name}", style) for name, style in _COUNTS.items()},
        few=any(view["counts"]["n"] < _MOSTLY * view["counts"]["rows"] for view in contents),
    )


def _seeds(group: SeedGroup, numbers: Numbers) -> str | None:
    if not group.several:
        return None
    places = [Place(document.path, "/seed") for document in group.documents]
    return add_seed_count(numbers, f"{group.base}/count", places)


def _claim(gaps: list[Mapping[str, Any]]) -> str:
    if any(gap["value"] is None or gap["low"] is None for gap in gaps):
        return "unknown"
    if all(gap["low"] > 0 for gap in gaps):
        return "over"
    if all(gap["high"] < 0 for gap in gaps):
        return "under"
    return "none"
