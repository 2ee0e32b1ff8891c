"""McNemar's exact test and Holm's correction."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from calibrant.errors import CalibrantError
from calibrant.measures.holm import holm
from calibrant.measures.mcnemar import mcnemar_exact


def split(b, c, both=3):
    first = np.r_[np.ones(b), np.zeros(c), np.ones(both)]
    second = np.r_[np.zeros(b), np.ones(c), np.ones(both)]
    return first, second


def test_worked_by_hand():
    # Of five questions only one goes to the second: 2 (1 + 5) / 32.
    found = mcnemar_exact(*split(4, 1))
    assert (found.only_first, found.only_second) == (4, 1)
    assert found.p_value == pytest.approx(12 / 32)


@pytest.mark.parametrize(("b", "c", "p"), [(0, 0, 1.0), (3, 3, 1.0), (0, 5, 1 / 16)])
def test_no_difference_and_all_on_one_side(b, c, p):
    assert mcnemar_exact(*split(b, c)).p_value == p


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 3000), st.integers(0, 3000))
def test_as_the_exact_binomial_test_of_scipy(b, c):
    if b + c:
        expected = binomtest(b, b + c).pvalue
        assert mcnemar_exact(*split(b, c, 0)).p_value == pytest.approx(expected, rel=1e-9)


def test_many_questions_do_not_overflow():
    assert mcnemar_exact(*split(50_300, 49_700)).p_value == pytest.approx(0.0582, abs=5e-4)
    assert mcnemar_exact(*split(30_000, 0)).p_value == 0.0


def test_what_is_no_pair_of_outcomes_is_refused():
    with pytest.raises(CalibrantError, match="2 answers and the second 3"):
        mcnemar_exact([1, 0], [1, 0, 1])
    with pytest.raises(CalibrantError, match="row 1"):
        mcnemar_exact([1, np.nan], [1, 0])


def test_holm_worked_by_hand():
    # Sorted .005 .01 .03 .04 by 4, 3, 2, 1: .02 .03 .06 .04, the last raised to .06.
    adjusted = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert adjusted == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})


def test_a_comparison_without_p_value_stays_in_the_family():
    assert holm({"a": 0.01, "b": None}) == {"a": pytest.approx(0.02), "b": None}
    assert holm({}) == {}


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_values_keep_the_order_and_are_never_smaller(values):
    adjusted = holm(dict(enumerate(values)))
    order = np.argsort(values, kind="stable")
    after = np.array([adjusted[i] for i in order])
    assert np.all(np.diff(after) >= 0)
    assert np.all(after >= np.asarray(values)[order])
    assert after[0] == pytest.approx(min(1, len(values) * min(values)))
    # Never worse than Bonferroni.
    assert np.all(after <= np.minimum(1, len(values) * np.asarray(values)[order]) + 1e-12)


def test_one_false_rejection_at_most_as_often_as_stated():
    rng = np.random.default_rng(5)
    # Five true null hypotheses, dependent, and one that is false.
    shared = rng.normal(size=(4000, 1))
    z = 0.7 * shared + np.sqrt(1 - 0.49) * rng.normal(size=(4000, 6))
    z[:, 5] += 4
    p = 2 * norm.sf(np.abs(z))
    wrong = [min(holm(dict(enumerate(row)))[i] for i in range(5)) <= 0.05 for row in p]
    assert 0.02 < np.mean(wrong) < 0.058


def test_what_is_no_p_value_is_refused():
    with pytest.raises(CalibrantError, match="not a p-value"):
        holm({"a": float("nan")})
