"""Reliability bins, histogram, risk-coverage curve, and the intervals on them."""

import numpy as np
import pytest
import scipy.stats

from calibrant.measures.calibration import ece
from calibrant.measures.curves import histogram, reliability, risk_coverage
from calibrant.measures.sample import scored_sample
from calibrant.measures.weighting import tie_groups, unweighted
from calibrant.measures.wilson import effective_rows, wilson_interval


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (3, 10), (10, 10), (57, 80)])
def test_wilson_agrees_with_scipy(successes: int, n: int) -> None:
    test = scipy.stats.binomtest(successes, n)
    expected = test.proportion_ci(0.9, method="wilson")
    assert wilson_interval(successes, n, 0.9) == pytest.approx((expected.low, expected.high))


def test_effective_rows_of_every_prefix() -> None:
    # 1, 2, then (2, 1): 9/5, then (2, 1, 1): 16/6, then (3, 1, 1): 25/11.
    worth = effective_rows(np.array([4, 1, 4, 7, 4]))
    np.testing.assert_allclose(worth, [1, 2, 9 / 5, 16 / 6, 25 / 11])
    np.testing.assert_allclose(effective_rows(np.arange(6)), np.arange(1, 7))
    np.testing.assert_allclose(effective_rows(np.zeros(5, dtype=int)), np.ones(5))


def test_reliability_bins_give_the_ece_and_hold_every_answer() -> None:
    rng = np.random.default_rng(2)
    sample = scored_sample(np.round(rng.random(90), 1), rng.integers(0, 2, 90))
    bins = reliability(sample, level=0.95)
    assert sum(entry["n"] for entry in bins) == 90
    total = sum(abs(e["accuracy"] - e["confidence"]) * e["n"] for e in bins if e["n"])
    assert total / 90 == pytest.approx(float(ece(unweighted(tie_groups(sample)))[0]), abs=1e-12)


def test_empty_bins_are_present_and_null() -> None:
    bins = reliability(scored_sample([0.95, 0.95, 1.0], [1, 0, 1]), bins=5, level=0.95)
    assert [entry["n"] for entry in bins] == [0, 0, 0, 0, 3]
    assert bins[0] == {
        "low": 0.0,
        "high": pytest.approx(0.2),
        "n": 0,
        "confidence": None,
        "accuracy": None,
        "accuracy_low": None,
        "accuracy_high": None,
    }
    assert bins[4]["confidence"] == pytest.approx(2.9 / 3)
    assert (bins[4]["accuracy_low"], bins[4]["accuracy_high"]) == pytest.approx(
        wilson_interval(2, 3, 0.95)
    )


def test_answers_to_one_question_widen_the_interval_of_a_bin() -> None:
    apart = reliability(scored_sample([0.95] * 8, [1] * 8), level=0.95)[9]
    together = reliability(scored_sample([0.95] * 8, [1] * 8, [0, 0, 0, 0, 1, 1, 1, 1]), level=0.95)
    assert together[9]["accuracy_low"] < apart["accuracy_low"]
    assert together[9]["accuracy_low"] == pytest.approx(wilson_interval(2, 2, 0.95)[0])


def test_a_histogram_counts_a_decimal_in_the_bar_that_starts_with_it() -> None:
    sure = [0.0, 0.3, 0.6, 0.7, 0.7, 1.0]
    bars = histogram(scored_sample(sure, [0, 1, 1, 1, 0, 1]))
    filled = [(entry["low"], entry["n"], entry["right"]) for entry in bars if entry["n"]]
    assert len(bars) == 20
    assert filled == [(0.0, 1, 0), (0.3, 1, 1), (0.6, 1, 1), (0.7, 2, 1), (0.95, 1, 1)]


def test_risk_coverage_by_hand() -> None:
    curve = risk_coverage(scored_sample([0.9, 0.5, 0.5, 0.1], [1, 0, 1, 0]), level=0.95)
    assert [point["coverage"] for point in curve] == [0.25, 0.75, 1.0]
    assert [point["threshold"] for point in curve] == [0.9, 0.5, 0.1]
    assert [point["risk"] for point in curve] == pytest.approx([0, 1 / 3, 0.5])
    assert (curve[1]["risk_low"], curve[1]["risk_high"]) == pytest.approx(
        wilson_interval(1, 3, 0.95)
    )


def test_risk_coverage_is_thinned_and_keeps_both_ends() -> None:
    rng = np.random.default_rng(6)
    sure, right = rng.random(5000), rng.integers(0, 2, 5000)
    curve = risk_coverage(scored_sample(sure, right), level=0.95)
    assert len(curve) == 200
    assert curve[-1]["coverage"] == 1
    assert curve[0]["coverage"] == pytest.approx(1 / 200)
    for point in (curve[0], curve[77], curve[-1]):
        taken = sure >= point["threshold"]
        assert point["coverage"] == taken.mean()
        assert point["risk"] == pytest.approx(1 - right[taken].mean())


def test_curves_of_nothing() -> None:
    nothing = scored_sample([], [])
    assert risk_coverage(nothing, level=0.95) == []
    assert sum(entry["n"] for entry in histogram(nothing)) == 0
    assert all(entry["accuracy"] is None for entry in reliability(nothing, level=0.95))
