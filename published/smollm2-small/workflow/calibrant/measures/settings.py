"""How predictions are measured."""

from typing import Annotated

from pydantic import Field

from calibrant.settings import Settings

Probability = Annotated[float, Field(gt=0, lt=1)]


class Measures(Settings):
    """How predictions are measured."""

    replicates: int = Field(default=1000, ge=100, le=100_000)
    """Bootstrap replicates, clustered by question (replicates)."""
    level: Probability = 0.95
    """Level of every interval (a probability: 0.95, not 95)."""
    bins: int = Field(default=10, ge=2, le=100)
    """Bins of ECE and of the reliability diagram (bins)."""
