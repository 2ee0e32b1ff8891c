"""What the bandit plays: the payoffs of every verdict and confidence, and how rollouts are drawn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrant.errors import CalibrantError
from calibrant.rewards.bandit_settings import BanditSettings, LabelNoise
from calibrant.rewards.noise import corrected_label, judged_rate
from calibrant.rewards.reward import reward as reward_of
from calibrant.rewards.scoring import brier, mix, score
from calibrant.rewards.settings import Reward

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Game:
    """The payoffs, with verdicts 0 and 1 as rows and confidences as columns."""

    confidence: Array
    """What can be stated, shape (c,)."""
    reward: Array
    """Reward of a verdict and a confidence, shape (2, c)."""
    quality: Array
    """z = 1 - (confidence - label)^2, made linear in the label; shape (2, c)."""
    verdict_rate: Array
    """How often the judge says 0 and 1 at every p, shape (p, 2)."""
    rate: float
    """Length of a step."""


def make_game(reward: Reward, p: Array, noise: LabelNoise, settings: BanditSettings) -> Game:
    """Return the payoffs of a reward at the true probabilities ``p``, shape (p,).

    Raises:
        CalibrantError: If the reward is unbounded, or the judge no better than chance.
    """
    confidence = np.linspace(0, 1, settings.levels)
    labels = np.asarray([0.0, 1.0])
    if noise.corrected:
        labels = corrected_label(labels, noise.sensitivity, noise.specificity)
    table = reward_of(labels[:, None], confidence[None], True, _without_length(reward))
    if not np.isfinite(table).all():
        raise CalibrantError(
            "the reward is unbounded: nothing can be trained on it",
            repair="Give the log score a clip above 0, such as 0.001",
        )
    right = judged_rate(p, noise.sensitivity, noise.specificity)
    return Game(
        confidence=confidence,
        reward=table,
        quality=1 + mix(labels[:, None], brier(confidence)),
        verdict_rate=np.stack([1 - right, right], axis=-1),
        rate=settings.rate / _moved(reward),
    )


def _without_length(reward: Reward) -> Reward:
    terms = reward.format.model_copy(update={"length_cost": 0.0})
    return reward.model_copy(update={"format": terms})


def _moved(reward: Reward) -> float:
    """Return what the score moves from 1/4 to 3/4, for both outcomes; 1 for Brier with weight 1."""
    right, wrong = score(reward.score, [0.25, 0.75])
    moved = reward.weight * float(right[1] - right[0] + wrong[0] - wrong[1])
    return moved or 1.0


def draw_rollouts(
    game: Game, policy: Array, shape: tuple[int, int], generator: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draw confidences (as positions) and verdicts for every policy: shape (run, p, *shape)."""
    runs, probabilities, levels = policy.shape
    rows = np.arange(runs * probabilities).reshape(runs, probabilities, 1, 1)
    # All policies on one rising line, one unit each, so that a single search serves them all.
    heights = np.cumsum(policy, axis=-1).reshape(-1, levels)
    heights = np.minimum(heights / heights[:, -1:], 1.0) + np.arange(len(heights))[:, None]
    uniform = generator.random((runs, probabilities, *shape))
    position = np.searchsorted(heights.ravel(), uniform + rows, side="right")
    drawn = np.minimum(position - rows * levels, levels - 1)
    right = generator.random(uniform.shape) < game.verdict_rate[:, 1, None, None]
    return drawn, right.astype(np.intp)


def batch_deviation(game: Game, policy: Array) -> Array:
    """Return the deviation of the rewards over a whole, large batch of all p; shape (run,)."""
    first = batch_mean(game, policy, game.reward)
    second = batch_mean(game, policy, np.square(game.reward))
    return np.asarray(np.sqrt(np.maximum(second - first**2, 0)))


def batch_mean(game: Game, policy: Array, table: Array) -> Array:
    """Return the mean of a table, shape (2, c), over a whole, large batch of all p; shape (run,)."""
    total = np.einsum("pv,rpc,vc->r", game.verdict_rate, policy, table)
    return np.asarray(total / policy.shape[1])
