"""Stage ``audit_rewards``."""

from calibrant.rewards.bandit_settings import Estimator, LabelNoise
from calibrant.rewards.settings import Reward
from calibrant.settings import Settings


class AuditSettings(Settings):
    """Stage ``audit_rewards``: what the rewards ask for, and where estimators lead with them."""

    rewards: dict[str, Reward]
    estimators: list[Estimator]
    noises: list[LabelNoise]
