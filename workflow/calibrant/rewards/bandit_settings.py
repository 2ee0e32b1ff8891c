"""The settings of the bandit: the judge's errors, and its size and length."""

from typing import Literal

from pydantic import Field, FiniteFloat

from calibrant.settings import Settings

Estimator = Literal[
    "mean_baseline",
    "rloo",
    "batch_std",
    "group_std",
    "positive_doubled",
    "rlmf_above_mean",
    "rlmf_symmetric_leave_one_out",
    "rlmf_symmetric_other_questions",
]

Outcomes = Literal["own", "shared"]
"""Whether every rollout of a question is right or wrong by itself, or all of them together, as those
that give the same answer are."""


class LabelNoise(Settings):
    """The errors of a judge, and whether its verdicts are corrected for them."""

    sensitivity: FiniteFloat = Field(default=1.0, ge=0, le=1)
    """Share of right answers the judge calls right."""
    specificity: FiniteFloat = Field(default=1.0, ge=0, le=1)
    """Share of wrong answers the judge calls wrong."""
    corrected: bool = False
    """Whether the labels are noise-corrected before they enter the reward."""


class BanditSettings(Settings):
    """Size and length of the bandit."""

    levels: int = Field(default=21, ge=2, le=101)
    """Confidences the policy can state, equally spaced from 0 to 1."""
    group: int = Field(default=8, ge=2, le=64)
    """Rollouts per question, G."""
    draws: int = Field(default=16, ge=1, le=4096)
    """Sets of G - 1 other rollouts drawn per step and probability."""
    steps: int = Field(default=300, ge=4, le=100_000)
    """Steps of gradient ascent."""
    rate: FiniteFloat = Field(default=4.0, gt=0, le=100)
    """Length of a step, before the division by what the score moves. 300 steps of 4 walk as far as
    2,400 of 0.5."""
    runs: int = Field(default=8, ge=5, le=256)
    """Independent runs, for the interval."""
    level: FiniteFloat = Field(default=0.95, gt=0, lt=1)
    """Level of the interval (a probability)."""
