"""The one entrance to the calibrators: confidences and grades in, a fitted map out."""

from collections.abc import Callable

from numpy.typing import ArrayLike

from calibrant.baselines.confidence_maps import LineMap
from calibrant.baselines.fitted_calibrator import FittedCalibrator
from calibrant.baselines.histogram import fit_histogram
from calibrant.baselines.isotonic import fit_isotonic
from calibrant.baselines.log_odds_fits import Fit, fit_beta, fit_platt, fit_temperature
from calibrant.baselines.settings import CalibratorKind
from calibrant.errors import CalibrantError
from calibrant.measures.sample import scored_sample
from calibrant.measures.weighting import WeightedSample, tie_groups, unweighted

_LOG_ODDS: dict[str, Callable[[WeightedSample], Fit]] = {
    "platt": fit_platt,
    "beta": fit_beta,
    "temperature": fit_temperature,
}


def fit_calibrator(
    kind: CalibratorKind, confidence: ArrayLike, correct: ArrayLike
) -> FittedCalibrator:
    """Fit a calibrator.

    The result is finite whatever the answers, and apart from ``histogram`` it never falls as the
    confidence rises.

    Args:
        kind: Which one; ``constant`` gives every answer the accuracy.
        confidence: Stated confidences in [0, 1], shape (n,).
        correct: 0 and 1, shape (n,).

    Raises:
        CalibrantError: If there are fewer than two answers, or a value is out of its range.
    """
    sample = scored_sample(confidence, correct)
    if len(sample) < 2:
        raise CalibrantError(
            f"{len(sample)} graded answers with a confidence are too few to fit on",
            where=f"calibrator {kind}",
            repair="Name datasets with a larger calibration split",
        )
    weighted = unweighted(tie_groups(sample))
    rows, right = int(weighted.n[0]), int(weighted.n_right[0])
    if kind in _LOG_ODDS:
        fitted, smoothed = _LOG_ODDS[kind](weighted)
        return FittedCalibrator(kind, fitted, rows, right, smoothed=smoothed)
    if kind == "isotonic":
        return FittedCalibrator(kind, fit_isotonic(weighted), rows, right)
    if kind == "histogram":
        return FittedCalibrator(kind, fit_histogram(weighted), rows, right)
    return FittedCalibrator("constant", LineMap((0.5,), (right / rows,)), rows, right)
