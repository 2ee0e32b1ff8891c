"""Correcting a judge's errors: unbiased by hand and by simulation, refused where impossible."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.rewards.noise import corrected_label, judged_rate, youden_index
from calibrant.rewards.reward import reward
from calibrant.rewards.settings import Power, Reward

shares = st.floats(0.6, 1)


def test_the_labels_of_a_known_judge():
    assert corrected_label([0, 1], 0.9, 0.8) == pytest.approx([-0.2 / 0.7, 0.8 / 0.7])
    assert corrected_label([0, 1], 1.0, 1.0).tolist() == [0, 1]


def test_what_uncorrected_verdicts_teach():
    rates = judged_rate([0.1, 0.3, 0.5, 0.7, 0.9], 0.9, 0.8)
    assert rates == pytest.approx([0.27, 0.41, 0.55, 0.69, 0.83])


@given(shares, shares)
def test_corrected_labels_have_the_truth_as_their_mean(sensitivity, specificity):
    labels = corrected_label([0, 1], sensitivity, specificity)
    for truth in (0.0, 1.0):
        said_right = judged_rate(truth, sensitivity, specificity)
        mean = (1 - said_right) * labels[0] + said_right * labels[1]
        assert mean == pytest.approx(truth, abs=1e-9)


def test_a_corrected_reward_has_the_mean_of_the_true_one_and_a_larger_variance():
    generator = np.random.default_rng(3)
    settings, n = Reward(score=Power(k=3)), 200_000
    truth = generator.random(n) < 0.3
    verdict = np.where(truth, generator.random(n) < 0.9, generator.random(n) < 0.2)
    honest = reward(truth, 0.6, True, settings)
    corrected = reward(corrected_label(verdict, 0.9, 0.8), 0.6, True, settings)
    error = corrected.std() / np.sqrt(n)
    assert abs(corrected.mean() - honest.mean()) < 4 * error
    judged = 0.3 * 0.9 + 0.7 * 0.2
    growth = judged * (1 - judged) / (0.3 * 0.7) / 0.7**2
    assert corrected.var() / honest.var() == pytest.approx(growth, rel=0.02)


@pytest.mark.parametrize("pair", [(0.5, 0.5), (0.9, 0.1), (0.7, 0.3), (0.2, 0.3), (0.0, 1.0)])
def test_a_judge_no_better_than_chance_is_refused(pair):
    with pytest.raises(CalibrantError, match="no better than chance"):
        corrected_label(1, *pair)


@pytest.mark.parametrize("pair", [(1.1, 0.9), (90, 80), (0.9, -0.1), (np.nan, 0.9)])
def test_a_share_outside_the_unit_interval_is_refused(pair):
    with pytest.raises(CalibrantError, match="is not a share"):
        youden_index(*pair)
