"""What a model card says of the thresholds that were certified for a model."""

from collections.abc import Sequence

from calibrant.reporting.document import Document
from calibrant.reporting.model_card_results import cell, markdown_table
from calibrant.reporting.numbers import Numbers

_HEADS = (
    "dataset", "covered by the certificate", "questions", "accepted share", "errors among them",
)  # fmt: skip


def certificate_text(documents: Sequence[Document], numbers: Numbers) -> str:
    """Return the guarantee of every certificate, and what its threshold does on each dataset.

    Args:
        documents: What stage ``certify`` found by applying a certificate, one per certificate.
        numbers: Where the figures are entered.

    Raises:
        CalibrantError: If a document lacks a figure.
    """
    if not documents:
        return "No threshold was certified. Certify one on your own questions: `calibrant certify`."
    return "\n\n".join(_one(document, numbers) for document in documents)


def _one(document: Document, numbers: Numbers) -> str:
    content = document.content
    dataset = content["dataset"]
    base = f"certificate/{dataset}"
    alpha, delta, threshold, level = (
        numbers[numbers.add(f"{base}/{key}", document, f"/{key}", "level")]
        for key in ("alpha", "delta", "threshold", "level")
    )
    if threshold.value is None:
        return (
            f"On {cell(dataset)} no threshold could be certified for an error rate of at most "
            f"{alpha.printed}. Nothing may be accepted unseen there."
        )
    rows = []
    for at, item in enumerate(content["cells"]):
        shares = [
            numbers[
                numbers.add(
                    f"{base}/{item['dataset']}/{key}", document, f"/cells/{at}{place}", style
                )
            ].printed
            for key, place, style in (
                ("questions", "/questions", "count"),
                ("coverage", "/certified/coverage", "figure"),
                ("risk", "/certified/risk", "figure"),
            )
        ]
        rows.append([cell(item["dataset"]), "yes" if item["covered"] else "**no**", *shares])
    claim = (
        f"Certified on {cell(dataset)}: accept answers with a confidence of {threshold.printed} or "
        f"more. Of those, at most {alpha.printed} are wrong in the long run. The guarantee is about "
        f"the draw of the calibration questions: at most {delta.printed} of such draws give a "
        "threshold that breaks it. It holds for questions drawn like those, asked in the same way, "
        f"and for no others. Exact intervals, level {level.printed}:"
    )
    return f"{claim}\n\n{markdown_table(_HEADS, rows)}"
