"""Stages from graded answers to figures."""

from pydantic import Field

from calibrant.elicitation.settings import Policy
from calibrant.measures.settings import Measures
from calibrant.settings import Settings


class MeasureSettings(Settings):
    """Stage ``measure``: the figures of one method on one dataset."""

    measures: Measures
    missing_confidence: Policy


class CompareSettings(Settings):
    """Stage ``compare_published``: our figures against those published for the same rows."""

    loader: str
    systems: dict[str, str]
    tolerance: float = Field(gt=0)


class FaithfulnessSettings(Settings):
    """Stage ``faithfulness``: stated confidences against how often an answer is given again."""

    replicates: int
    level: float


class CertifySettings(Settings):
    """Stage ``certify``: a threshold certified on one dataset and applied to all."""

    dataset: str
    risk: float
    confidence: float
    level: float
