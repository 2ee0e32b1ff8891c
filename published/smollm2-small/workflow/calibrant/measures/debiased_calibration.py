"""Calibration error in the L2 norm without the bias of small bins (Kumar, Liang and Ma 2019)."""

import numpy as np

from calibrant.measures.bin_sums import Binning, bin_sums
from calibrant.measures.calibration import DEFAULT_BINS
from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import WeightedSample, ratio


def debiased_squared_error(
    weighted: WeightedSample,
    bins: int = DEFAULT_BINS,
    binning: Binning = Binning.EQUAL_MASS,
) -> FloatArray:
    """Mean over bins of (confidence - accuracy)^2, less what chance alone puts there.

    A bin of v answers with mean confidence c and accuracy p enters with weight v / n and
    ``(c - p)^2 - p (1 - p) / (v - 1)``. The second term estimates without bias the variance of p,
    by which the first is too large on average, so a calibrated predictor has 0 on average and a
    NEGATIVE value about as often as not. A bin of one answer has no such estimate and enters with
    0, as in the authors' package, uncertainty-calibration; NaN where no bin has two answers.

    Shape (r,), in [-1/4, 1]; no root is taken here, so averages over seeds or data sets stay
    unbiased. Traps: it assumes independent answers, so several answers per question, and bootstrap
    replicates (which repeat answers), leave some bias in; miscalibration that cancels within a bin
    stays unseen, as in every binned measure.
    """
    sums = bin_sums(weighted, bins, binning)
    several = sums.total >= 2
    total = np.where(several, sums.total, 2.0)
    accuracy = sums.right / total
    error = (sums.excess / total) ** 2 - accuracy * (1 - accuracy) / (total - 1)
    summed = np.where(several, total * error, 0.0).sum(axis=1)
    return np.where(several.any(axis=1), ratio(summed, weighted.n), np.nan)


def debiased_ece(
    weighted: WeightedSample,
    bins: int = DEFAULT_BINS,
    binning: Binning = Binning.EQUAL_MASS,
) -> FloatArray:
    """Root of ``debiased_squared_error``, 0 where that is negative; an error in probability.

    Shape (r,), in [0, 1], 0 best; NaN as there. Traps: setting negative values to 0 brings back a
    small upward bias near calibration, so read 0 as "not told apart from calibrated"; being an L2
    norm, it is not comparable with ECE (L1), which it exceeds for the same errors.
    """
    squared = debiased_squared_error(weighted, bins, binning)
    return np.sqrt(np.maximum(squared, 0.0))
