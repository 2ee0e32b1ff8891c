"""A small bandit that shows where a reward, an estimator and a judge's errors lead together.

The policy is a softmax over equally spaced confidences, one policy per true probability p. A
rollout draws a confidence, is right with probability p, and is judged; G rollouts form a group. The
policy climbs the expected update of that sampled game,

    E[A grad log pi(c)] = sum over c and verdict v of pi(c) P(v) E[A | c, v] grad log pi(c),

where the sum over the rollout's own confidence and verdict is taken exactly and only the G - 1
others are drawn. That has the same mean as drawing the rollout too, with far less noise, so a few
hundred long steps stand for thousands of short ones. Estimators whose A is linear in the reward
(mean baseline, RLOO, batch deviation) then have no noise at all, and all runs agree. The others'
verdicts are their own, or the rollout's: completions of a question that give the same answer are
right or wrong together.

The step is divided by what the score moves over the middle half of the confidences, so a weak or a
heavy weight changes how the parts of a reward compete but not how far the policy walks: the bandit
says where training leads, not how long it takes.
"""

import math
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from calibrant.rewards.bandit_game import (
    Game,
    batch_deviation,
    batch_mean,
    draw_rollouts,
    make_game,
)
from calibrant.rewards.bandit_settings import BanditSettings, Estimator, LabelNoise, Outcomes
from calibrant.rewards.estimators import Rollout, advantage
from calibrant.rewards.settings import Reward

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trial:
    """What is tried: a reward, an estimator, and the judge that gives the labels."""

    reward: Reward
    """The reward; length costs play no part."""
    estimator: Estimator
    """How advantages are computed."""
    noise: LabelNoise = field(default_factory=LabelNoise)
    """The judge's errors; none by default."""
    outcomes: Outcomes = "own"
    """Whether the rollouts of a question are right or wrong each by itself or together."""


@dataclass(frozen=True)
class BanditCurve:
    """Mean stated confidence at the end, per true probability; all arrays of shape (p,)."""

    p: Array
    """True probabilities of being right."""
    mean: Array
    """Mean stated confidence, over the policy and the runs."""
    low: Array
    """Lower end of the interval for that mean over independent runs (Student's t)."""
    high: Array
    """Upper end of the interval."""
    drift: Array
    """Change of the mean over the last quarter of the steps: large where it still moves."""


def run_bandit(
    trial: Trial, p: ArrayLike, *, seed: int, settings: BanditSettings | None = None
) -> BanditCurve:
    """Train the bandit and return where its stated confidence ends.

    Args:
        trial: The reward, the estimator and the judge.
        p: True probabilities of being right, in 0..1, shape (p,).
        seed: Seed of everything drawn; equal seeds give equal curves.
        settings: Size and length.

    Raises:
        CalibrantError: If the reward is unbounded, or the judge no better than chance.
    """
    settings = settings or BanditSettings()
    p = np.atleast_1d(np.asarray(p, dtype=np.float64))
    game = make_game(trial.reward, p, trial.noise, settings)
    generator = np.random.default_rng(seed)
    logits = np.zeros((settings.runs, len(p), settings.levels))
    last_quarter = settings.steps - settings.steps // 4
    for step in range(settings.steps):
        policy = _softmax(logits)
        if step == last_quarter:
            before = np.mean(policy @ game.confidence, axis=0)
        value = _expected_advantage(game, policy, trial, settings, generator)
        baseline = np.sum(policy * value, axis=-1, keepdims=True)
        logits = logits + game.rate * policy * (value - baseline)
    stated = _softmax(logits) @ game.confidence
    mean = stated.mean(axis=0)
    error = stated.std(axis=0, ddof=1) / math.sqrt(settings.runs)
    reach = _student_t(settings.level, settings.runs - 1) * error
    return BanditCurve(p, mean, mean - reach, mean + reach, drift=mean - before)


def _softmax(logits: Array) -> Array:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def _expected_advantage(
    game: Game,
    policy: Array,
    trial: Trial,
    settings: BanditSettings,
    generator: np.random.Generator,
) -> Array:
    """Return E[A | c] for every confidence, estimated over drawn others; shape of the policy."""
    others = settings.group - 1
    drawn, verdict = draw_rollouts(game, policy, (settings.draws, others), generator)
    # Axes: run, p, draw, verdict, confidence, and that of the others, which is summed over.
    drawn, verdict = drawn[..., None, None, :], verdict[..., None, None, :]
    if trial.outcomes == "shared":
        verdict = np.arange(2)[:, None, None]
    rewards = game.reward[verdict, drawn]
    rollout = Rollout(
        reward=game.reward,
        quality=game.quality,
        group=settings.group,
        others_reward=rewards.sum(axis=-1),
        others_square=np.square(rewards).sum(axis=-1),
        others_quality=game.quality[verdict, drawn].sum(axis=-1),
        batch_std=batch_deviation(game, policy)[:, None, None, None, None],
        elsewhere_quality=batch_mean(game, policy, game.quality)[:, None, None, None, None],
    )
    given_verdict = advantage(trial.estimator, rollout).mean(axis=2)
    return np.einsum("pv,rpvc->rpc", game.verdict_rate, given_verdict)


def _student_t(level: float, freedom: int) -> float:
    """Return the two-sided quantile of Student's t (Abramowitz and Stegun 26.7.5)."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / freedom ** (power + 1) for power, term in enumerate(terms))
