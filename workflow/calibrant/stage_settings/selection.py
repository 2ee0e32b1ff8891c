"""Stages that choose training questions: ``sample``, ``select_questions``, ``choose_questions``.

``rate_questions`` takes ``GenerateSettings``: it generates, and nothing else.
"""

from calibrant.settings import Settings
from calibrant.stage_settings.answers import GenerateSettings
from calibrant.training.selection_settings import Selection


class SampleSettings(Settings):
    """Stage ``sample``: one model answers the training questions several times."""

    limit: int | None
    learnt_from: list[str]
    generate: GenerateSettings


class SelectSettings(Settings):
    """Stage ``select_questions``: the training questions that are kept.

    ``selection.model``, ``selection.limit`` and ``selection.self_rating`` are empty; ``model`` is the
    one that was sampled.
    """

    model: str
    learnt_from: list[str]
    selection: Selection
    scale: str
    replicates: int
    level: float


class ChooseSettings(Settings):
    """Stage ``choose_questions``: sets of equal size, by self-rating and without."""

    model: str
    per_end: int
    scale: str
    replicates: int
    level: float
