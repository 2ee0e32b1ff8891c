"""Means over answers: accuracy, mean confidence, their gap, and two proper scores.

All functions take a ``WeightedSample`` with r rows of weights and return shape (r,), NaN where the
weights of a row sum to 0.
"""

import numpy as np

from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import WeightedSample, ratio

LOG_LOSS_CLIP = 1e-6
"""A confidence is moved this far away from 0 and 1 before its logarithm is taken. Models state 0
and 100 % often, and one wrong answer at 100 % would make the log loss infinite."""


def accuracy(weighted: WeightedSample) -> FloatArray:
    """Share of right answers, in [0, 1]."""
    return ratio(weighted.n_right, weighted.n)


def mean_confidence(weighted: WeightedSample) -> FloatArray:
    """Mean stated confidence, in [0, 1]."""
    return ratio((weighted.total * weighted.confidence).sum(axis=1), weighted.n)


def gap(weighted: WeightedSample) -> FloatArray:
    """Mean confidence minus accuracy on the same answers, in [-1, 1]; above 0 is over-confident."""
    return ratio(weighted.running_excess[:, -1], weighted.n)


def brier(weighted: WeightedSample) -> FloatArray:
    """Mean of (confidence - correct)^2, in [0, 1], 0 best (Brier 1950)."""
    sure = weighted.confidence
    return _mean_loss(weighted, (1 - sure) ** 2, sure**2)


def log_loss(weighted: WeightedSample) -> FloatArray:
    """Mean negative log likelihood in nats, 0 best, with confidences clipped.

    Confidences are first moved into [1e-6, 1 - 1e-6] (``LOG_LOSS_CLIP``), so a wrong answer at
    confidence 1 costs 13.8 nats and not infinity.
    """
    sure = np.clip(weighted.confidence, LOG_LOSS_CLIP, 1 - LOG_LOSS_CLIP)
    return _mean_loss(weighted, -np.log(sure), -np.log1p(-sure))


def _mean_loss(
    weighted: WeightedSample, loss_if_right: FloatArray, loss_if_wrong: FloatArray
) -> FloatArray:
    wrong = weighted.total - weighted.right
    loss = weighted.right * loss_if_right + wrong * loss_if_wrong
    return ratio(loss.sum(axis=1), weighted.n)
