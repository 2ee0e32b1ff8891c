"""Which certificates a study asks for."""

from typing import Annotated

from pydantic import Field

from calibrant.settings import Settings

_Probability = Annotated[float, Field(gt=0, lt=1)]


class Certificates(Settings):
    """Thresholds for accepting answers, with a guarantee; one per method, seed and dataset."""

    risk: _Probability
    """Highest error rate among accepted answers (a probability: 0.05, not 5)."""
    confidence: _Probability = 0.95
    """How surely the risk must hold over calibration samples."""
    datasets: list[str] = Field(min_length=1)
    """Evaluated datasets on whose calibration split a threshold is certified. It is then applied to
    the test split, and to all other datasets to see what it would do there."""
    methods: list[str] = []
    """Methods that get certificates. Empty: all that answer here."""
