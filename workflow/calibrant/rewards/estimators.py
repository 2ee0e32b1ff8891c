"""Advantage estimators, as expected updates over one rollout and the others of its group.

Each function gives the advantage A of one rollout with reward r and quality z among G rollouts of
the same question, from the sums over the other G - 1. Quality is z = 1 - (c - y)^2, how well the
rollout judged itself, in the place of RLMF's Z.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrant.rewards.bandit_settings import Estimator

Array = NDArray[np.float64]
# Added to a standard deviation before dividing by it, as TRL does.
_STD_FLOOR = 1e-4


@dataclass(frozen=True)
class Rollout:
    """One rollout and what its group and batch contribute; the arrays broadcast together."""

    reward: Array
    """Reward of the rollout."""
    quality: Array
    """z of the rollout."""
    group: int
    """Rollouts per question, the rollout itself included; at least 2."""
    others_reward: Array
    """Sum of the rewards of the others."""
    others_square: Array
    """Sum of the squared rewards of the others."""
    others_quality: Array
    """Sum of z over the others."""
    batch_std: Array
    """Standard deviation of the rewards in the whole batch."""
    elsewhere_quality: Array
    """Mean z of the rollouts of other questions."""


def advantage(estimator: Estimator, rollout: Rollout) -> Array:
    """Return the advantage of a rollout under an estimator, of the broadcast shape."""
    return ESTIMATORS[estimator](rollout)


def mean_baseline(rollout: Rollout) -> Array:
    """A = r - mean of the group. GRPO without a standard deviation (Dr. GRPO, RLCR)."""
    return rollout.reward - (rollout.reward + rollout.others_reward) / rollout.group


def rloo(rollout: Rollout) -> Array:
    """A = r - mean of the others. REINFORCE leave-one-out (arXiv 2402.14740)."""
    return rollout.reward - rollout.others_reward / (rollout.group - 1)


def batch_std(rollout: Rollout) -> Array:
    """A = (r - mean of the group) / standard deviation of the batch."""
    return mean_baseline(rollout) / (rollout.batch_std + _STD_FLOOR)


def group_std(rollout: Rollout) -> Array:
    """A = (r - mean of the group) / standard deviation of the group (GRPO, arXiv 2402.03300).

    The group's deviation depends on the rollout's own outcome, which biases proper scores
    (arXiv 2508.11800).
    """
    mean = (rollout.reward + rollout.others_reward) / rollout.group
    square = rollout.reward**2 + rollout.others_square
    variance = (square - rollout.group * mean**2) / (rollout.group - 1)
    return (rollout.reward - mean) / (np.sqrt(np.maximum(variance, 0)) + _STD_FLOOR)


def positive_doubled(rollout: Rollout) -> Array:
    """A = r - mean of the group, doubled where positive: RLMF's one-sided scale with Z = 1."""
    plain = mean_baseline(rollout)
    return np.where(plain > 0, 2 * plain, plain)


def rlmf_above_mean(rollout: Rollout) -> Array:
    """A = r - mean of the group, times max(0, 1 + z) where positive. RLMF (arXiv 2606.32032)."""
    plain = mean_baseline(rollout)
    return np.where(plain > 0, plain * np.maximum(0, 1 + rollout.quality), plain)


def rlmf_symmetric_leave_one_out(rollout: Rollout) -> Array:
    """A = (r - mean of the group) (1 + mean z of the others), on both sides of the mean.

    Where each rollout is right or wrong by itself, the factor does not depend on the own outcome: the
    expected update is (1 + E z) times that of the mean baseline. Rollouts that give the same answer
    share it, though, and then the factor is the larger the better the stated confidence fits.
    """
    return mean_baseline(rollout) * (1 + rollout.others_quality / (rollout.group - 1))


def rlmf_symmetric_other_questions(rollout: Rollout) -> Array:
    """A = (r - mean of the group) (1 + mean z of other questions), on both sides of the mean.

    The factor knows nothing of the question's outcome, so it cannot move what a reward asks for.
    """
    return mean_baseline(rollout) * (1 + rollout.elsewhere_quality)


ESTIMATORS: dict[Estimator, Callable[[Rollout], Array]] = {
    "mean_baseline": mean_baseline,
    "rloo": rloo,
    "batch_std": batch_std,
    "group_std": group_std,
    "positive_doubled": positive_doubled,
    "rlmf_above_mean": rlmf_above_mean,
    "rlmf_symmetric_leave_one_out": rlmf_symmetric_leave_one_out,
    "rlmf_symmetric_other_questions": rlmf_symmetric_other_questions,
}
