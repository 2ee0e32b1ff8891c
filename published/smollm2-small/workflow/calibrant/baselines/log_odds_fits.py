"""Calibrators that are linear in log-odds: Platt's, temperature and beta.

Confidences are clipped into [0.001, 0.999] first (``LOG_ODDS_CLIP``). None is regularised. Where
the fit has no finite solution, since right and wrong answers are separated, Platt's targets take
the place of 1 and 0 (``smoothed_counts``).
"""

import numpy as np

from calibrant.baselines.confidence_maps import LogOddsMap, logarithms
from calibrant.baselines.monotone_logistic import (
    fit_monotone_logistic,
    separated,
    smoothed_counts,
)
from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import WeightedSample

Fit = tuple[LogOddsMap, bool]
"""The map, and whether its targets were smoothed."""


def fit_platt(sample: WeightedSample) -> Fit:
    """Fit ``slope * logit(c) + shift`` by logistic regression (Platt 1999).

    The slope is at least 0. It is 0 where all answers have one confidence, so that any other
    confidence gets their accuracy as well.
    """
    columns, counts, smoothed = _prepared(sample)
    logit = columns.sum(axis=1)
    slopes, shift = _fit_varying(logit[:, None], counts)
    return LogOddsMap(float(slopes[0]), float(slopes[0]), shift), smoothed


def fit_beta(sample: WeightedSample) -> Fit:
    """Fit ``a * ln(c) - b * ln(1 - c) + shift`` with a and b at least 0.

    Beta calibration (Kull, Silva Filho and Flach 2017, "Beta calibration"). Fewer than three
    distinct confidences do not tell a from b: then it is Platt's fit.
    """
    columns, counts, smoothed = _prepared(sample)
    if len(np.unique(columns[:, 0])) < 3:
        return fit_platt(sample)
    slopes, shift = _fit_varying(columns, counts)
    return LogOddsMap(float(slopes[0]), float(slopes[1]), shift), smoothed


def fit_temperature(sample: WeightedSample) -> Fit:
    """Fit ``scale * logit(c)``, the scale being one over the temperature (Guo et al. 2017).

    The scale is at least 0, which is an infinite temperature: one half for every answer. It is 1
    where all confidences are one half, which no scale changes.
    """
    log_sure, log_doubt = logarithms(sample.confidence)
    logit = log_sure + log_doubt
    total, right = sample.total[0], sample.right[0]
    # What is said about an answer is its side of one half: mirror those below, right for wrong.
    below = logit < 0
    told = np.where(below, total - right, right)[logit != 0]
    asked = total[logit != 0]
    if not len(asked):
        return LogOddsMap(1.0, 1.0, 0.0), False
    smoothed = bool(np.all(told == asked))
    if smoothed:
        total, right = smoothed_counts(total, right)
    slopes, shift = fit_monotone_logistic(logit[:, None], total, right, shift=False)
    return LogOddsMap(float(slopes[0]), float(slopes[0]), shift), smoothed


def _prepared(sample: WeightedSample) -> tuple[FloatArray, tuple[FloatArray, FloatArray], bool]:
    """Return both logarithms, shape (m, 2), counts that have a fit, and whether smoothed."""
    columns = np.stack(logarithms(sample.confidence), axis=1)
    counts = sample.total[0], sample.right[0]
    smoothed = separated(columns.sum(axis=1), *counts)
    return columns, smoothed_counts(*counts) if smoothed else counts, smoothed


def _fit_varying(
    columns: FloatArray, counts: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, float]:
    """Fit with a shift; slopes of 0 where all confidences are one."""
    total, right = counts
    if np.ptp(columns[:, 0]) > 0:
        return fit_monotone_logistic(columns, total, right, shift=True)
    share = float(right.sum() / total.sum())
    return np.zeros(columns.shape[1]), float(np.log(share) - np.log1p(-share))
