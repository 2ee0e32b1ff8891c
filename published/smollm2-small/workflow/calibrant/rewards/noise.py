"""Labels from a judge that errs: how to undo its errors in expectation."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from calibrant.errors import CalibrantError


def corrected_label(
    verdict: ArrayLike, sensitivity: float, specificity: float
) -> NDArray[np.float64]:
    """Return labels whose expectation over the judge's errors is the truth.

    y = (verdict - (1 - specificity)) / (sensitivity + specificity - 1). A reward that is linear in
    the label keeps its expectation; its variance grows by 1 / (sensitivity + specificity - 1)^2.
    Rogan and Gladen 1978; Natarajan et al. 2013 (loss correction).

    Args:
        verdict: 0 or 1 (or a probability of 1) as the judge gave it, any shape.
        sensitivity: Share of right answers the judge calls right, in 0..1.
        specificity: Share of wrong answers the judge calls wrong, in 0..1.

    Returns:
        The labels, shape of ``verdict``; below 0 and above 1 where the judge errs at all.

    Raises:
        CalibrantError: If a share is outside 0..1, or if the judge is no better than chance.
    """
    index = youden_index(sensitivity, specificity)
    return np.asarray((np.asarray(verdict, np.float64) - (1 - specificity)) / index)


def judged_rate(p: ArrayLike, sensitivity: float, specificity: float) -> NDArray[np.float64]:
    """Return how often the judge says "right" where answers are right with probability p.

    sensitivity p + (1 - specificity) (1 - p): what a proper score with uncorrected
    verdicts teaches a model to state.

    Raises:
        CalibrantError: If a share is outside 0..1, or if the judge is no better than chance.
    """
    youden_index(sensitivity, specificity)
    p = np.asarray(p, np.float64)
    return np.asarray(sensitivity * p + (1 - specificity) * (1 - p))


def youden_index(sensitivity: float, specificity: float) -> float:
    """Return sensitivity + specificity - 1, which is 1 for a perfect judge and 0 for a coin.

    Raises:
        CalibrantError: If a share is outside 0..1, or if the judge is no better than chance.
    """
    for name, share in (("sensitivity", sensitivity), ("specificity", specificity)):
        if not 0 <= share <= 1:
            raise CalibrantError(
                f"the {name} {share:g} is not a share", repair="Write 0.9 for 90 %"
            )
    index = sensitivity + specificity - 1
    if index <= 1e-9:
        raise CalibrantError(
            f"a judge with sensitivity {sensitivity:g} and specificity {specificity:g} is no better "
            "than chance: its verdicts cannot be corrected",
            repair="Use another judge; the two must sum to more than 1",
        )
    return index
