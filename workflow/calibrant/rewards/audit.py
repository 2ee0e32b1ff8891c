"""The audit of rewards: their verdicts, and where each estimator leads with them."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from calibrant.rewards.bandit import Trial, run_bandit
from calibrant.rewards.bandit_settings import BanditSettings, Estimator, LabelNoise, Outcomes
from calibrant.rewards.gate import judge_rewards, without_faithfulness
from calibrant.rewards.noise import judged_rate
from calibrant.rewards.settings import Reward
from calibrant.rewards.statements import state

PROBABILITIES = (0.1, 0.3, 0.5, 0.7, 0.9)


def audit(
    rewards: Mapping[str, Reward],
    estimators: Sequence[Estimator],
    noises: Sequence[LabelNoise],
    seed: int,
    settings: BanditSettings | None = None,
) -> dict[str, Any]:
    """Judge every reward and run it through the bandit with every estimator and judge.

    Every cell starts from the same seed, so it does not depend on which others are audited.

    Args:
        rewards: The rewards by name.
        estimators: Advantage estimators to try.
        noises: Judges to try; ``LabelNoise()`` is one without errors.
        seed: Seed of the bandit.
        settings: Size and length of the bandit.

    Returns:
        JSON with ``verdicts`` (``Verdict.to_json`` by name), ``rewards`` (their settings by name),
        ``bandit`` (a list of cells: reward, estimator, noise, outcomes, ``p``, ``mean``, ``low``,
        ``high``, ``drift``, the confidence ``asked`` for at every p or null where many are as good,
        and ``worst_error``, the largest distance of the mean from p), ``skipped`` (rewards without
        cells, with the reason), ``faithful`` (rewards with a factor on faithfulness, audited
        without it), ``seed`` and ``settings``.

    Raises:
        CalibrantError: If a judge is no better than chance.
    """
    settings = settings or BanditSettings()
    faithful = [name for name, reward in rewards.items() if reward.faithfulness]
    rewards = {name: without_faithfulness(reward) for name, reward in rewards.items()}
    verdicts = judge_rewards(rewards)
    cells = [
        {"reward": name} | _cell(Trial(rewards[name], estimator, noise, outcomes), seed, settings)
        for name, verdict in verdicts.items()
        if verdict.bounded
        for estimator in estimators
        for noise in noises
        for outcomes in get_args(Outcomes)
    ]
    return {
        "verdicts": {name: verdict.to_json() for name, verdict in verdicts.items()},
        "rewards": {name: reward.model_dump(mode="json") for name, reward in rewards.items()},
        "bandit": cells,
        "skipped": {
            name: "the reward is unbounded: nothing can be trained on it"
            for name, verdict in verdicts.items()
            if not verdict.bounded
        },
        "faithful": faithful,
        "seed": seed,
        "settings": settings.model_dump(mode="json"),
    }


def _cell(trial: Trial, seed: int, settings: BanditSettings) -> dict[str, Any]:
    p = np.asarray(PROBABILITIES)
    curve = run_bandit(trial, p, seed=seed, settings=settings)
    asked = _asked(trial, p)
    return {
        "estimator": trial.estimator,
        "noise": trial.noise.model_dump(mode="json"),
        "outcomes": trial.outcomes,
        "asked": None if asked is None else asked.tolist(),
        "p": p.tolist(),
        "mean": curve.mean.tolist(),
        "low": curve.low.tolist(),
        "high": curve.high.tolist(),
        "drift": curve.drift.tolist(),
        "worst_error": float(np.abs(curve.mean - p).max()),
    }


def _asked(trial: Trial, p: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return c* at the probability that the labels show; None where many reports are as good."""
    statement, noise = state(trial.reward.score), trial.noise
    if statement.single_between is None or trial.reward.weight == 0:
        return None
    if not noise.corrected:
        p = judged_rate(p, noise.sensitivity, noise.specificity)
    return statement.report(p)
