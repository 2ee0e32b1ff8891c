"""Non-inferiority: showing that nothing of importance was lost, instead of failing to show a loss."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.measures.figure_entry import MOST_LEFT_OUT
from calibrant.measures.sample import FloatArray


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """Whether a method is worse than another by less than a margin.

    Attributes:
        margin: The largest loss that does not matter, above 0, stated beforehand.
        loss: How much worse the method is; below 0 if it is better.
        most: Upper end of the one-sided interval of the loss; None where there is none.
        p_value: That the loss is the margin or more; None where there is none.
        shown: Whether non-inferiority is shown: ``most`` lies below the margin.
        power: Probability to show it if the methods are equal, from the standard error.
        reason: Empty, or why there is no interval.
    """

    margin: float
    loss: float
    most: float | None
    p_value: float | None
    shown: bool
    power: float | None
    reason: str = ""


def non_inferiority(
    difference: float,
    replicated: FloatArray,
    *,
    margin: float,
    level: float,
    higher_is_better: bool = True,
) -> NonInferiority:
    """Test that a method loses less than ``margin`` against another.

    The null hypothesis is a loss of the margin or more; it is rejected when the one-sided
    percentile interval of the loss ends below the margin. Assumes what the replicates assume
    (``comparison.paired_differences``) and a margin fixed before the data were seen. Source:
    Blackwelder (1982), Controlled Clinical Trials 3; CONSORT extension, Piaggio et al. (2012),
    JAMA 308. Without spread in the replicates nothing is shown: equal answers on a few questions
    are no proof.

    Args:
        difference: Method minus reference.
        replicated: The difference on every replicate, shape (B,), NaN where undefined.
        margin: Above 0, in the unit of the measure.
        level: Level of the one-sided interval, in (0, 1), such as 0.95.
        higher_is_better: False for losses such as Brier and ECE.

    Raises:
        CalibrantError: If the margin is not above 0.
    """
    if not margin > 0:
        raise CalibrantError(
            f"a margin of {margin:g} is not above 0",
            where="margin",
            repair="State the largest loss that does not matter, such as 0.02",
        )
    sign = -1.0 if higher_is_better else 1.0
    losses, loss = sign * replicated[~np.isnan(replicated)], sign * difference
    if len(replicated) - len(losses) > MOST_LEFT_OUT * len(replicated) or len(losses) < 2:
        reason = "too many replicates have no value"
        return NonInferiority(margin, loss, None, None, False, None, reason)
    error = float(losses.std(ddof=1))
    if error < 1e-12:
        reason = "resampling shows no spread, so it bounds no loss"
        return NonInferiority(margin, loss, None, None, False, None, reason)
    most = float(np.quantile(losses, level))
    normal = NormalDist()
    return NonInferiority(
        margin=margin,
        loss=loss,
        most=most,
        p_value=float((1 + (losses >= margin).sum()) / (len(losses) + 1)),
        shown=most < margin,
        power=normal.cdf(margin / error - normal.inv_cdf(level)),
    )
