"""Stages that choose training questions: ``sample`` and ``select_questions``."""

from calibrant.settings import Settings
from calibrant.stage_settings.answers import GenerateSettings
from calibrant.training.selection_settings import Selection


class SampleSettings(Settings):
    """Stage ``sample``: one model answers the training questions several times."""

    limit: int | None
    generate: GenerateSettings


class SelectSettings(Settings):
    """Stage ``select_questions``: the training questions that are kept.

    ``selection.model`` and ``selection.limit`` are empty; ``model`` is the one that was sampled.
    """

    model: str
    selection: Selection
    scale: str
    replicates: int
    level: float
