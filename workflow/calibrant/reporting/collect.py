"""Which numbers a report prints, and how they are laid out in tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from calibrant.reporting.audit_tables import bandit_table, verdict_table
from calibrant.reporting.evidence import Document, Evidence
from calibrant.reporting.numbers import Numbers, escape_pointer
from calibrant.reporting.table import Table
from calibrant.stage_settings import ReportSettings

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
    "missing": "count",
    "missing_share": "share",
    "distinct_confidences": "count",
    "mode_share": "share",
}
_LABELLED = ("graded", "recorded")


@dataclass(frozen=True, slots=True)
class View:
    """One table column: a method on a dataset, graded here or with the labels recorded upstream.

    Attributes:
        method: Name of the method.
        dataset: Name of the dataset.
        kind: ``graded`` or ``recorded``.
        content: The view as ``measure_sample`` returned it.
        measures: Measure to number id.
        constant: Measure to number id of the best constant confidence.
        floor: ``ece`` and ``ece_equal_mass`` to number id of the noise floor's 95th percentile.
        counts: Count to number id.
    """

    method: str
    dataset: str
    kind: str
    content: dict[str, Any]
    measures: dict[str, str]
    constant: dict[str, str]
    floor: dict[str, str]
    counts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    """All that the page shows, in order."""

    views: list[View]
    difficulty: list[tuple[str, Table]]
    published: list[tuple[str, Table]]
    agreement: Table | None
    unread: Table | None
    accounts: list[tuple[Any, Table]]
    overlap: Table | None
    verdicts: Table | None
    bandit: Table | None
    settings: dict[str, str]


def collect(evidence: Evidence, settings: ReportSettings, numbers: Numbers) -> Content:
    """Enter every number of the report into ``numbers`` and lay them out."""
    cards = {card.name: card for card in settings.datasets}
    return Content(
        views=[view for document in evidence.measures for view in _views(document, numbers)],
        difficulty=list(_difficulty(evidence.measures, numbers)),
        published=[_published(document, numbers) for document in evidence.published],
        agreement=_agreement(evidence.measures, numbers),
        unread=_unread(evidence.measures, numbers),
        accounts=[
            (cards[document.name], _account(document, numbers)) for document in evidence.accounts
        ],
        overlap=_overlap(evidence.overlap, numbers),
        verdicts=verdict_table(evidence.audit, numbers),
        bandit=bandit_table(evidence.audit, numbers),
        settings=_settings(evidence.measures, numbers),
    )


def _views(document: Document, numbers: Numbers) -> Iterable[View]:
    content = document.content
    for kind in _LABELLED:
        if kind not in content["views"]:
            continue
        base = f"{content['method']}/{content['seed']}/{content['dataset']}/{kind}"
        place = f"/views/{kind}"

        def add(name: str, pointer: str, style: str, base: str = base, place: str = place) -> str:
            return numbers.add(f"{base}/{name}", document, f"{place}/{pointer}", style)

        view = content["views"][kind]
        constant = [name for name in MEASURE_STYLES if name in view["constant"]]
        yield View(
            method=content["method"],
            dataset=content["dataset"],
            kind=kind,
            content=view,
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
        )


def _difficulty(measures: Sequence[Document], numbers: Numbers) -> Iterable[tuple[str, Table]]:
    styles = {
        "difficulty": "figure",
        "n": "count",
        "accuracy": "figure",
        "mean_confidence": "figure",
    }
    for document in measures:
        content = document.content
        if len(content["by_difficulty"]) < 2:
            continue
        base = f"{content['method']}/{content['seed']}/{content['dataset']}/difficulty"
        rows = [
            _cells(numbers, document, f"{base}/{index}", f"/by_difficulty/{index}", styles)
            for index in range(len(content["by_difficulty"]))
        ]
        heads = ("difficulty", "answers", "accuracy", "mean confidence")
        yield f"{content['method']} on {content['dataset']}", Table(heads, rows)


def _cells(
    numbers: Numbers, document: Document, base: str, place: str, styles: dict[str, str]
) -> list[tuple[str, str]]:
    """Enter the numbers of one table row, which stand side by side in the document."""
    return [
        ("num", numbers.add(f"{base}/{key}", document, f"{place}/{key}", style))
        for key, style in styles.items()
    ]


def _published(document: Document, numbers: Numbers) -> tuple[str, Table]:
    styles = {"published": "figure", "ours": "figure", "difference": "difference"}
    rows = []
    for index, cell in enumerate(document.content["cells"]):
        base = f"published/{document.name}/{cell['method']}/{cell['measure']}"
        name = [("quoted", cell["method"]), ("text", cell["measure"].replace("_", " "))]
        rows.append([*name, *_cells(numbers, document, base, f"/cells/{index}", styles)])
    heads = ("system", "measure", "published", "recomputed", "difference")
    return document.name, Table(heads, rows)


def _agreement(measures: Sequence[Document], numbers: Numbers) -> Table | None:
    keys = {
        "recorded_wrong_graded_right": "published wrong, here right",
        "recorded_right_graded_wrong": "published right, here wrong",
        "recorded_right_graded_right": "both right",
        "recorded_wrong_graded_wrong": "both wrong",
        "undecided": "undecided here",
        "confidences_read": "confidences read",
        "confidences_equal": "read as published",
    }
    rows = []
    for document in measures:
        content = document.content
        if content["agreement"] is None:
            continue
        base = f"{content['method']}/{content['seed']}/{content['dataset']}/agreement"
        cells = _cells(numbers, document, base, "/agreement", dict.fromkeys(keys, "count"))
        rows.append([("quoted", content["method"]), *cells])
    return Table(("system", *keys.values()), rows) if rows else None


def _unread(measures: Sequence[Document], numbers: Numbers) -> Table | None:
    rows = []
    for document in measures:
        content = document.content
        base = f"{content['method']}/{content['seed']}/{content['dataset']}/unread"
        for kind, reasons in content["unread"].items():
            for reason in reasons:
                pointer = f"/unread/{kind}/{escape_pointer(reason)}"
                name = numbers.add(f"{base}/{kind}/{reason}", document, pointer, "count")
                rows.append(
                    [
                        ("quoted", f"{content['method']} on {content['dataset']}"),
                        ("text", kind),
                        ("quoted", reason.replace("_", " ")),
                        ("num", name),
                    ]
                )
    return Table(("answers of", "no", "because", "answers"), rows) if rows else None


def _account(document: Document, numbers: Numbers) -> Table:
    base = f"data/{document.name}"
    labels = {
        "kept/split": "split ",
        "kept/verdict": "verdict ",
        "dropped": "dropped: ",
        "repaired": "repaired: ",
    }
    rows = [
        [("text", label), *_cells(numbers, document, base, "", {key: "count"})]
        for key, label in (("rows_in", "rows in the source"), ("rows_kept", "rows kept"))
    ]
    kept = {f"kept/{key}": values for key, values in document.content["kept"].items()}
    for key, label in labels.items():
        for value, count in {**kept, **document.content}.get(key, {}).items():
            if count:
                pointer = f"/{key}/{escape_pointer(value)}"
                name = numbers.add(f"{base}/{key}/{value}", document, pointer, "count")
                rows.append([("quoted", label + value), ("num", name)])
    return Table(("", "rows"), rows)


def _overlap(document: Document | None, numbers: Numbers) -> Table | None:
    if document is None:
        return None
    keys = ("training_rows", "evaluation_rows", "exact", "shingle")
    rows = []
    for index, cell in enumerate(document.content["cells"]):
        base = f"overlap/{cell['training']}/{cell['evaluation']}"
        names = [("quoted", cell["training"]), ("quoted", cell["evaluation"])]
        styles = dict.fromkeys(keys, "count")
        rows.append([*names, *_cells(numbers, document, base, f"/cells/{index}", styles)])
    for name in document.content["dropped_by_dataset"]:
        pointer = f"/dropped_by_dataset/{escape_pointer(name)}"
        dropped = numbers.add(f"overlap/{name}/dropped", document, pointer, "count")
        row = [("quoted", name), ("text", "dropped in all"), *[("text", "")] * 3, ("num", dropped)]
        rows.append(row)
    heads = ("training rows", "evaluation rows", "same text", "shared words")
    return Table(("trained on", "evaluated on", *heads), rows)


def _settings(measures: Sequence[Document], numbers: Numbers) -> dict[str, str]:
    """Enter how the figures were measured; it is the same in every document of a study."""
    if not measures:
        return {}
    document = measures[0]
    kind = next(iter(document.content["views"]))
    styles = {"replicates": "count", "level": "level", "bins": "count", "log_loss_clip": "level"}
    return {
        key: numbers.add(f"settings/{key}", document, f"/views/{kind}/settings/{key}", style)
        for key, style in styles.items()
    }
