"""Histogram binning: the accuracy in bins of equal mass."""

import numpy as np

from calibrant.baselines.confidence_maps import StepMap
from calibrant.measures.weighting import WeightedSample

MOST_BINS = 10
LEAST_IN_BIN = 10
"""There are so few bins that they hold this many answers on average (answers)."""


def fit_histogram(sample: WeightedSample) -> StepMap:
    """Fit the accuracy in at most ten bins of equal mass (Zadrozny and Elkan 2001).

    Bins are those of ``measures.calibration.ece_equal_mass``: all answers of one confidence are in
    the bin in which the middle of their tie falls, and empty bins vanish. The border lies halfway
    between the confidences on its two sides. Trap: the values may fall from one bin to the next.
    """
    total, right, running = sample.total[0], sample.right[0], sample.running_total[0]
    bins = max(1, min(MOST_BINS, int(running[-1]) // LEAST_IN_BIN))
    # Twice the middle is a whole number, so the bin is exact.
    bin_of = (bins * (running[:-1] + running[1:])) // (2 * running[-1])
    starts = np.flatnonzero(np.diff(bin_of, prepend=-1.0))
    accuracy = np.add.reduceat(right, starts) / np.add.reduceat(total, starts)
    edges = (sample.confidence[starts[1:] - 1] + sample.confidence[starts[1:]]) / 2
    return StepMap(tuple(map(float, edges)), tuple(map(float, accuracy)))
