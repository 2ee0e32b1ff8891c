"""Exact binomial tails and the bounds of Clopper and Pearson, which numpy does not have."""

import numpy as np

_HALVINGS = 60


def lower_tail(errors: int, n: int, rate: float) -> float:
    """Return P(X <= errors) for X binomial with ``n`` trials of probability ``rate``.

    Args:
        errors: A count, in -1..n; -1 gives 0.
        n: Number of trials, 0 or more.
        rate: Probability, in [0, 1].
    """
    if errors < 0:
        return 0.0
    if errors >= n or rate == 0:
        return 1.0
    if rate == 1:
        return 0.0
    counts = np.arange(1, errors + 1, dtype=np.float64)
    # log of C(n, i) rate^i (1 - rate)^(n - i) for i = 0..errors, as a sum of ratios.
    steps = np.log((n - counts + 1) / counts) + np.log(rate) - np.log1p(-rate)
    logs = n * np.log1p(-rate) + np.concatenate(([0.0], np.cumsum(steps)))
    highest = logs.max()
    return float(min(1.0, np.exp(highest) * np.exp(logs - highest).sum()))


def upper_bound(errors: int, n: int, delta: float) -> float:
    """Return the one-sided upper bound of Clopper and Pearson (1934) for an error rate.

    It lies below the true rate with probability at most ``delta``, for a sample fixed in advance.

    Args:
        errors: Number of errors, in 0..n.
        n: Number of trials; without any the bound is 1.
        delta: Probability that the bound fails, in (0, 1).

    Returns:
        The rate at which the lower tail equals ``delta``, in [0, 1].
    """
    if errors >= n:
        return 1.0
    low, high = errors / n, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if lower_tail(errors, n, middle) > delta:
            low = middle
        else:
            high = middle
    return high


def two_sided(successes: int, n: int, level: float) -> tuple[float, float]:
    """Return the two-sided interval of Clopper and Pearson for a share, in [0, 1]."""
    half = (1 - level) / 2
    return 1 - upper_bound(n - successes, n, half), upper_bound(successes, n, half)
