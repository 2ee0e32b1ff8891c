"""The verdicts: properness, the report asked for, bounds, safe weights, malformed text."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.files import canonical_json
from calibrant.rewards.scoring import mix, score
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
from calibrant.rewards.statements import state
from calibrant.rewards.theory import judge_reward

STRICT = [
    Brier(), Power(k=1.01), Power(k=1.5), Power(k=2), Power(k=2.5), Power(k=10), Log(clip=0),
    Spherical(), Beta(a=0.1, b=0.1), Beta(a=2, b=0.5), Beta(a=10, b=10), Beta(a=0.1, b=10),
]  # fmt: skip
PROPER = [*STRICT, NoRule(), Log(), Threshold(t=0.5), Threshold(t=0.9)]
EXPONENTS = st.floats(0.1, 10)


def numeric_report(rule, p):
    """Return the best report on a fine grid, found without any closed form."""
    grid = np.linspace(0, 1, 20_001)
    return grid[mix(p, score(rule, grid)).argmax()]


@pytest.mark.parametrize("rule", STRICT, ids=repr)
def test_these_rules_are_strictly_proper(rule):
    verdict = judge_reward(Reward(score=rule, weight=0.01))
    assert verdict.proper
    assert verdict.strictly_proper
    np.testing.assert_array_equal(verdict.report, verdict.p)
    for p in (0.2, 0.35, 0.5, 0.65, 0.8):
        assert numeric_report(rule, p) == pytest.approx(p, abs=1e-3)


@pytest.mark.parametrize("rule", [NoRule(), Log(), Threshold(t=0.5)], ids=repr)
def test_these_rules_are_proper_but_not_strictly(rule):
    verdict = judge_reward(Reward(score=rule, weight=0.1))
    assert verdict.proper
    assert not verdict.strictly_proper


@settings(deadline=None)
@given(st.one_of(
    st.builds(Power, k=st.floats(1.1, 10)),
    st.builds(Beta, a=st.floats(0.3, 5), b=st.floats(0.3, 5)),
    st.builds(Log, clip=st.floats(0, 0.05)),
), st.floats(0.1, 0.9))  # fmt: skip
def test_random_proper_rules_ask_for_the_truth(rule, p):
    assert numeric_report(rule, p) == pytest.approx(p, abs=2e-3)


@settings(deadline=None)
@given(
    st.one_of(
        st.sampled_from(PROPER),
        st.builds(Power, k=st.floats(1.01, 10)),
        st.builds(Log, clip=st.floats(0, 0.49)),
        st.builds(Beta, a=EXPONENTS, b=EXPONENTS),
        st.builds(Threshold, t=st.floats(0.001, 0.999)),
        st.builds(Article, overconfidence_penalty=st.floats(1.01, 10)),
        st.builds(
            lambda cuts, right_low, wrong_low, wrong_high: ArticleMatrix(
                low=min(cuts), high=max(cuts), right_low=right_low, wrong_low=wrong_low,
                wrong_high=wrong_high,
            ),
            st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)),
            st.floats(-1, -0.01), st.floats(0, 0.9), st.floats(-9, -1.1),
        ),
    ),
    st.just(0.0) | st.floats(1e-9, 1000),
    st.just(0.0) | st.floats(1e-9, 1000),
)  # fmt: skip
def test_closed_forms_and_grid_agree_for_any_settings(rule, weight, correctness):
    verdict = judge_reward(Reward(score=rule, weight=weight, correctness=correctness))
    assert np.all((verdict.report >= 0) & (verdict.report <= 1))
    assert not np.isnan(verdict.value).any()


def test_the_article_asks_for_too_much():
    verdict = judge_reward(Reward(score=Article()))
    assert not verdict.proper
    table = {0.05: 0.076, 0.1: 0.126, 0.2: 0.215, 0.3: 0.309, 0.4: 0.414, 0.5: 0.543, 0.6: 0.711,
             0.65: 0.820, 0.7: 0.955}  # fmt: skip
    report = dict(zip(verdict.p.round(2), verdict.report, strict=True))
    for p, asked in table.items():
        assert report[p] == pytest.approx(asked, abs=1.2e-3)
        assert report[p] == pytest.approx(min(1, (p / (2.5 * (1 - p))) ** (2 / 3)), abs=1e-12)
        assert report[p] == pytest.approx(numeric_report(Article(), p), abs=1e-4)
    assert verdict.report[verdict.p >= 5 / 7].tolist() == [1.0] * 29
    assert np.all(verdict.report[1:-1] > verdict.p[1:-1])
    gap = state(Article()).report(np.asarray(5 / 7)) - 5 / 7
    assert gap == pytest.approx(0.286, abs=1e-3)
    assert verdict.faults[0].startswith("it is improper")
    assert verdict.pays_for_wrong_below is None
    assert verdict.largest_safe_weight == math.inf


def test_the_average_over_statement_of_the_article_is_eight_points():
    p = (np.arange(10_000) + 0.5) / 10_000
    assert np.mean(state(Article()).report(p) - p) == pytest.approx(0.079, abs=1e-3)


@pytest.mark.parametrize("k", [1.5, 2.5, 6])
def test_the_article_saturates_at_k_over_k_plus_one(k):
    report = state(Article(overconfidence_penalty=k)).report
    edge = k / (k + 1)
    assert report(np.asarray(edge + 1e-9)) == 1
    assert report(np.asarray(edge - 1e-3)) < 1


@pytest.mark.parametrize(("weight", "below"), [(1.5, 1 / 6), (2, 1 / 4), (5, 0.4)])
def test_a_heavy_brier_score_pays_for_wrong_answers(weight, below):
    verdict = judge_reward(Reward(weight=weight))
    assert verdict.pays_for_wrong_below == pytest.approx(below, abs=1e-12)
    assert verdict.largest_safe_weight == 1
    assert verdict.refused
    fall = np.diff(verdict.value) < 0
    np.testing.assert_array_equal(fall, verdict.p[1:] + verdict.p[:-1] < 2 * below)


@pytest.mark.parametrize("weight", [0.2, 1.0])
def test_a_brier_score_up_to_weight_one_never_does(weight):
    verdict = judge_reward(Reward(weight=weight))
    assert verdict.pays_for_wrong_below is None
    assert not verdict.faults
    assert not verdict.refused


@pytest.mark.parametrize("weight", [0.1, 1, 3])
def test_the_log_score_has_no_safe_weight_without_a_clip(weight):
    verdict = judge_reward(Reward(score=Log(clip=0), weight=weight))
    assert verdict.largest_safe_weight == 0
    assert verdict.pays_for_wrong_below == pytest.approx(1 / (1 + math.exp(1 / weight)), abs=1e-12)
    assert not verdict.bounded
    assert verdict.low == -math.inf


@pytest.mark.parametrize("clip", [1e-6, 0.001, 0.1])
def test_a_clip_gives_the_log_score_a_safe_weight(clip):
    safe = 1 / math.log((1 - clip) / clip)
    verdict = judge_reward(Reward(score=Log(clip=clip), weight=safe))
    assert verdict.largest_safe_weight == pytest.approx(safe)
    assert verdict.pays_for_wrong_below is None
    assert judge_reward(Reward(score=Log(clip=clip), weight=1.01 * safe)).pays_for_wrong_below > 0
    assert verdict.bounded


@pytest.mark.parametrize(
    ("reward", "below"),
    [
        (Reward(score=Log()), 0.269),
        # Rewarding Doubt: mapped to [-1, 1], +0.25 if right.
        (Reward(score=Log(clip=0.001), weight=2 / math.log(1000), correctness=0.25), 0.297),
        (Reward(correctness=0), 0.5),
        (Reward(score=Spherical(), correctness=0), 0.5),
    ],
)
def test_other_rewards_pay_for_wrong_answers_where_expected(reward, below):
    assert judge_reward(reward).pays_for_wrong_below == pytest.approx(below, abs=5e-4)


@pytest.mark.parametrize(
    ("rule", "safe"),
    [
        (Spherical(), 1),
        (Beta(a=1, b=1), 2),
        (Beta(a=2, b=1), 6),
        (Power(k=2.5), math.inf),
        (Threshold(), math.inf),
        (NoRule(), math.inf),
        (ArticleMatrix(), 1 / 0.35),
        (ArticleMatrix(wrong_low=0), math.inf),
        (ArticleMatrix(wrong_low=0, low=0.5, high=0.5), 4),
    ],
)
def test_the_largest_safe_weight_is_the_edge(rule, safe):
    assert judge_reward(Reward(score=rule, weight=0.1)).largest_safe_weight == pytest.approx(safe)
    edge = safe if math.isfinite(safe) else 1000
    assert judge_reward(Reward(score=rule, weight=edge)).pays_for_wrong_below is None
    if math.isfinite(safe):
        above = judge_reward(Reward(score=rule, weight=1.05 * edge))
        assert above.pays_for_wrong_below > 0


@pytest.mark.parametrize(
    ("reward", "value"),
    [
        (Reward(), lambda p: p**2),
        (Reward(correctness=0), lambda p: -p * (1 - p)),
        (Reward(score=Power(k=3), correctness=0), lambda p: p**3 / 2),
        (Reward(score=Spherical(), correctness=0), lambda p: np.sqrt(p**2 + (1 - p) ** 2)),
        (Reward(score=Threshold(t=0.8), correctness=0), lambda p: np.maximum(0, (p - 0.8) / 0.2)),
        (Reward(score=NoRule()), lambda p: p),
        (
            Reward(score=Log(clip=0), correctness=0),
            lambda p: np.where((p == 0) | (p == 1), 0, p * np.log(np.clip(p, 1e-300, 1))
                               + (1 - p) * np.log(np.clip(1 - p, 1e-300, 1))),
        ),
    ],
)  # fmt: skip
def test_the_value_function_is_the_known_one(reward, value):
    verdict = judge_reward(reward)
    np.testing.assert_allclose(verdict.value, value(verdict.p), atol=1e-12)


@pytest.mark.parametrize(
    ("reward", "low", "high"),
    [
        (Reward(), -1, 1),
        (Reward(correctness=0), -1, 0),
        (Reward(score=Power(k=2.5), correctness=0), -1, 2 / 3),
        (Reward(score=Spherical(), correctness=0), 0, 1),
        (Reward(score=Article(), correctness=0), -1, 1),
        (Reward(score=ArticleMatrix()), -2, 2),
        (Reward(score=NoRule()), 0, 1),
        (Reward(weight=0), 0, 1),
        (Reward(format=FormatTerms(length_cost=0.5)), -1.5, 1),
    ],
)
def test_the_range_of_a_reward(reward, low, high):
    verdict = judge_reward(reward)
    assert (verdict.low, verdict.high) == (pytest.approx(low), pytest.approx(high))


def test_the_matrix_is_improper_unless_its_numbers_fit_its_cut_offs():
    shipped = judge_reward(Reward(score=ArticleMatrix()))
    assert not shipped.proper
    report = dict(zip(shipped.p.round(2), shipped.report, strict=True))
    assert report[0.7] == 0.85
    # 0.1 (1-p) = 0.1 p at 1/2, and p = 2 (1-p) at 2/3.
    fitting = ArticleMatrix(low=0.5, high=2 / 3, right_low=-0.1, wrong_low=0.1, wrong_high=-2)
    verdict = judge_reward(Reward(score=fitting))
    assert verdict.proper
    np.testing.assert_array_equal(verdict.report, verdict.p)


def test_malformed_text_must_not_earn_more_than_an_honest_answer():
    """Brier alone is worth -1/4 at p = 1/2: a penalty of 0.2 is too small, 0.3 is enough."""
    small = Reward(correctness=0, format=FormatTerms(malformed_penalty=0.2))
    verdict = judge_reward(small)
    assert verdict.dodging_gain == pytest.approx(0.05)
    assert "a malformed answer earns up to 0.05 more than an honest one" in verdict.faults
    enough = judge_reward(Reward(correctness=0, format=FormatTerms(malformed_penalty=0.3)))
    assert enough.dodging_gain == pytest.approx(-0.05)
    assert not any("malformed" in fault for fault in enough.faults)
    assert not enough.penalty_covers_worst


def test_a_length_cost_makes_malformed_text_more_tempting():
    free = FormatTerms(malformed_penalty=0, length_cost=0.1)
    assert judge_reward(Reward(format=free)).dodging_gain == pytest.approx(0.1)


def test_words_accept_what_is_refused():
    article = Reward(score=Article())
    assert judge_reward(article).refused
    accepted = judge_reward(article.model_copy(update={"accept_improper": "a demonstration"}))
    assert not accepted.refused
    assert accepted.accepted == "a demonstration"
    assert accepted.faults


def test_without_weight_the_rule_asks_for_nothing():
    verdict = judge_reward(Reward(score=Article(), weight=0))
    assert verdict.rule == {"rule": "none"}
    assert not verdict.faults


@pytest.mark.parametrize("rule", [*PROPER, Article(), ArticleMatrix()], ids=repr)
def test_a_verdict_is_json(rule):
    written = judge_reward(Reward(score=rule)).to_json()
    assert canonical_json(written)
    assert len(written["p"]) == len(written["report"]) == len(written["value"]) == 101
