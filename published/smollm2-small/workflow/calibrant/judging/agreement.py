"""How often a judge agrees with people: over all answers, by domain, by confidence band."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from calibrant.errors import CalibrantError
from calibrant.judging.agreement_figures import FIGURES, Estimate, Resampling, estimates
from calibrant.judging.paired_verdicts import PairedVerdicts

POOLED = "*"


@dataclass(frozen=True, slots=True)
class Agreement:
    """The table of verdicts and what follows from it.

    Attributes:
        rows: Answers with both verdicts.
        questions: Different questions among them.
        right: Answers that people call right.
        wrong: Answers that people call wrong.
        confusion: Weight of ``true_positive`` (both say right), ``false_positive`` (only the judge
            does), ``false_negative`` (only people do) and ``true_negative``.
        accuracy: Share of verdicts that agree.
        kappa: Cohen's kappa.
        ac1: Gwet's AC1.
        sensitivity: Share of right answers the judge calls right.
        specificity: Share of wrong answers the judge calls wrong.
        balanced_accuracy: Mean of the two.
        prevalence: Share of answers that people call right.
    """

    rows: int
    questions: int
    right: int
    wrong: int
    confusion: dict[str, float]
    accuracy: Estimate
    kappa: Estimate
    ac1: Estimate
    sensitivity: Estimate
    specificity: Estimate
    balanced_accuracy: Estimate
    prevalence: Estimate

    @property
    def youden(self) -> Estimate:
        """Sensitivity + specificity - 1: 1 for a perfect judge, 0 for a coin (Youden 1950)."""
        half = self.balanced_accuracy
        value, low, high = (
            None if x is None else 2 * x - 1 for x in (half.value, half.low, half.high)
        )
        return Estimate(value, low, high, reason=half.reason)

    def to_json(self) -> dict[str, Any]:
        """Return all attributes and ``youden`` as JSON."""
        return asdict(self) | {"youden": asdict(self.youden)}


def agreement(verdicts: PairedVerdicts, resampling: Resampling) -> Agreement:
    """Return the agreement of a judge with people; ``estimates`` says how intervals are found."""
    rows, right = len(verdicts), int(verdicts.human.sum())
    sizes = {
        "accuracy": rows,
        "prevalence": rows,
        "sensitivity": right,
        "specificity": rows - right,
    }
    return _agreement(verdicts, estimates(verdicts.tables(), sizes, resampling))


def agreement_by(
    verdicts: PairedVerdicts, groups: ArrayLike, resampling: Resampling, least: int = 30
) -> dict[str, Agreement]:
    """Return the agreement within each group, and of all rows as ``*``.

    Args:
        verdicts: The verdicts, n rows.
        groups: Label of the group per row (a domain, a band of ``confidence_bands``), shape (n,).
        resampling: The bootstrap of every group.
        least: Number of questions below which a group gets its table and no figure.

    Raises:
        CalibrantError: If there are not n labels, or one is ``*``.
    """
    labels = np.asarray(groups).astype(str)
    if labels.shape != (len(verdicts),):
        raise CalibrantError(
            f"has shape {labels.shape} beside {len(verdicts)} verdicts", where="groups"
        )
    if POOLED in labels:
        raise CalibrantError(
            f"no group can be called {POOLED!r}, which stands for all rows", where="groups"
        )
    parts = {POOLED: verdicts}
    parts |= {str(label): verdicts.rows(labels == label) for label in np.unique(labels)}
    return {
        label: agreement(part, resampling)
        if (questions := len(np.unique(part.cluster))) >= least
        else _agreement(part, _unclaimed(questions, least))
        for label, part in parts.items()
    }


def _agreement(verdicts: PairedVerdicts, found: dict[str, Estimate]) -> Agreement:
    right = int(verdicts.human.sum())
    cells = ("true_positive", "false_positive", "false_negative", "true_negative")
    return Agreement(
        rows=len(verdicts),
        questions=len(np.unique(verdicts.cluster)),
        right=right,
        wrong=len(verdicts) - right,
        confusion=dict(zip(cells, verdicts.tables().sum(axis=0).tolist(), strict=True)),
        **found,
    )


def _unclaimed(questions: int, least: int) -> dict[str, Estimate]:
    reason = f"questions: {questions}, fewer than {least}, so nothing is claimed"
    return {name: Estimate(None, None, None, reason=reason) for name in FIGURES}
