"""The three forms of a map from a stated confidence to a calibrated one."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.judging.signed_logistic import sigmoid
from calibrant.measures.sample import FloatArray

LOG_ODDS_CLIP = 1e-3
"""A confidence is moved into [0.001, 0.999] before its logarithm is taken. Models state 0 and 100 %
often: without it these would be infinitely far from 1 and 99 %, and with a much smaller number
they would decide the fit alone. Confidences beyond it become equal."""
_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class LogOddsMap:
    """Log-odds of being right = ``sure * ln(c) - doubt * ln(1 - c) + shift``.

    Attributes:
        sure: Factor on the logarithm of the confidence, at least 0.
        doubt: Factor on the logarithm of one minus the confidence, at least 0.
        shift: Added log-odds.
        form: Names the form in a document.
    """

    sure: float
    doubt: float
    shift: float
    form: Literal["log_odds"] = "log_odds"

    def __post_init__(self) -> None:
        """Refuse a map that falls, or is not finite."""
        if not (np.isfinite([self.sure, self.doubt, self.shift]).all() and self._rises()):
            raise CalibrantError(f"is no map of confidences that never falls: {self}")

    def _rises(self) -> bool:
        return self.sure >= 0 and self.doubt >= 0

    def __call__(self, confidence: FloatArray) -> FloatArray:
        """Return calibrated confidences, shape (n,), in [0, 1]."""
        log_sure, log_doubt = logarithms(confidence)
        return sigmoid(self.sure * log_sure + self.doubt * log_doubt + self.shift)


@dataclass(frozen=True, slots=True)
class LineMap:
    """Straight lines between knots, and the value of the outermost knot beyond them.

    Attributes:
        at: Confidences of the knots, ascending, in [0, 1]; at least one.
        value: Calibrated confidence at each, never falling, in [0, 1].
        form: Names the form in a document.
    """

    at: tuple[float, ...]
    value: tuple[float, ...]
    form: Literal["lines"] = "lines"

    def __post_init__(self) -> None:
        """Refuse knots that are not ascending, or values that fall or leave [0, 1]."""
        _check_knots(self.at, self.value, len(self.at))
        if np.any(np.diff(self.value) < 0):
            raise CalibrantError("has values that fall", where="map.value")

    def __call__(self, confidence: FloatArray) -> FloatArray:
        """Return calibrated confidences, shape (n,), in [0, 1]."""
        return np.interp(confidence, self.at, self.value)


@dataclass(frozen=True, slots=True)
class StepMap:
    """One value per bin of confidences.

    Attributes:
        edges: Borders between the bins, ascending, in [0, 1]; a bin holds its left border.
        value: Calibrated confidence in each of the ``len(edges) + 1`` bins, in [0, 1].
        form: Names the form in a document.
    """

    edges: tuple[float, ...]
    value: tuple[float, ...]
    form: Literal["steps"] = "steps"

    def __post_init__(self) -> None:
        """Refuse borders that are not ascending, or values outside [0, 1]."""
        _check_knots(self.edges, self.value, len(self.edges) + 1)

    def __call__(self, confidence: FloatArray) -> FloatArray:
        """Return calibrated confidences, shape (n,), in [0, 1]."""
        return np.asarray(self.value)[np.searchsorted(self.edges, confidence, side="right")]


ConfidenceMap = LogOddsMap | LineMap | StepMap


def logarithms(confidence: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return ``ln(c)`` and ``-ln(1 - c)``, clipped by ``LOG_ODDS_CLIP``; both rise with ``c``."""
    # Differences near the rounding of a logarithm would be fitted as if they meant something.
    clipped = np.round(np.clip(confidence, LOG_ODDS_CLIP, 1 - LOG_ODDS_CLIP), _DECIMALS)
    return np.log(clipped), -np.log1p(-clipped)


def _check_knots(at: tuple[float, ...], value: tuple[float, ...], expected: int) -> None:
    inside = all(0 <= number <= 1 for number in (*at, *value))
    if len(value) != expected or not value or not inside or np.any(np.diff(at) <= 0):
        raise CalibrantError(
            "needs ascending confidences and a value each, all in [0, 1]", where="map"
        )
