"""What a certificate needs before any data are seen: labels, and answers left to a person."""

import math

from calibrant.certification.binomial import lower_tail
from calibrant.errors import CalibrantError


def check_levels(alpha: float, delta: float) -> None:
    """Refuse a risk or a probability of failure outside (0, 1).

    Raises:
        CalibrantError: Names the level.
    """
    for name, value in (("the risk", alpha), ("one minus the confidence", delta)):
        if not 0 < value < 1:
            raise CalibrantError(
                f"{name} is {value:g}, which is not between 0 and 1",
                where="risk and confidence",
                repair="Write both as shares, such as 0.05 and 0.95",
            )


def least_labels(alpha: float, delta: float) -> int:
    """Return the least number of accepted labels, all right, that can certify a risk.

    With n labels and no error the p-value is (1 - alpha)^n, so n >= log(delta) / log(1 - alpha).

    Args:
        alpha: Highest error rate allowed, in (0, 1).
        delta: Highest probability that the certificate is wrong, in (0, 1).

    Raises:
        CalibrantError: If a level is outside (0, 1).
    """
    check_levels(alpha, delta)
    n = max(1, math.ceil(math.log(delta) / math.log1p(-alpha)))
    # Rounding of the quotient may miss by one; the tail itself decides.
    while n > 1 and lower_tail(0, n - 1, alpha) <= delta:
        n -= 1
    while lower_tail(0, n, alpha) > delta:
        n += 1
    return n


def most_errors(n: int, alpha: float, delta: float) -> int | None:
    """Return the largest number of errors among ``n`` accepted labels that still certifies.

    Returns:
        A count in 0..n-1, or None if not even zero errors would do.
    """
    check_levels(alpha, delta)
    if lower_tail(0, n, alpha) > delta:
        return None
    low, high = 0, n  # certifies, does not
    while high - low > 1:
        middle = (low + high) // 2
        if lower_tail(middle, n, alpha) <= delta:
            low = middle
        else:
            high = middle
    return low


def least_deferred(base_risk: float, alpha: float) -> float:
    """Return the least share of answers that any rule must defer to reach a risk (2606.29054).

    Accepting a share a at risk alpha leaves at most a * alpha + (1 - a) errors in all, so
    1 - a >= (base_risk - alpha) / (1 - alpha).

    Args:
        base_risk: Error rate of all answers, in [0, 1].
        alpha: Highest error rate allowed among those accepted, in (0, 1).

    Returns:
        A share in [0, 1]; 0 where the base risk is no higher than alpha.
    """
    return max(0.0, (base_risk - alpha) / (1 - alpha))
