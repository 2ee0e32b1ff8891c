"""Stage ``measure_self_judgement``: how well a model forecasts that its confidence is faithful."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.measures.forecast_rows import Forecast
from calibrant.measures.sample import FloatArray
from calibrant.measures.summary import measure_sample
from calibrant.stage_settings.self_judgement import SelfJudgedSettings

SCHEMA = "calibrant-self-judgement/1"

# A distance such as 0.9 - 0.8 is 0.1, whatever its last bit; training counts it the same way.
_ROUNDING = 1e-9


def measure_self_judgement(
    forecasts: Sequence[Forecast], settings: SelfJudgedSettings, seed: int
) -> dict[str, Any]:
    """Return the calibration of forecasts about faithfulness, measured as that of confidences is.

    A forecast that cannot be read is counted, and left out of what needs one. A model that always
    forecasts its own mean is calibrated without knowing itself: read the scores beside the best
    constant, and AUROC for whether it tells one answer from another.

    Args:
        forecasts: All rows of one method, seed and dataset, one per question, at least one.
        settings: Tolerance, bins, replicates and level.
        seed: Seed of the bootstrap.

    Returns:
        ``view`` as ``measure_sample`` gives it, with the forecast as the confidence and 1 for a
        faithful answer as the outcome; its ``accuracy`` is the share of faithful answers.
        ``unread``: the share of replies without a forecast, over all questions asked, with its
        interval. ``counts``: questions asked, unread and without a known faithfulness.

    Raises:
        CalibrantError: If there is no row.
    """
    if not forecasts:
        raise CalibrantError("there is no forecast to measure", where="forecasts")
    first = forecasts[0]
    said = _or_nan([row.forecast for row in forecasts])
    stated = _or_nan([row.stated for row in forecasts])
    gold = _faithful(stated, _or_nan([row.intrinsic for row in forecasts]), settings.tolerance)
    labels = [row.question_id for row in forecasts]
    unread = np.isnan(said)
    common: dict[str, Any] = {
        "policy": "drop",
        "bins": settings.bins,
        "replicates": settings.replicates,
        "level": settings.level,
        "seed": seed,
    }
    return {
        "schema": SCHEMA,
        "method": first.method,
        "seed": first.seed,
        "dataset": first.dataset,
        "counts": {
            "asked": len(forecasts),
            "unread": int(unread.sum()),
            "not_known": int(np.isnan(gold).sum()),
        },
        # A share is measured, and its interval is, as an accuracy is.
        "unread": measure_sample(
            np.zeros(len(forecasts)), unread.astype(np.float64), labels, **common
        )["measures"]["accuracy"],
        "view": measure_sample(said, gold, labels, **common),
        "settings": {**settings.model_dump(), "seed": seed},
    }


def _faithful(stated: FloatArray, intrinsic: FloatArray, tolerance: float) -> FloatArray:
    """Return 1 where the two lie within the tolerance, 0 where not, NaN where either is missing."""
    distance = np.abs(stated - intrinsic)
    return np.where(np.isnan(distance), np.nan, distance <= tolerance + _ROUNDING)


def _or_nan(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
