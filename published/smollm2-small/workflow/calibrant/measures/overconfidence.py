"""The two halves of ECE: over-confidence alone and under-confidence alone.

Both are taken on the bins of ``calibration.ece`` or ``calibration.ece_equal_mass``. On the same
bins over minus under is the gap (mean confidence minus accuracy), and over plus under is the ECE.
"""

import numpy as np

from calibrant.measures.bin_sums import Binning, bin_sums
from calibrant.measures.calibration import DEFAULT_BINS
from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import WeightedSample, ratio


def over_confidence(
    weighted: WeightedSample,
    bins: int = DEFAULT_BINS,
    binning: Binning = Binning.EQUAL_WIDTH,
) -> FloatArray:
    """Mean over answers of max(0, mean confidence - accuracy) of their bin (PCE).

    Shape (r,), in [0, 1], 0 best; NaN without answers. The positive half of the ECE of Naeini et
    al. (2015). Trap: it is biased upwards like ECE, so a calibrated predictor shows about half the
    noise floor of ECE; and 0 says only that no bin is over-confident, so a predictor that states 0
    for everything has the best value.
    """
    excess = bin_sums(weighted, bins, binning).excess
    return ratio(np.maximum(excess, 0.0).sum(axis=1), weighted.n)


def under_confidence(
    weighted: WeightedSample,
    bins: int = DEFAULT_BINS,
    binning: Binning = Binning.EQUAL_WIDTH,
) -> FloatArray:
    """Mean over answers of max(0, accuracy - mean confidence) of their bin.

    Shape (r,), in [0, 1], 0 best; NaN without answers. The negative half of ECE; the same traps as
    ``over_confidence``: stating 1 for everything has the best value.
    """
    excess = bin_sums(weighted, bins, binning).excess
    return ratio(np.maximum(-excess, 0.0).sum(axis=1), weighted.n)
