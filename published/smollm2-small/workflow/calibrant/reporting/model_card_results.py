"""What a model card says of a model's figures: one row per dataset."""

from collections.abc import Sequence

from calibrant.errors import CalibrantError
from calibrant.reporting.document import Document
from calibrant.reporting.model_card_settings import ModelCardSettings
from calibrant.reporting.numbers import Numbers
from calibrant.stage_settings.report import DatasetCard

VIEW = "/views/graded"
METRICS = {"accuracy": "accuracy", "ece": "ECE", "brier": "Brier score", "auroc": "AUROC"}
"""Measures that are published, with what the card calls them."""

_HEADS = (
    "dataset", "domain", "in training", "questions", "accuracy", "stated", "ECE", "Brier", "AUROC",
    "without a confidence",
)  # fmt: skip


def result_rows(
    documents: Sequence[Document], settings: ModelCardSettings, numbers: Numbers
) -> tuple[Sequence[str], list[list[str]]]:
    """Return the heads and the rows of the table, and enter its numbers.

    Raises:
        CalibrantError: If a document lacks a figure, or is of a dataset without a description.
    """
    return _HEADS, [_row(document, settings, numbers) for document in documents]


def metric_id(document: Document, measure: str, numbers: Numbers) -> str:
    """Enter one measure of a document and return its id."""
    name = f"{document.content['dataset']}/{measure}"
    return numbers.add(name, document, f"{VIEW}/measures/{measure}", "figure")


def card_of_dataset(settings: ModelCardSettings, name: str) -> DatasetCard:
    """Return the description of a dataset.

    Raises:
        CalibrantError: If there is none.
    """
    for card in settings.datasets:
        if card.name == name:
            return card
    raise CalibrantError(
        f"nothing describes the dataset {name!r}", where="datasets", repair="Add its card"
    )


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; its cells must be escaped already."""
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def cell(text: str) -> str:
    """Return a text that stays on one line and in one cell of a table, and is no markup."""
    line = " ".join(text.split())
    for sign in "\\`*_|<[":
        line = line.replace(sign, f"\\{sign}")
    return line


def _row(document: Document, settings: ModelCardSettings, numbers: Numbers) -> list[str]:
    dataset = document.content["dataset"]
    card = card_of_dataset(settings, dataset)
    if dataset in settings.trained_on:
        part = f"yes, measured on its {document.content['split']} split"
    else:
        part = "no, held out" if card.held_out else "no"
    counts = {
        key: numbers[numbers.add(f"{dataset}/{key}", document, f"{VIEW}/counts/{key}", style)]
        for key, style in {"questions": "count", "missing_share": "share"}.items()
    }
    figures = [
        numbers[metric_id(document, measure, numbers)].printed
        for measure in ("accuracy", "mean_confidence", "ece", "brier", "auroc")
    ]
    return [
        cell(dataset), cell(card.domain), part, counts["questions"].printed, *figures,
        counts["missing_share"].printed,
    ]  # fmt: skip
