"""Paired differences: what pairing gains, coverage, p-values, BCa, power and non-inferiority."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from calibrant.errors import CalibrantError
from calibrant.measures.bca import bca_interval, bca_p_value, jackknife_values
from calibrant.measures.bootstrap import Panel, percentile_interval
from calibrant.measures.comparison import (
    NO_SPREAD,
    ComparisonSettings,
    assess_difference,
    bootstrap_p_value,
    minimum_detectable_difference,
    paired_differences,
    shared_questions,
)
from calibrant.measures.non_inferiority import non_inferiority
from calibrant.measures.replicates import Execution
from calibrant.measures.sample import scored_sample
from calibrant.measures.scores import accuracy, brier
from calibrant.measures.weighting import tie_groups

ONE_THREAD = Execution(threads=1)
QUICK = ComparisonSettings(replicates=1000, seed=5, level=0.95)


def panel(confidence, correct, question, **measures):
    return [Panel(tie_groups(scored_sample(confidence, correct, question)), measures)]


def right_or_wrong(outcomes, question=None):
    return panel(np.zeros(len(outcomes)), outcomes, question, accuracy=accuracy)


def compare(first, second, wanted=QUICK):
    found = paired_differences(
        right_or_wrong(first), right_or_wrong(second), len(first), wanted, ONE_THREAD
    )
    return found["accuracy"]


def test_a_difference_worked_by_hand():
    # 100 questions, 10 only the first gets, 4 only the second, so d has mean .06 and the variance
    # (14 - 100 * .06^2) / 100^2 of a mean.
    first = np.r_[np.ones(10), np.zeros(4), np.ones(86)]
    second = np.r_[np.zeros(10), np.ones(4), np.ones(86)]
    found = compare(first, second)
    assert (found.first, found.second) == (0.96, 0.9)
    assert found.value == pytest.approx(0.06)
    error = np.sqrt(14 - 100 * 0.06**2) / 100
    assert found.standard_error == pytest.approx(error, rel=0.07)
    assert found.detectable == pytest.approx((1.959964 + 0.841621) * found.standard_error)
    assert found.low < 0 < found.high
    # Of the discordant questions of a replicate at most half are the first's: summed exactly.
    discordant = np.arange(101)
    at_most_half = stats.binom.cdf(discordant // 2, discordant, 10 / 14)
    tail = (stats.binom.pmf(discordant, 100, 0.14) * at_most_half).sum()
    assert found.p_value == pytest.approx(2 * tail, abs=0.04)


def test_pairing_takes_out_how_hard_questions_are():
    # The second method copies the first but for a few questions.
    rng = np.random.default_rng(3)
    first = rng.random(400) < 0.6
    second = np.where(rng.random(400) < 0.05, ~first, first)
    other = rng.random(400) < 0.6
    assert compare(first, second).standard_error < 0.5 * compare(first, other).standard_error


def test_the_order_of_the_methods_changes_the_sign_alone():
    rng = np.random.default_rng(8)
    first, second = rng.random((2, 80)) < 0.6
    one, other = compare(first, second), compare(second, first)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert one.p_value == other.p_value


def test_equal_answers_give_no_interval_of_no_width():
    found = compare([1, 0, 1, 1], [1, 0, 1, 1])
    assert (found.value, found.low, found.p_value, found.reason) == (0, None, None, NO_SPREAD)


def test_a_method_without_a_value_is_said_to_have_none():
    nothing = panel([], [], [], accuracy=accuracy)
    found = paired_differences(nothing, right_or_wrong([1, 0]), 2, QUICK, ONE_THREAD)["accuracy"]
    assert (found.first, found.value, found.reason) == (None, None, "a method has no value")


def test_answers_to_one_question_count_as_one():
    rng = np.random.default_rng(1)
    first, second = rng.random((2, 60)) < 0.6
    alone = compare(first, second)
    question = np.repeat(np.arange(60), 9)
    repeated = paired_differences(
        right_or_wrong(np.repeat(first, 9), question),
        right_or_wrong(np.repeat(second, 9), question),
        60,
        QUICK,
        ONE_THREAD,
    )["accuracy"]
    assert repeated.standard_error == pytest.approx(alone.standard_error)


def test_questions_are_numbered_alike_and_must_be_the_same():
    mine, theirs, k = shared_questions(["b", "a", "a"], ["a", "b", "b"])
    assert (mine.tolist(), theirs.tolist(), k) == ([1, 0, 0], [0, 1, 1], 2)
    with pytest.raises(CalibrantError, match="2 questions are answered by one method"):
        shared_questions(["a", "b"], ["b", "c"])


def test_methods_must_be_measured_alike():
    with pytest.raises(CalibrantError, match="not measured alike"):
        paired_differences(
            right_or_wrong([1, 0]), panel([0.5, 0.5], [1, 0], None, brier=brier), 2, QUICK
        )


@pytest.mark.parametrize("shift", [0.0, 0.05])
def test_the_interval_of_a_paired_difference_covers_as_often_as_it_says(shift):
    # The replicates of a mean of differences are counts @ d / n; 2,000 sets of 200 questions leave
    # a standard error of half a point.
    rng = np.random.default_rng(11)
    n, sets = 200, 2000
    hard = rng.random((sets, n))
    second = hard < 0.6
    first = np.where(rng.random((sets, n)) < 0.3, rng.random((sets, n)) < 0.6 + shift / 0.3, second)
    differences = first.astype(float) - second
    counts = rng.multinomial(n, np.full(n, 1 / n), size=600)
    replicated = differences @ counts.T / n
    found = [
        assess_difference(first=x, second=0.0, replicated=row, settings=QUICK)
        for x, row in zip(differences.mean(axis=1), replicated, strict=True)
    ]
    covered = np.mean([it.low <= shift <= it.high for it in found])
    assert 0.93 <= covered <= 0.97
    rejected = np.mean([it.p_value <= 0.05 for it in found])
    if shift == 0:
        assert 0.03 <= rejected <= 0.07


def test_a_difference_as_large_as_detectable_is_detected_four_times_in_five():
    rng = np.random.default_rng(2)
    error = 0.03
    true = minimum_detectable_difference(error, 0.95, 0.8)
    seen = rng.normal(true, error, 20_000)
    assert np.mean(np.abs(seen) > 1.959964 * error) == pytest.approx(0.8, abs=0.01)


def test_about_a_thousand_questions_detect_three_points():
    # Miller (2024), section 5: a third of the variance between questions, correlated methods. With
    # variance 1/9 of the differences 969 questions detect 3 points at 80 %.
    assert minimum_detectable_difference((1 / 9 / 969) ** 0.5, 0.95, 0.8) == pytest.approx(
        0.03, abs=1e-5
    )


finite = st.floats(-1, 1).map(lambda x: round(x, 3))


@settings(deadline=None, max_examples=60)
@given(arrays(float, st.integers(50, 300), elements=finite), st.sampled_from([0.8, 0.9, 0.95]))
def test_p_value_and_percentile_interval_tell_the_same(replicated, level):
    p, interval = bootstrap_p_value(replicated), percentile_interval(replicated, level)
    assert 0 < p <= 1
    # Two replicates to either side are the difference of ranks and interpolation.
    slack = 4 / (len(replicated) + 1)
    if p < 1 - level - slack:
        assert not interval.low <= 0 <= interval.high
    if p > 1 - level + slack:
        assert interval.low <= 0 <= interval.high


def test_bca_is_that_of_scipy():
    rng = np.random.default_rng(4)
    data = rng.exponential(size=60)
    oracle = stats.bootstrap(
        (data,), np.var, n_resamples=3000, method="BCa", random_state=np.random.default_rng(1)
    )
    without = np.array([np.var(np.delete(data, i)) for i in range(60)])
    found = bca_interval(oracle.bootstrap_distribution, np.var(data), without, 0.95)
    # Ranks next to the estimate are counted with half a replicate more here.
    assert found.low == pytest.approx(oracle.confidence_interval.low, abs=2e-3)
    assert found.high == pytest.approx(oracle.confidence_interval.high, abs=2e-2)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_the_end_of_a_bca_interval_has_its_own_p_value(level):
    rng = np.random.default_rng(9)
    replicated = rng.gamma(4, size=20_000)
    without = rng.gamma(2, size=80)
    ends = bca_interval(replicated, 3.8, without, level)
    for end in (ends.low, ends.high):
        assert bca_p_value(replicated, 3.8, without, end) == pytest.approx(1 - level, abs=2e-3)


def test_bca_without_bias_and_skewness_is_the_percentile_interval():
    replicated = np.linspace(-1, 1, 2001)
    found = bca_interval(replicated, 0.0, np.array([-1.0, 0.0, 1.0]), 0.9)
    plain = percentile_interval(replicated, 0.9)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


def test_the_jackknife_leaves_out_each_question():
    panels = panel([0.1, 0.5, 0.9, 0.3], [0, 1, 1, 0], [0, 1, 1, 2], brier=brier)
    loss = np.array([0.01, 0.25, 0.01, 0.09])
    expected = [loss[1:].mean(), loss[[0, 3]].mean(), loss[:3].mean()]
    np.testing.assert_allclose(jackknife_values(panels, 3, ONE_THREAD)["brier"], expected)


def test_bca_differences_run_through():
    rng = np.random.default_rng(6)
    first, second = rng.random((2, 150)) < [[0.7], [0.6]]
    # The median bias of 1,000 replicates is still noisy; 8,000 are enough.
    plain = compare(first, second, ComparisonSettings(8000, 5, 0.95))
    bca = compare(first, second, ComparisonSettings(8000, 5, 0.95, bca=True))
    # A difference of means is neither biased nor skewed to speak of.
    assert (bca.low, bca.high) == pytest.approx((plain.low, plain.high), abs=0.015)
    assert bca.p_value == pytest.approx(plain.p_value, abs=0.06)


def test_non_inferiority_worked_by_hand():
    replicated = np.linspace(-0.03, 0.01, 401)  # 95 % of the losses lie below .028
    found = non_inferiority(-0.01, replicated, margin=0.03, level=0.95)
    assert found.loss == pytest.approx(0.01)
    assert found.most == pytest.approx(0.028)
    assert found.shown
    assert not non_inferiority(-0.01, replicated, margin=0.02, level=0.95).shown
    as_loss = non_inferiority(0.01, -replicated, margin=0.03, level=0.95, higher_is_better=False)
    assert as_loss == found


def test_a_loss_of_just_the_margin_passes_one_time_in_twenty():
    rng = np.random.default_rng(13)
    n, margin = 500, 0.03
    counts = rng.multinomial(n, np.full(n, 1 / n), size=500)
    shown = {}
    for loss in (margin, 0.0):
        draws = rng.choice([-1.0, 0.0, 1.0], (2000, n), p=[0.05 + loss, 0.9 - loss, 0.05])
        results = [
            non_inferiority(x, row, margin=margin, level=0.95)
            for x, row in zip(draws.mean(axis=1), draws @ counts.T / n, strict=True)
        ]
        shown[loss] = np.mean([it.shown for it in results])
        power = np.median([it.power for it in results])
    assert 0.03 <= shown[margin] <= 0.07
    assert shown[0.0] == pytest.approx(power, abs=0.05)


def test_equal_answers_are_no_proof_of_no_loss():
    found = non_inferiority(0.0, np.zeros(100), margin=0.02, level=0.95)
    assert not found.shown
    assert "no spread" in found.reason
    with pytest.raises(CalibrantError, match="not above 0"):
        non_inferiority(0.0, np.zeros(100), margin=0.0, level=0.95)


def test_power_is_that_of_a_normal():
    replicated = NormalDist(0, 0.01).samples(4000, seed=1)
    found = non_inferiority(0.0, np.array(replicated), margin=0.0249, level=0.95)
    assert found.power == pytest.approx(0.8, abs=0.02)  # z[.95] + z[.8] = 2.486
