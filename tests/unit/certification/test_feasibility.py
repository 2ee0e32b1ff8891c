"""Binomial tails against SciPy and by hand; what a certificate needs before any data."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from calibrant.certification.binomial import lower_tail, two_sided, upper_bound
from calibrant.certification.feasibility import (
    check_levels,
    least_deferred,
    least_labels,
    most_errors,
)
from calibrant.errors import CalibrantError

rates = st.floats(0.001, 0.999)


def test_tails_by_hand() -> None:
    assert lower_tail(0, 3, 0.5) == pytest.approx(1 / 8)
    assert lower_tail(1, 3, 0.5) == pytest.approx(4 / 8)
    assert lower_tail(1, 2, 0.1) == pytest.approx(0.99)  # 1 - 0.1^2
    assert lower_tail(3, 3, 0.5) == lower_tail(0, 0, 0.5) == 1
    assert lower_tail(-1, 3, 0.5) == 0
    assert (lower_tail(1, 3, 0.0), lower_tail(1, 3, 1.0)) == (1, 0)


@settings(deadline=None)
@given(n=st.integers(1, 20_000), share=st.floats(0, 1), rate=rates)
def test_tails_equal_scipy(n: int, share: float, rate: float) -> None:
    errors = int(share * n)
    expected = stats.binom.cdf(errors, n, rate)
    assert lower_tail(errors, n, rate) == pytest.approx(expected, rel=1e-8, abs=1e-250)


@settings(deadline=None)
@given(n=st.integers(1, 2_000), share=st.floats(0, 1), delta=st.floats(0.001, 0.5))
def test_bounds_equal_scipy(n: int, share: float, delta: float) -> None:
    errors = int(share * n)
    upper = stats.beta.ppf(1 - delta, errors + 1, n - errors) if errors < n else 1.0
    assert upper_bound(errors, n, delta) == pytest.approx(upper, abs=1e-9)
    interval = stats.binomtest(errors, n).proportion_ci(1 - delta, method="exact")
    assert two_sided(errors, n, 1 - delta) == pytest.approx(tuple(interval), abs=1e-9)


@pytest.mark.parametrize(("alpha", "least"), [(0.01, 299), (0.02, 149), (0.05, 59), (0.10, 29)])
def test_least_labels_at_ninety_five_percent(alpha: float, least: int) -> None:
    assert least_labels(alpha, 0.05) == least


@settings(deadline=None)
@given(alpha=st.floats(0.001, 0.9), delta=st.floats(0.0001, 0.9))
def test_least_labels_are_enough_and_one_less_is_not(alpha: float, delta: float) -> None:
    least = least_labels(alpha, delta)
    assert lower_tail(0, least, alpha) <= delta
    assert lower_tail(0, least - 1, alpha) > delta
    assert most_errors(least, alpha, delta) is not None
    assert most_errors(least - 1, alpha, delta) is None


def test_most_errors_by_hand() -> None:
    # P(X <= 1) = 0.9^46 + 46 * 0.1 * 0.9^45 = 0.048; at 45 it is 0.0524.
    assert (most_errors(46, 0.1, 0.05), most_errors(45, 0.1, 0.05)) == (1, 0)


@settings(deadline=None)
@given(n=st.integers(1, 3_000), alpha=rates, delta=st.floats(0.001, 0.5))
def test_most_errors_pass_and_one_more_fails(n: int, alpha: float, delta: float) -> None:
    most = most_errors(n, alpha, delta)
    if most is not None:
        assert lower_tail(most, n, alpha) <= delta
    assert lower_tail(0 if most is None else most + 1, n, alpha) > delta


def test_least_deferred_by_hand() -> None:
    # 100 answers, 24 wrong, risk 0.05: 80 accepted hold at most 4 errors, 20 deferred the others.
    assert least_deferred(0.24, 0.05) == pytest.approx(0.20)
    assert least_deferred(0.05, 0.05) == least_deferred(0.01, 0.05) == 0
    assert least_deferred(1, 0.05) == 1


@pytest.mark.parametrize(("alpha", "delta"), [(0, 0.05), (1, 0.05), (0.05, 0), (5, 0.05)])
def test_levels_outside_are_refused(alpha: float, delta: float) -> None:
    with pytest.raises(CalibrantError, match="not between 0 and 1"):
        check_levels(alpha, delta)
