"""Stage ``calibrate``: confidences mapped by what the calibration split showed."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from calibrant.baselines.calibrators import fit_calibrator
from calibrant.baselines.fitted_calibrator import FittedCalibrator
from calibrant.baselines.settings import CalibratorKind
from calibrant.data.sealed_rows import check_rows
from calibrant.rows import Prediction


def fit_on(
    predictions: Sequence[Prediction],
    kind: CalibratorKind,
    datasets: Collection[str] | None = None,
) -> FittedCalibrator:
    """Fit a calibrator on graded answers of the calibration split.

    Answers without a confidence or without a grade are left out and counted.

    Args:
        predictions: Answers of one system to any number of datasets, taken together.
        kind: Which calibrator.
        datasets: The only datasets they may be of; None where any will do.

    Raises:
        CalibrantError: If a row is of another split or dataset, or fewer than two can be used.
    """
    check_rows(predictions, "calibration", datasets)
    pairs = [
        (row.confidence, row.correct)
        for row in predictions
        if row.confidence is not None and row.correct is not None
    ]
    fitted = fit_calibrator(kind, [sure for sure, _ in pairs], [right for _, right in pairs])
    return replace(fitted, left_out=len(predictions) - len(pairs))


def calibrated(
    predictions: Sequence[Prediction], fitted: FittedCalibrator, method: str
) -> list[Prediction]:
    """Return the predictions with mapped confidences, under the name of a method of their own.

    A missing confidence stays missing, with its status. What was recorded beside a transcript
    belongs to the stated confidence and is left out.

    Args:
        predictions: Answers to any split.
        fitted: The calibrator.
        method: Name of the calibrated method.
    """
    stated = [row.confidence for row in predictions if row.confidence is not None]
    mapped = iter(fitted.apply(stated).tolist())
    return [
        replace(
            row,
            method=method,
            confidence=None if row.confidence is None else next(mapped),
            recorded_confidence=None,
            recorded_correct=None,
        )
        for row in predictions
    ]
