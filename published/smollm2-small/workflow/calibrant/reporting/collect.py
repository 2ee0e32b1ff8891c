"""Which numbers a report prints, and how they are laid out in tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from calibrant.reporting.audit_tables import bandit_table, verdict_table
from calibrant.reporting.beside_section import BesideSection, beside_section
from calibrant.reporting.cells import number_cells
from calibrant.reporting.certificate_section import CertificateSection, certificate_section
from calibrant.reporting.comparison_section import ComparisonSection, comparison_section
from calibrant.reporting.document import Document
from calibrant.reporting.evidence import Evidence
from calibrant.reporting.faithfulness_section import faithfulness_section
from calibrant.reporting.further_section import FurtherSection, further_section
from calibrant.reporting.judge_section import JudgeSection, judge_section
from calibrant.reporting.judged_section import JudgedSection, judged_section
from calibrant.reporting.lab_section import LabSection, lab_section
from calibrant.reporting.lead_section import LeadSection, lead_section
from calibrant.reporting.numbers import Numbers, escape_pointer
from calibrant.reporting.seed_groups import SeedGroup, seed_groups
from calibrant.reporting.selection_section import SelectionSection, selection_section
from calibrant.reporting.self_judged_section import SelfJudgedSection, self_judged_section
from calibrant.reporting.self_rating_section import SelfRatingSection, self_rating_section
from calibrant.reporting.table import Table
from calibrant.reporting.training_section import TrainingSection, training_section
from calibrant.reporting.transfer_section import TransferSection, transfer_section
from calibrant.reporting.views import View, views_of
from calibrant.stage_settings.report import ReportSettings


@dataclass(frozen=True, slots=True)
class Content:
    """All that the page shows, in order."""

    lead: LeadSection | None
    views: list[View]
    lab: LabSection | None
    further: FurtherSection | None
    difficulty: list[tuple[str, Table]]
    published: list[tuple[str, Table]]
    agreement: Table | None
    unread: Table | None
    accounts: list[tuple[Any, Table]]
    overlap: Table | None
    verdicts: Table | None
    bandit: Table | None
    selection: SelectionSection | None
    self_rating: SelfRatingSection | None
    training: TrainingSection | None
    judges: JudgeSection | None
    judged: JudgedSection | None
    certificates: CertificateSection | None
    faithfulness: Table | None
    self_judged: SelfJudgedSection | None
    comparison: ComparisonSection | None
    transfer: TransferSection | None
    beside: BesideSection | None
    settings: dict[str, str]


def collect(evidence: Evidence, settings: ReportSettings, numbers: Numbers) -> Content:
    """Enter every number of the report into ``numbers`` and lay them out."""
    cards = {card.name: card for card in settings.datasets}
    groups = seed_groups(evidence.measures)
    trained = {curve.method for curve in evidence.curves}
    return Content(
        lead=lead_section(evidence.transfer, trained, numbers),
        views=[view for group in groups for view in views_of(group, numbers)],
        lab=lab_section(groups, cards, numbers),
        further=further_section(groups, numbers),
        difficulty=list(_difficulty(groups, numbers)),
        published=[_published(document, numbers) for document in evidence.published],
        agreement=_agreement(groups, numbers),
        unread=_unread(groups, numbers),
        accounts=[
            (cards[document.name], _account(document, numbers)) for document in evidence.accounts
        ],
        overlap=_overlap(evidence.overlap, numbers),
        verdicts=verdict_table(evidence.audit, numbers),
        bandit=bandit_table(evidence.audit, numbers),
        selection=selection_section(evidence.selection, numbers),
        self_rating=self_rating_section(evidence.self_rating, numbers),
        training=training_section(evidence.curves, numbers),
        judges=judge_section(evidence.judges, numbers),
        judged=judged_section(evidence.judged, numbers),
        certificates=certificate_section(evidence.certificates, numbers),
        faithfulness=faithfulness_section(evidence.faithfulness, numbers),
        self_judged=self_judged_section(evidence.self_judged, numbers),
        comparison=comparison_section(evidence.comparisons, numbers),
        transfer=transfer_section(evidence.transfer, numbers),
        beside=beside_section(settings.report.beside, settings.starts, groups, numbers),
        settings=_settings(evidence.measures, numbers),
    )


def _difficulty(groups: Sequence[SeedGroup], numbers: Numbers) -> Iterable[tuple[str, Table]]:
    styles = {
        "difficulty": "figure",
        "n": "count",
        "accuracy": "figure",
        "mean_confidence": "figure",
    }
    for group in groups:
        grades = group.documents[0].content["by_difficulty"]
        if len(grades) < 2:
            continue
        base = f"{group.base}/difficulty"
        rows = [
            number_cells(
                numbers, group.documents, f"{base}/{index}", f"/by_difficulty/{index}", styles
            )
            for index in range(len(grades))
        ]
        heads = ("difficulty", "answers", "accuracy", "mean confidence")
        yield f"{group.method} on {group.dataset}", Table(heads, rows)


def _published(document: Document, numbers: Numbers) -> tuple[str, Table]:
    styles = {"published": "figure", "ours": "figure", "difference": "difference"}
    rows = []
    for index, cell in enumerate(document.content["cells"]):
        base = f"published/{document.name}/{cell['method']}/{cell['measure']}"
        name = [("quoted", cell["method"]), ("text", cell["measure"].replace("_", " "))]
        rows.append([*name, *number_cells(numbers, [document], base, f"/cells/{index}", styles)])
    heads = ("system", "measure", "published", "recomputed", "difference")
    return document.name, Table(heads, rows)


def _agreement(groups: Sequence[SeedGroup], numbers: Numbers) -> Table | None:
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
    for group in groups:
        if group.documents[0].content["agreement"] is None:
            continue
        styles = dict.fromkeys(keys, "count")
        cells = number_cells(
            numbers, group.documents, f"{group.base}/agreement", "/agreement", styles
        )
        rows.append([("quoted", group.method), *cells])
    return Table(("system", *keys.values()), rows) if rows else None


def _unread(groups: Sequence[SeedGroup], numbers: Numbers) -> Table | None:
    rows = []
    # Seeds fail for different reasons, so each is listed by itself.
    listed = [(group, document) for group in groups for document in group.documents]
    for group, document in listed:
        content = document.content
        seed = f", seed {content['seed']}," if group.several else ""
        base = f"{content['method']}/{content['seed']}/{content['dataset']}/unread"
        for kind, reasons in content["unread"].items():
            for reason in reasons:
                pointer = f"/unread/{kind}/{escape_pointer(reason)}"
                name = numbers.add(f"{base}/{kind}/{reason}", document, pointer, "count")
                rows.append(
                    [
                        ("quoted", f"{group.method}{seed} on {group.dataset}"),
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
        [("text", label), *number_cells(numbers, [document], base, "", {key: "count"})]
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
        rows.append([*names, *number_cells(numbers, [document], base, f"/cells/{index}", styles)])
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
