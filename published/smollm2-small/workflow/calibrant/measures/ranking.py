"""How well confidence ranks right answers above wrong ones: AUROC and AURC."""

from functools import lru_cache

import numpy as np

from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import WeightedSample, ratio


def auroc(weighted: WeightedSample) -> FloatArray:
    """Probability that a right answer is more confident than a wrong one, ties counted one half.

    Shape (r,), in [0, 1], .5 without any ranking; undefined (NaN) where all answers are right or
    all are wrong (Hanley and McNeil 1982).
    """
    running_wrong = weighted.running_total - weighted.running_right
    below_plus_above_tie = running_wrong[:, :-1] + running_wrong[:, 1:]
    twice_pairs = (weighted.right * below_plus_above_tie).sum(axis=1)
    return ratio(twice_pairs, 2 * weighted.n_right * (weighted.n - weighted.n_right))


def aurc(weighted: WeightedSample) -> FloatArray:
    """Area under the risk-coverage curve, averaged over all orders within a tie; 0 best.

    With the answers sorted from most to least confident, the mean over i = 1..n of the share of
    wrong answers among the first i (Geifman and El-Yaniv 2017). In a tie of v answers, e of them
    wrong, after w answers with x wrong, the expected number of wrong among its first j is
    ``e j / v``, so its part of the sum is ``e + (x - w e / v) (H(w + v) - H(w))`` with harmonic
    numbers H. A constant confidence has AURC = 1 - accuracy. Shape (r,), in [0, 1].
    """
    n = weighted.n
    wrong = weighted.total - weighted.right
    running_wrong = weighted.running_total - weighted.running_right
    above = n[:, None] - weighted.running_total
    harmonic = _harmonic_numbers(int(n.max(initial=0)).bit_length())[above.astype(np.int64)]
    # Column j + 1 is what lies above group j; column j is that and group j itself. The arrays are
    # reused, since fresh memory costs as much as the arithmetic.
    span = np.subtract(harmonic[:, :-1], harmonic[:, 1:])
    term = np.zeros_like(wrong)
    np.divide(wrong, weighted.total, out=term, where=weighted.total > 0)
    term *= above[:, 1:]
    term += running_wrong[:, 1:]
    np.subtract(running_wrong[:, -1:], term, out=term)
    term *= span
    return ratio(running_wrong[:, -1] + term.sum(axis=1), n)


@lru_cache(maxsize=4)
def _harmonic_numbers(bits: int) -> FloatArray:
    """Return H(0), H(1), ..., H(2^bits - 1)."""
    numbers = np.zeros(2**bits)
    np.cumsum(1.0 / np.arange(1, 2**bits), out=numbers[1:])
    numbers.setflags(write=False)
    return numbers
