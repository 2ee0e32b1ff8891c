"""Wilson's interval for a proportion, widened for answers to the same question."""

from statistics import NormalDist

import numpy as np

from calibrant.measures.sample import FloatArray, IntArray


def wilson_interval(successes: float, n: float, level: float) -> tuple[float, float]:
    """Return Wilson's score interval (Wilson 1927).

    Args:
        successes: Number of successes, in [0, n].
        n: Number of trials, above 0; may be fractional (an effective number).
        level: Level of the interval, in (0, 1).

    Returns:
        Lower and upper end, in [0, 1].
    """
    z2 = NormalDist().inv_cdf((1 + level) / 2) ** 2
    share = successes / n
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = (z2 * (share * (1 - share) / n + z2 / (4 * n * n))) ** 0.5 / (1 + z2 / n)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def effective_rows(cluster: IntArray) -> FloatArray:
    """Return what the first j answers are worth if the answers to one question are all alike.

    With m_k answers to question k among them it is (sum m_k)^2 / sum m_k^2 independent answers: j
    with one answer per question, and less with several (Kish 1965, with full correlation). It keeps
    the interval of a bin honest where the bootstrap cannot: a bin without a wrong answer.

    Args:
        cluster: Question code of every answer, shape (n,).

    Returns:
        The worth of the first 1, 2, ..., n answers, shape (n,).
    """
    n = len(cluster)
    by_cluster = np.argsort(cluster, kind="stable")
    starts = np.flatnonzero(np.diff(cluster[by_cluster], prepend=-1))
    sizes = np.diff(starts, append=n)
    earlier = np.empty(n)
    earlier[by_cluster] = np.arange(n) - np.repeat(starts, sizes)
    # One more answer to a question with m of them adds (m + 1)^2 - m^2 to the sum of squares.
    return np.arange(1, n + 1) ** 2 / np.cumsum(2 * earlier + 1)
