"""Tests of calibration without bins: Kolmogorov-Smirnov, and Spiegelhalter's z.

The p-values hold under one hypothesis: every answer is right with exactly its stated probability,
independently of all others. Several answers per question break the independence and make them too
small. They are meant for the point estimate: a bootstrap replicate repeats answers, so its p-value
means nothing. A large p-value is no evidence of calibration; a small sample finds little.
"""

import math

import numpy as np

from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import WeightedSample, ratio

_TERMS = 40


def ks_error(weighted: WeightedSample) -> FloatArray:
    """Largest running miscalibration: max over t of |sum of (confidence - correct), c <= t| / n.

    Shape (r,), in [0, 1], 0 best; NaN without answers. Ties enter whole, so the order of rows does
    not matter (Gupta et al. 2021; Arrieta-Ibarra et al. 2022). At least the absolute gap and at
    most the ECE with a bin per distinct confidence. Trap: biased upwards of order n^(-1/2), and
    errors of opposite sign in neighbouring confidences cancel.
    """
    return ratio(np.abs(weighted.running_excess).max(axis=1), weighted.n)


def ks_p_value(weighted: WeightedSample) -> FloatArray:
    """Chance of a ``ks_error`` as large or larger under calibration, for many answers.

    Under calibration the running sum, divided by the root of the sum of c (1 - c), approaches a
    Brownian motion on [0, 1], whose largest absolute value is x or more with probability
    ``2 sum over k of (-1)^k erfc((2k + 1) x / sqrt(2))`` (Feller 1971; Tygert 2022, arXiv
    2202.00100). Shape (r,), in [0, 1]; NaN without answers. Where all confidences are 0 or 1
    there is nothing random left: 1 without a wrong call, else 0.

    Trap: an approximation. With ties the walk is looked at in fewer places, so the p-value is too
    large (safe); with few answers between 0 and 1 it is rough. See also the module's assumptions.
    """
    variance = _variance(weighted, np.ones_like(weighted.confidence))
    largest = np.abs(weighted.running_excess).max(axis=1)
    # ratio gives NaN for variance 0, where the walk cannot leave 0.
    scaled = ratio(largest, np.sqrt(variance))
    p_value = np.array([_brownian_motion_reaches(x) for x in scaled])
    p_value = np.where(variance > 0, p_value, np.where(largest > 0, 0.0, 1.0))
    return np.where(weighted.n > 0, p_value, np.nan)


def spiegelhalter_z(weighted: WeightedSample) -> FloatArray:
    """Standardised difference between the Brier score and what calibration would give.

    ``z = sum (y - c)(1 - 2c) / sqrt(sum (1 - 2c)^2 c (1 - c))``, about standard normal under
    calibration for many answers (Spiegelhalter 1986). Shape (r,); positive where confidences are
    too far from 1/2 (over-confident above it), negative where too near. NaN where no confidence
    lies strictly between 0, 1/2 and 1, so also without answers.

    Trap: 0 is not calibration. Answers stated at 1/2 count nothing, and errors of opposite sign
    cancel, such as 0.2 and 0.8 both stated too high by the same amount.
    """
    sure = weighted.confidence
    signed = weighted.right - weighted.total * sure
    summed = (signed * (1 - 2 * sure)).sum(axis=1)
    return ratio(summed, np.sqrt(_variance(weighted, (1 - 2 * sure) ** 2)))


def spiegelhalter_p_value(weighted: WeightedSample) -> FloatArray:
    """Two-sided p-value of ``spiegelhalter_z`` from the normal distribution.

    Shape (r,), in [0, 1]; NaN where z is. Traps: as z; the module's assumptions; a wrong answer at
    confidence 1 is impossible under calibration, yet only moves z by 1 / (standard deviation).
    """
    z = spiegelhalter_z(weighted)
    return np.array([math.erfc(abs(value) / math.sqrt(2)) for value in z])


def _variance(weighted: WeightedSample, factor: FloatArray) -> FloatArray:
    """Return the variance of the sum of factor * correct under calibration, shape (r,)."""
    each = factor * weighted.confidence * (1 - weighted.confidence)
    return np.asarray((weighted.total * each).sum(axis=1))


def _brownian_motion_reaches(x: float) -> float:
    """Return P(max of |B| over [0, 1] >= x); NaN stays NaN."""
    if x < 0.1:
        # 1 in float64, and the series would need more terms.
        return 1.0
    terms = ((-1) ** k * math.erfc((2 * k + 1) * x / math.sqrt(2)) for k in range(_TERMS))
    return min(1.0, 2 * math.fsum(terms))
