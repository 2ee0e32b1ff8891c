"""Faithfulness: do stated confidences match how surely the model itself holds to its answers?"""

from collections.abc import Sequence

from calibrant.reporting.cells import number_cells
from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.seed_groups import seed_groups
from calibrant.reporting.table import Table

_FIGURES = {
    "mfg": "figure",
    "cmfg": "figure",
    "cmfg_star": "figure",
    "support_width": "figure",
    "cmfg_published": "figure",
    "cmfg_star_published": "figure",
}
_ATTAINABLE = {"mfg": "figure", "cmfg": "figure", "cmfg_star": "figure"}
_HEADS = ("MFG", "attainable MFG", "cMFG", "attainable cMFG", "cMFG*", "attainable cMFG*",
          "range of intrinsic confidence", "cMFG as published", "cMFG* as published")  # fmt: skip


def faithfulness_section(documents: Sequence[Document], numbers: Numbers) -> Table | None:
    """Return a row per method and dataset, or None where nothing was sampled several times."""
    if not documents:
        return None
    rows = []
    for group in seed_groups(documents):
        base = f"{group.base}/faithfulness"
        samples = number_cells(
            numbers, group.documents, f"{base}/samples", "/samples", {"most": "count"}
        )
        mean = number_cells(numbers, group.documents, base, "", {"intrinsic_mean": "figure"})
        figures = number_cells(numbers, group.documents, base, "/figures", _FIGURES)
        exact = number_cells(
            numbers, group.documents, f"{base}/attainable", "/attainable", _ATTAINABLE
        )
        beside = [cell for pair in zip(figures, exact, strict=False) for cell in pair]
        name = ("quoted", f"{group.method} on {group.dataset}")
        rows.append([name, *samples, *mean, *beside, *figures[len(exact) :]])
    return Table(("answers of", "per question", "mean intrinsic confidence", *_HEADS), rows)
