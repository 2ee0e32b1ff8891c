"""Stage ``train``."""

from calibrant.elicitation.settings import Elicitation
from calibrant.rewards.settings import Reward
from calibrant.settings import Settings
from calibrant.stage_settings.judging import JudgePart
from calibrant.training.settings import TrainedMethod, Training


class TrainSettings(Settings):
    """Stage ``train``: a model is trained with one reward.

    ``training`` holds the settings that apply; ``trained.training`` is empty. ``learnt_from`` names
    every dataset of the training set.
    """

    method: str
    trained: TrainedMethod
    training: Training
    reward: Reward
    elicitation: Elicitation
    learnt_from: list[str]
    judge: JudgePart | None = None
    judged: list[str] = []
