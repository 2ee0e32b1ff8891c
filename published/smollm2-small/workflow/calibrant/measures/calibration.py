"""Expected calibration error, with bins of equal width and of equal mass.

ECE = sum over bins of |sum of confidences - number of right answers| / n, which is the same as the
weighted mean of |accuracy - mean confidence| (Naeini et al. 2015; Guo et al. 2017). It is biased
upwards: a perfectly calibrated predictor has an ECE above 0 on a finite sample, so read it beside
its noise floor (``companions.noise_floor``).
"""

import numpy as np

from calibrant.measures.sample import FloatArray, IntArray
from calibrant.measures.weighting import WeightedSample, ratio

DEFAULT_BINS = 10


def bin_edges(bins: int) -> FloatArray:
    """Return the ``bins`` + 1 edges of equal-width bins of [0, 1].

    They are numpy's ``linspace``, as in RLCR's evaluation, and so carry its rounding: the edge
    nearest to 0.3 is 0.30000000000000004, and a confidence of 0.3 lies in the bin below it.
    """
    return np.linspace(0.0, 1.0, bins + 1)


def equal_width_bins(confidence: FloatArray, bins: int) -> IntArray:
    """Return the bin 0..bins-1 of every confidence, shape (n,).

    A bin holds its left edge and not its right one; the last bin holds 1 as well.
    """
    codes = np.searchsorted(bin_edges(bins)[1:-1], confidence, side="right")
    return codes.astype(np.int64)


def ece(weighted: WeightedSample, bins: int = DEFAULT_BINS) -> FloatArray:
    """ECE over equal-width bins, left-closed, the last closed at 1; shape (r,), in [0, 1]."""
    inner = np.searchsorted(weighted.confidence, bin_edges(bins)[1:-1], side="left")
    rows = len(weighted.total)
    return _binned_error(weighted, np.broadcast_to(inner, (rows, bins - 1)))


def ece_equal_mass(weighted: WeightedSample, bins: int = DEFAULT_BINS) -> FloatArray:
    """ECE over bins of equal mass in which no tie is split; shape (r,), in [0, 1].

    Sort by confidence. All answers of one confidence go together into the bin in which the middle
    of their tie falls: with weight w below them and v of their own, bin
    ``floor(bins * (w + v / 2) / n)``. Without ties the bins differ by at most one answer; a tie
    larger than a bin swallows its neighbours, which then stay empty. Bins are drawn anew for every
    row of weights.
    """
    # Twice the middle, and twice the border of bin k rounded up, are whole numbers for counts, so
    # the comparison is exact.
    middle = weighted.running_total[:, :-1] + weighted.running_total[:, 1:]
    steps = np.arange(1, bins)
    ends = np.zeros((len(middle), bins - 1), dtype=np.int64)
    for row, (middles, n) in enumerate(zip(middle, weighted.n, strict=True)):
        borders = -((-2 * steps * int(n)) // bins)
        ends[row] = np.searchsorted(middles, borders, side="left")
    return _binned_error(weighted, ends)


def _binned_error(weighted: WeightedSample, ends: IntArray) -> FloatArray:
    """Return the ECE for bins that end before group ``ends`` (r, bins - 1)."""
    excess = weighted.running_excess
    at_ends = np.take_along_axis(excess, ends, axis=1)
    # The running sum is 0 before the first bin.
    per_bin = np.diff(at_ends, axis=1, prepend=0.0, append=excess[:, -1:])
    return ratio(np.abs(per_bin).sum(axis=1), weighted.n)
