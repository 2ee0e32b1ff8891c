"""Sums per bin, over the bins that ``calibration.ece`` and ``calibration.ece_equal_mass`` use."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from calibrant.measures.calibration import bin_edges
from calibrant.measures.sample import FloatArray, IntArray
from calibrant.measures.weighting import WeightedSample


class Binning(StrEnum):
    """How the bins are drawn: of equal width, or of equal mass with no tie split."""

    EQUAL_WIDTH = "equal_width"
    EQUAL_MASS = "equal_mass"


@dataclass(frozen=True, slots=True, eq=False)
class BinSums:
    """What lies in every bin, for r rows of weights.

    Attributes:
        total: Weight of the answers of each bin, shape (r, bins).
        right: Weight of the right ones, shape (r, bins).
        excess: Sum of confidence minus number of right answers, shape (r, bins).
    """

    total: FloatArray
    right: FloatArray
    excess: FloatArray


def bin_sums(weighted: WeightedSample, bins: int, binning: Binning) -> BinSums:
    """Sum a sample over its bins; empty bins hold zeros.

    Args:
        weighted: The sample under r rows of weights.
        bins: Number of bins, from 1.
        binning: Equal width (left-closed, the last closed at 1) or equal mass (an answer's bin is
            that of the middle of its tie; see ``calibration.ece_equal_mass``).
    """
    ends = _width_ends(weighted, bins) if binning == "equal_width" else _mass_ends(weighted, bins)
    return BinSums(
        total=_between(weighted.running_total, ends),
        right=_between(weighted.running_right, ends),
        excess=_between(weighted.running_excess, ends),
    )


def _width_ends(weighted: WeightedSample, bins: int) -> IntArray:
    inner = np.searchsorted(weighted.confidence, bin_edges(bins)[1:-1], side="left")
    return np.broadcast_to(inner, (len(weighted.total), bins - 1))


def _mass_ends(weighted: WeightedSample, bins: int) -> IntArray:
    # Twice the middle of a tie and twice the border of a bin, rounded up, are whole numbers for
    # counts, so the comparison is exact.
    middle = weighted.running_total[:, :-1] + weighted.running_total[:, 1:]
    steps = np.arange(1, bins)
    ends = np.zeros((len(middle), bins - 1), dtype=np.int64)
    for row, (middles, n) in enumerate(zip(middle, weighted.n, strict=True)):
        ends[row] = np.searchsorted(middles, -((-2 * steps * int(n)) // bins), side="left")
    return ends


def _between(running: FloatArray, ends: IntArray) -> FloatArray:
    at_ends = np.take_along_axis(running, ends, axis=1)
    return np.diff(at_ends, axis=1, prepend=0.0, append=running[:, -1:])
