"""How faithful stated confidences are to the model's own: MFG, cMFG and cMFG*.

All functions take a ``WeightedSample`` of responses whose confidence is the intrinsic one and whose
outcome is the response faithfulness F (``FaithfulResponses.sample``), with r rows of weights, and
return shape (r,), NaN where the weights of a row sum to 0.

The published code of cMFG counts an empty bin as 0 and leaves an intrinsic confidence of exactly 1
out of all bins; ``cmfg_published`` is that form. cMFG* as published depends on the order of rows
with equal confidence; it needs the single rows and stands in ``published_cmfg_star``.
"""

import numpy as np
from numpy.typing import NDArray

from calibrant.measures.sample import FloatArray, IntArray
from calibrant.measures.weighting import WeightedSample, ratio

FAITHFULNESS_BINS = 10


def mfg(weighted: WeightedSample) -> FloatArray:
    """Mean faithful generation: mean F, in [0, 1], 1 best."""
    return ratio(weighted.n_right, weighted.n)


def cmfg(weighted: WeightedSample) -> FloatArray:
    """Conditional MFG: mean over equal-width bins of intrinsic confidence of the bin's mean F.

    Ten bins, left-closed, the last closed at 1. Empty bins are left out (``empty_bins`` counts
    them), so a model that is always sure is judged on that alone. In [0, 1], 1 best.
    """
    means, filled = _equal_width(weighted)
    return ratio(np.where(filled, means, 0.0).sum(axis=1), filled.sum(axis=1).astype(np.float64))


def cmfg_published(weighted: WeightedSample) -> FloatArray:
    """CMFG as MetaFaith's and RLMF's code has it: faults kept, for comparison with their figures.

    An empty bin counts 0, the divisor is always 10, and an intrinsic confidence of exactly 1 falls
    outside all bins.
    """
    below = weighted.confidence < 1
    means, filled = _equal_width(weighted, below)
    value = np.where(filled, means, 0.0).sum(axis=1) / FAITHFULNESS_BINS
    return np.where(weighted.n > 0, value, np.nan)


def empty_bins(weighted: WeightedSample) -> FloatArray:
    """Count the equal-width bins of ``cmfg`` without a response, 0..10."""
    _, filled = _equal_width(weighted)
    return np.asarray(FAITHFULNESS_BINS - filled.sum(axis=1), np.float64)


def cmfg_star(weighted: WeightedSample) -> FloatArray:
    """Return sum w F / sum w over equal-count bins, w the width of a bin; in [0, 1], 1 best.

    Responses of equal intrinsic confidence share a bin: that of their middle rank, so neither the
    order of rows nor counting every row twice changes the value. Without ties and with a multiple
    of ten responses the bins are the published ones. Edges lie midway between neighbouring bins,
    the outermost at the least and the greatest confidence. Where all are equal (no width), mean F.
    A narrow support is not punished: read it with ``support_width``.
    """
    means, widths = _equal_count(weighted)
    total = widths.sum(axis=1)
    weighed = ratio((widths * means).sum(axis=1), total)
    return np.where(total > 0, weighed, mfg(weighted))


def support_width(weighted: WeightedSample) -> FloatArray:
    """Greatest minus least intrinsic confidence, in [0, 1]: the total weight of ``cmfg_star``."""
    low, high = _ends(weighted, weighted.total > 0)
    return np.where(weighted.n > 0, high - low, np.nan)


def _equal_width(
    weighted: WeightedSample, counted: NDArray[np.bool_] | None = None
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return the mean F of every bin (NaN if empty) and whether it holds any, shape (r, 10)."""
    edges = np.arange(1, FAITHFULNESS_BINS) / FAITHFULNESS_BINS
    codes = np.searchsorted(edges, weighted.confidence, side="right")
    means, filled = [], []
    for number in range(FAITHFULNESS_BINS):
        here = codes == number if counted is None else (codes == number) & counted
        weight = weighted.total[:, here].sum(axis=1)
        means.append(ratio(weighted.right[:, here].sum(axis=1), weight))
        filled.append(weight > 0)
    return np.stack(means, axis=1), np.stack(filled, axis=1)


def _equal_count(weighted: WeightedSample) -> tuple[FloatArray, FloatArray]:
    """Return mean F and width of every equal-count bin, shape (r, 10); both 0 where empty."""
    present = weighted.total > 0
    codes = _rank_bins(weighted)
    means, lows, highs = [], [], []
    for number in range(FAITHFULNESS_BINS):
        here = present & (codes == number)
        weight = np.where(here, weighted.total, 0.0).sum(axis=1)
        gained = np.where(here, weighted.right, 0.0).sum(axis=1)
        means.append(np.nan_to_num(ratio(gained, weight)))
        low, high = _ends(weighted, here)
        lows.append(low)
        highs.append(high)
    return np.stack(means, axis=1), _widths(np.stack(lows, axis=1), np.stack(highs, axis=1))


def _rank_bins(weighted: WeightedSample) -> IntArray:
    """Return the bin of the middle rank of every tie group, shape (r, m)."""
    # Sums of counts are exact, so the quotient is rounded once and its floor is right.
    twice_middle = weighted.running_total[:, :-1] + weighted.running_total[:, 1:]
    twice_all = 2 * np.maximum(weighted.n, 1)[:, None]
    codes: IntArray = np.floor(FAITHFULNESS_BINS * twice_middle / twice_all).astype(np.int64)
    return np.minimum(codes, FAITHFULNESS_BINS - 1).astype(np.int64)


def _ends(weighted: WeightedSample, here: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Return the least and greatest confidence where ``here``; (2, -1) where it is nowhere."""
    low = np.where(here, weighted.confidence, 2.0).min(axis=1, initial=2.0)
    high = np.where(here, weighted.confidence, -1.0).max(axis=1, initial=-1.0)
    return low, high


def _widths(lows: FloatArray, highs: FloatArray) -> FloatArray:
    """Return the width of every bin, with edges midway between bins; 0 where empty."""
    filled = highs >= lows
    before = np.maximum.accumulate(highs, axis=1)[:, :-1]
    after = np.minimum.accumulate(lows[:, ::-1], axis=1)[:, ::-1][:, 1:]
    left, right = lows.copy(), highs.copy()
    left[:, 1:] = np.where(before >= 0, (before + lows[:, 1:]) / 2, lows[:, 1:])
    right[:, :-1] = np.where(after <= 1, (after + highs[:, :-1]) / 2, highs[:, :-1])
    return np.where(filled, right - left, 0.0)
