"""Stages of the judge: ``measure_judge``, ``judge_answers``, ``correct_judged``."""

from calibrant.judging.settings import JudgeSettings, LanguageJudgeSettings
from calibrant.settings import Settings


class JudgePart(Settings):
    """A judge: itself, the language judges it asks, and the models these are.

    ``models`` names the models in the order in which the stage is given their manifests.
    """

    name: str
    judge: JudgeSettings
    members: dict[str, LanguageJudgeSettings]
    models: list[str]


class MeasureJudgeSettings(Settings):
    """Stage ``measure_judge``: a judge fitted, measured against verdicts, and probed."""

    part: JudgePart
    replicates: int
    level: float


class JudgeAnswersSettings(Settings):
    """Stage ``judge_answers``: grades of answers that no deterministic grader could compare."""

    part: JudgePart


class CorrectJudgedSettings(Settings):
    """Stage ``correct_judged``: figures of judged answers, corrected with the judge's errors."""

    bins: int
    level: float
