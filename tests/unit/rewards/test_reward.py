"""The composed reward: hand-worked values, malformed statements, linearity in the label."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.rewards.reward import reward, reward_parts
from calibrant.rewards.settings import (
    Article,
    ArticleMatrix,
    Beta,
    Brier,
    FormatTerms,
    Log,
    NoRule,
    Power,
    Reward,
    Spherical,
    Threshold,
)

RULES = st.one_of(
    st.just(NoRule()),
    st.just(Brier()),
    st.builds(Power, k=st.floats(1.01, 10)),
    st.builds(Log, clip=st.sampled_from([0.0, 1e-9, 0.001, 0.3])),
    st.just(Spherical()),
    st.builds(Beta, a=st.floats(0.1, 10), b=st.floats(0.1, 10)),
    st.builds(Threshold, t=st.floats(0.01, 0.99)),
    st.builds(Article, overconfidence_penalty=st.floats(1.01, 10)),
    st.just(ArticleMatrix()),
)
ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)


def test_rlcr_has_the_values_of_the_paper():
    right = reward([1, 1, 1], [1.0, 0.0, 0.6], True, Reward())
    wrong = reward([0, 0, 0], [0.0, 1.0, 0.6], True, Reward())
    assert right == pytest.approx([1, 0, 1 - 0.16])
    assert wrong == pytest.approx([0, -1, -0.36])


def test_the_article_alone_is_its_printed_reward():
    settings = Reward(score=Article(), correctness=0)
    assert reward([1, 0], [0.95, 0.25], True, settings) == pytest.approx([0.95, -0.03125])


def test_power_two_without_correctness_is_rlcr():
    labels, stated = np.asarray([[0.0], [1.0]]), np.linspace(0, 1, 21)
    power = reward(labels, stated, True, Reward(score=Power(k=2), correctness=0))
    np.testing.assert_allclose(power, reward(labels, stated, True, Reward()), atol=1e-15)


def test_rewarding_doubts_numbers():
    """Clip 0.001, mapped to [-1, 1], +0.25 if right (arXiv 2503.02623): up to the constant 1."""
    slope = 2 / np.log(1000)
    settings = Reward(score=Log(clip=0.001), weight=float(slope), correctness=0.25)
    values = 1 + reward([1, 0, 1, 0], [0.999, 0.999, 0.001, 0.001], True, settings)
    assert values == pytest.approx([1.25, -1, -0.75, 1], abs=1e-3)


@pytest.mark.parametrize("stated", [np.nan, np.inf, -np.inf, -1e-9, 1 + 1e-9, 75.0])
@pytest.mark.parametrize("label", [0.0, 1.0, np.nan])
def test_an_unusable_confidence_gets_the_penalty_and_nothing_else(stated, label):
    settings = Reward(format=FormatTerms(malformed_penalty=0.7))
    parts = reward_parts(label, stated, True, settings)
    assert parts.total == -0.7
    assert (parts.correctness, parts.calibration, parts.format) == (0, 0, -0.7)


def test_a_malformed_statement_gets_the_penalty_whatever_it_says():
    assert reward([1, 0], [0.9, 0.1], [False, False], Reward()).tolist() == [-1, -1]


def test_a_readable_statement_needs_a_label():
    with pytest.raises(ValueError, match="finite label"):
        reward([1, np.nan], [0.5, 0.5], True, Reward())
    assert np.isfinite(reward([1, np.nan], [0.5, 0.5], [True, False], Reward())).all()


def test_the_length_cost_grows_to_its_limit_and_is_paid_by_malformed_text_too():
    settings = Reward(score=NoRule(), format=FormatTerms(length_cost=0.2, length_limit=100))
    paid = reward([1, 1, 1], 0.5, [True, True, False], settings, tokens=[50, 400, 100])
    assert paid == pytest.approx([0.9, 0.8, -1.2])
    with pytest.raises(ValueError, match="tokens"):
        reward(1, 0.5, True, settings)


def test_the_arrays_are_broadcast():
    labels, stated = np.zeros((4, 1)), np.linspace(0, 1, 3)
    parts = reward_parts(labels, stated, True, Reward())
    for part in (parts.correctness, parts.calibration, parts.format, parts.length, parts.total):
        assert part.shape == (4, 3)


def test_no_statement_gives_an_empty_reward():
    assert reward([], [], [], Reward()).shape == (0,)


AMOUNTS = st.just(0.0) | st.floats(1e-9, 10)
REWARDS = st.builds(Reward, score=RULES, weight=AMOUNTS, correctness=AMOUNTS)


@given(REWARDS, st.floats(-3, 4), ANY_FLOAT | st.floats(0, 1), st.booleans())
def test_a_reward_is_never_nan(settings, label, stated, formed):
    value = reward(label, stated, formed, settings)
    assert not np.isnan(value)
    if getattr(settings.score, "clip", 1) > 0:
        assert np.isfinite(value)
    if not (formed and 0 <= stated <= 1):
        assert value == -1


@given(RULES, st.lists(st.floats(-2, 3), min_size=1, max_size=6), st.floats(0, 1))
def test_a_reward_is_linear_in_the_label(rule, labels, stated):
    if getattr(rule, "clip", 1) == 0:
        rule = Log(clip=0.001)
    settings = Reward(score=rule, weight=1.3)
    wrong, right = reward([0, 1], stated, True, settings)
    labels = np.asarray(labels)
    expected = wrong + labels * (right - wrong)
    np.testing.assert_allclose(
        reward(labels, stated, True, settings), expected, atol=1e-9, rtol=1e-9
    )
