"""The scoring rules against hand-worked numbers, each other, and numeric integration."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from calibrant.rewards.incomplete_beta import complete_beta, incomplete_beta
from calibrant.rewards.scoring import mix, score
from calibrant.rewards.settings import (
    Article,
    ArticleMatrix,
    Beta,
    Brier,
    Log,
    NoRule,
    Power,
    Spherical,
    Threshold,
)

GRID = np.linspace(0, 1, 101)
exponents = st.floats(0.1, 10)


@pytest.mark.parametrize(
    ("rule", "confidence", "right", "wrong"),
    [
        (NoRule(), 0.3, 0, 0),
        (Brier(), 0.8, -0.04, -0.64),
        (Brier(), 1.0, 0, -1),
        (Power(k=2), 0.8, 0.96, -0.64),
        (Power(k=3), 0.5, 1.5 * 0.25 - 0.125, -0.125),
        (Power(k=2.5), 0.25, 5 / 3 * 0.125 - 0.03125, -0.03125),
        (Log(clip=0.01), 0.5, -np.log(2), -np.log(2)),
        (Log(clip=0.01), 0.0, np.log(0.01), np.log(0.99)),
        (Log(clip=0.01), 1.0, np.log(0.99), np.log(0.01)),
        (Spherical(), 0.6, 0.6 / np.sqrt(0.52), 0.4 / np.sqrt(0.52)),
        (Spherical(), 0.0, 0, 1),
        (Beta(a=1, b=1), 0.8, -0.02, -0.32),
        (Beta(a=2, b=1), 0.5, -1 / 12, -1 / 24),
        (Threshold(t=0.75), 0.75, 1, -3),
        (Threshold(t=0.75), 0.74, 0, 0),
        (Threshold(t=0.5), 0.9, 1, -1),
        (ArticleMatrix(), 0.2, -0.25, 0.1),
        (ArticleMatrix(), 0.3, 0, 0),
        (ArticleMatrix(), 0.85, 1, -2),
    ],
)  # fmt: skip
def test_scores_have_the_hand_worked_values(rule, confidence, right, wrong):
    scores = score(rule, confidence)
    assert scores.if_right == pytest.approx(right, abs=1e-12)
    assert scores.if_wrong == pytest.approx(wrong, abs=1e-12)


def printed_in_the_article(
    is_correct, confidence_score, overconfidence_penalty=2.5, base_reward=1.0
):
    confidence = max(0.0, min(1.0, confidence_score))
    if is_correct:
        return base_reward * confidence
    return -1.0 * (confidence**overconfidence_penalty) * base_reward


@given(st.floats(-2, 3), st.floats(1.01, 10), st.floats(0.1, 10))
def test_the_article_rule_is_the_printed_function(confidence, penalty, base):
    rule = Article(overconfidence_penalty=penalty, base_reward=base)
    right, wrong = score(rule, confidence)
    assert right == pytest.approx(printed_in_the_article(True, confidence, penalty, base))
    assert wrong == pytest.approx(printed_in_the_article(False, confidence, penalty, base))


def test_the_articles_example_outcomes():
    right, wrong = score(Article(), [0.95, 0.10, 0.99])
    assert right[0] == 0.95
    # 0.1^2.5 = 0.1^2 sqrt(0.1), and likewise for 0.99.
    assert wrong[1:] == pytest.approx([-0.01 * 0.1**0.5, -0.9801 * 0.99**0.5])


def test_power_two_is_the_whole_reward_of_rlcr():
    right, wrong = score(Power(k=2), GRID)
    np.testing.assert_allclose(right, 1 - (GRID - 1) ** 2, atol=1e-15)
    np.testing.assert_allclose(wrong, 0 - (GRID - 0) ** 2, atol=1e-15)


def test_beta_one_one_is_half_the_brier_score():
    for ours, brier in zip(score(Beta(a=1, b=1), GRID), score(Brier(), GRID), strict=True):
        np.testing.assert_allclose(2 * ours, brier, atol=1e-14)


@pytest.mark.parametrize("k", [1.2, 1.5, 2, 2.5, 4, 8])
def test_beta_k_minus_one_is_power_k_up_to_scale_and_a_constant_for_right_answers(k):
    right, wrong = score(Beta(a=k - 1, b=1), GRID)
    power_right, power_wrong = score(Power(k=k), GRID)
    np.testing.assert_allclose(k * right, power_right - 1 / (k - 1), atol=1e-12 * k / (k - 1))
    np.testing.assert_allclose(k * wrong, power_wrong, atol=1e-12)


def test_a_small_beta_comes_near_the_logarithm():
    inside = np.linspace(0.2, 0.8, 7)
    slopes = [np.diff(part) for part in score(Beta(a=0.1, b=0.1), inside)]
    logs = [np.diff(part) for part in score(Log(clip=0), inside)]
    for ours, theirs in zip(slopes, logs, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0.2)


def test_a_mixture_of_thresholds_is_the_brier_score():
    """Schervish: weights (1-t) on the bets at t give 2c - c^2 and -c^2, halved."""
    steps = 20_000
    thresholds = (np.arange(steps) + 0.5) / steps
    confidence = np.linspace(0, 1, 11)
    right = np.zeros(11)
    wrong = np.zeros(11)
    for t in thresholds:
        bet = score(Threshold(t=t), confidence)
        right += (1 - t) * bet.if_right / steps
        wrong += (1 - t) * bet.if_wrong / steps
    brier = score(Brier(), confidence)
    np.testing.assert_allclose(2 * right - 1, brier.if_right, atol=2e-4)
    np.testing.assert_allclose(2 * wrong, brier.if_wrong, atol=2e-4)


@pytest.mark.parametrize("a", [0.1, 0.5, 1, 2.5, 10])
@pytest.mark.parametrize("b", [0.1, 0.5, 1, 2.5, 10])
def test_beta_scores_equal_their_integrals(a, b):
    for c in (0.05, 0.3, 0.5, 0.7, 0.95):
        right, wrong = score(Beta(a=a, b=b), c)
        # u^(a-1) (1-u)^b and u^a (1-u)^(b-1), the end points left to quad's algebraic weights.
        gain = integrate.quad(lambda u: u ** (a - 1), c, 1, weight="alg", wvar=(0, b))[0]
        cost = integrate.quad(lambda u: (1 - u) ** (b - 1), 0, c, weight="alg", wvar=(a, 0))[0]
        assert right == pytest.approx(-gain, rel=1e-7)
        assert wrong == pytest.approx(-cost, rel=1e-7)


@settings(deadline=None)
@given(st.floats(0, 1), exponents, exponents)
def test_the_incomplete_beta_function_is_exact(x, a, b):
    """Against mpmath with 40 digits; scipy's betainc is off by 1e-8 at 1 - 1e-16."""
    with mpmath.workdps(40):
        expected = float(mpmath.betainc(a, b, 0, x))
    assert incomplete_beta(x, a, b) == pytest.approx(expected, rel=1e-11, abs=1e-300)
    assert complete_beta(a, b) == pytest.approx(special.beta(a, b), rel=1e-12)


def test_the_log_score_without_a_clip_is_unbounded_and_mixes_without_nan():
    scores = score(Log(clip=0), [0.0, 1.0])
    assert scores.if_right[0] == scores.if_wrong[1] == -np.inf
    assert mix([0.0, 1.0], scores).tolist() == [0.0, 0.0]
    assert mix([1.0, 0.5], scores).tolist() == [-np.inf, -np.inf]


def test_scores_keep_the_shape_of_the_confidence():
    for rule in (NoRule(), Brier(), Power(), Log(), Spherical(), Beta(), Threshold(), Article(),
                 ArticleMatrix()):  # fmt: skip
        for part in score(rule, np.full((2, 3, 1), 0.4)):
            assert part.shape == (2, 3, 1)
            assert part.dtype == np.float64


@pytest.mark.parametrize(
    "rule",
    [Brier(), Power(), Log(), Spherical(), Beta(), Threshold(), Article(), ArticleMatrix()],
)  # fmt: skip
def test_the_quadrants_of_the_article_keep_their_order_at_the_cut_offs(rule):
    """Right and sure is best, wrong and sure is worst, at 0.2 and 0.9."""
    right, wrong = score(rule, [0.2, 0.9])
    assert right[1] == max(*right, *wrong)
    assert wrong[1] == min(*right, *wrong)


def test_only_the_matrix_has_the_signs_of_the_articles_words():
    right, wrong = score(ArticleMatrix(), [0.2, 0.9])
    assert right[0] < 0 <= wrong[0]
    printed_right, printed_wrong = score(Article(), [0.2, 0.9])
    assert printed_right[0] > 0 > printed_wrong[0]
