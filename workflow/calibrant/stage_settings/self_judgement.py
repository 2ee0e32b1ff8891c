"""Stages of the second query at evaluation: ``self_judge`` and ``measure_self_judgement``."""

from calibrant.settings import Settings
from calibrant.stage_settings.answers import GenerateSettings


class SelfJudgeSettings(Settings):
    """Stage ``self_judge``: a model is asked how faithful its own first answers were.

    ``generate`` is how the answers came about, but for one reply, the likeliest, of at most the
    tokens that ``self_judgement`` of the method allows. From when on an answer is faithful is a
    matter of ``measure_self_judgement``: nothing is asked again for another tolerance.
    """

    generate: GenerateSettings


class SelfJudgedSettings(Settings):
    """Stage ``measure_self_judgement``: the forecasts against what the other answers show.

    ``tolerance`` is the distance, in [0, 1], up to which a stated confidence is faithful.
    """

    tolerance: float
    bins: int
    replicates: int
    level: float
