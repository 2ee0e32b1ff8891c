"""Stages of the second query at evaluation: ``self_judge`` and ``measure_self_judgement``."""

from calibrant.settings import Settings
from calibrant.stage_settings.answers import GenerateSettings
from calibrant.training.self_judgement_settings import SelfJudgement


class SelfJudgeSettings(Settings):
    """Stage ``self_judge``: a model is asked how faithful its own first answers were.

    ``generate`` is how the answers came about, but for one reply, the likeliest, of at most the
    tokens that ``self_judgement`` allows.
    """

    self_judgement: SelfJudgement
    generate: GenerateSettings


class SelfJudgedSettings(Settings):
    """Stage ``measure_self_judgement``: the forecasts against what the other answers show."""

    bins: int
    replicates: int
    level: float
