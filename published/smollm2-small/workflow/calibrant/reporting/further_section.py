"""The second line of measures of every method and dataset, in three tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from calibrant.measures.further import PRICES
from calibrant.reporting.cells import number_cells
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.seed_groups import SeedGroup
from calibrant.reporting.table import Table

_CALIBRATION = {
    "smooth_ece": ("smooth ECE", "figure"),
    "debiased_ece": ("debiased ECE", "figure"),
    "over_confidence": ("over-confidence", "figure"),
    "under_confidence": ("under-confidence", "figure"),
    "miscalibration": ("miscalibration", "figure"),
    "ks_error": ("Kolmogorov-Smirnov", "figure"),
    "ks_p_value": ("its p", "level"),
    "spiegelhalter_z": ("Spiegelhalter's z", "signed"),
    "spiegelhalter_p_value": ("its p", "level"),
}
_RANKING = {
    "discrimination": ("discrimination", "figure"),
    "uncertainty": ("uncertainty", "figure"),
    "excess_aurc": ("excess AURC", "figure"),
    "augrc": ("AUGRC", "figure"),
    "auprc_wrong": ("AUPRC of errors", "figure"),
    "accuracy_at_half": ("accuracy at half coverage", "figure"),
    "accuracy_at_four_fifths": ("accuracy at four fifths", "figure"),
    "coverage_at_5": ("coverage at risk 0.05", "figure"),
    "coverage_at_10": ("at 0.10", "figure"),
    "coverage_at_20": ("at 0.20", "figure"),
}
_COST = {
    f"cost_{price}{ending}": (f"{price}{words}", "figure")
    for price in PRICES
    for ending, words in (("", ""), ("_fixed", ", at 0.85"), ("_best", ", in hindsight"))
}


@dataclass(frozen=True, slots=True)
class FurtherSection:
    """What the page shows of the second line of measures.

    Attributes:
        calibration: Calibration without bins, and tests of it.
        ranking: What the confidence is worth for choosing answers.
        cost: Wrong answers against deferred ones.
    """

    calibration: Table
    ranking: Table
    cost: Table


def further_section(groups: Sequence[SeedGroup], numbers: Numbers) -> FurtherSection | None:
    """Return the section, or None where nothing was measured."""
    if not groups:
        return None
    return FurtherSection(
        *(_table(groups, part, numbers) for part in (_CALIBRATION, _RANKING, _COST))
    )


def _table(
    groups: Sequence[SeedGroup], part: dict[str, tuple[str, str]], numbers: Numbers
) -> Table:
    styles = {name: style for name, (_, style) in part.items()}
    rows = []
    for group in groups:
        cells = number_cells(
            numbers, group.documents, f"{group.base}/further", "/views/graded/further", styles
        )
        rows.append([("quoted", f"{group.method} on {group.dataset}"), *cells])
    # Heads hold digits.
    return Table(("system", *(words for words, _ in part.values())), rows, quoted_heads=True)
