"""The estimators against their definitions on whole groups, written out rollout by rollout."""

import numpy as np
import pytest

from calibrant.rewards.estimators import ESTIMATORS, Rollout, advantage

GROUP = 8
GENERATOR = np.random.default_rng(11)
REWARDS = GENERATOR.normal(size=(50, GROUP))
QUALITY = GENERATOR.random((50, GROUP))
BATCH_STD = REWARDS.std()
ELSEWHERE = 0.4


def definition(name, rewards, quality, i):
    """Return the advantage of rollout i of one group, from the whole group."""
    mean, others = rewards.mean(), np.delete(np.arange(GROUP), i)
    plain = rewards[i] - mean
    return {
        "mean_baseline": plain,
        "rloo": rewards[i] - rewards[others].mean(),
        "batch_std": plain / (BATCH_STD + 1e-4),
        "group_std": plain / (rewards.std(ddof=1) + 1e-4),
        "positive_doubled": plain * (2 if plain > 0 else 1),
        "rlmf_above_mean": plain * (1 + quality[i] if plain > 0 else 1),
        "rlmf_symmetric_leave_one_out": plain * (1 + quality[others].mean()),
        "rlmf_symmetric_other_questions": plain * (1 + ELSEWHERE),
    }[name]


def rollout_of(rewards, quality):
    """Return all rollouts of all groups; shape (groups, GROUP)."""
    return Rollout(
        reward=rewards,
        quality=quality,
        group=GROUP,
        others_reward=rewards.sum(axis=1, keepdims=True) - rewards,
        others_square=np.square(rewards).sum(axis=1, keepdims=True) - np.square(rewards),
        others_quality=quality.sum(axis=1, keepdims=True) - quality,
        batch_std=np.asarray(BATCH_STD),
        elsewhere_quality=np.asarray(ELSEWHERE),
    )


@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_estimator_equals_its_definition(name):
    ours = advantage(name, rollout_of(REWARDS, QUALITY))
    expected = [
        [definition(name, *group, i) for i in range(GROUP)]
        for group in zip(REWARDS, QUALITY, strict=True)
    ]
    np.testing.assert_allclose(ours, expected, atol=1e-12)


def test_a_worked_group():
    """Rewards 1, 0, 0, 0 with G = 4: the mean is 1/4 and the deviation 1/2."""
    rollout = Rollout(
        reward=np.asarray([1.0]),
        quality=np.asarray([0.5]),
        group=4,
        others_reward=np.asarray([0.0]),
        others_square=np.asarray([0.0]),
        others_quality=np.asarray([1.5]),
        batch_std=np.asarray([0.25]),
        elsewhere_quality=np.asarray([0.2]),
    )
    values = {name: float(advantage(name, rollout)[0]) for name in ESTIMATORS}
    assert values == pytest.approx(
        {
            "mean_baseline": 0.75,
            "rloo": 1.0,
            "batch_std": 0.75 / 0.2501,
            "group_std": 0.75 / 0.5001,
            "positive_doubled": 1.5,
            "rlmf_above_mean": 1.125,
            "rlmf_symmetric_leave_one_out": 1.125,
            "rlmf_symmetric_other_questions": 0.9,
        }
    )


def test_a_group_of_equal_rewards_teaches_nothing():
    equal = rollout_of(np.full((3, GROUP), 0.7), np.full((3, GROUP), 0.2))
    for name in ESTIMATORS:
        np.testing.assert_allclose(advantage(name, equal), 0, atol=1e-10)


def test_a_very_bad_quality_never_turns_a_gain_into_a_loss():
    rollout = rollout_of(REWARDS, np.full_like(QUALITY, -3.0))
    gains = advantage("rlmf_above_mean", rollout)
    above = REWARDS.mean(axis=1, keepdims=True) < REWARDS
    assert above.any()
    assert np.all(gains[above] == 0)
    assert np.all(gains[~above] <= 0)
