"""Stages from questions to graded answers: ``generate`` and ``grade``."""

from calibrant.data.settings import DatasetUse
from calibrant.elicitation.settings import Elicitation
from calibrant.engines.settings import Generation
from calibrant.settings import Settings


class GenerateSettings(Settings):
    """Stage ``generate``: one model answers one dataset."""

    method: str
    use: DatasetUse
    elicitation: Elicitation
    generation: Generation


class GradeSettings(Settings):
    """Stage ``grade``: answers read, confidences read, answers graded."""

    scale: str
    confidence: str
    format: str = "answer_confidence"
