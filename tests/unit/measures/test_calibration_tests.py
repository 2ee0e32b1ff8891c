"""Kolmogorov-Smirnov and Spiegelhalter: by hand, at known quantiles, and under calibration."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from calibrant.measures.calibration_tests import (
    ks_error,
    ks_p_value,
    spiegelhalter_p_value,
    spiegelhalter_z,
)
from calibrant.measures.sample import FloatArray, scored_sample
from calibrant.measures.weighting import tie_groups, unweighted, with_outcomes

Value = Callable[..., float]


def test_ks_error_worked_by_hand(value_of: Value) -> None:
    # Running sums of c - y: .2, then the tie (.5 - 1 + .5) to .2, then .2 - .1 = .1.
    assert value_of(ks_error, [0.2, 0.5, 0.5, 0.9], [0, 1, 0, 1]) == pytest.approx(0.2 / 4)
    assert value_of(ks_error, [0.3], [1]) == pytest.approx(0.7)
    assert value_of(ks_error, [1, 1], [0, 0]) == 1


def slow_p_value(sure: list[float], right: list[int], walks: int = 20_000) -> float:
    """Return the share of calibrated outcomes with an error as large, by simulation."""
    order = np.argsort(sure)
    chance = np.array(sure)[order]
    observed = np.abs(np.cumsum(chance - np.array(right)[order])).max()
    outcomes = np.random.default_rng(4).random((walks, len(sure))) < chance
    return float((np.abs(np.cumsum(chance - outcomes, axis=1)).max(axis=1) >= observed).mean())


def test_ks_p_value_agrees_with_simulation(value_of: Value) -> None:
    rng = np.random.default_rng(8)
    sure = rng.uniform(0.2, 0.8, 800)
    for shift in (0.0, 0.03, 0.05):
        right = (rng.random(800) < sure - shift).astype(int)
        assert value_of(ks_p_value, sure, right) == pytest.approx(
            slow_p_value(sure.tolist(), right.tolist(), 4000), abs=0.04
        )


def test_a_tiny_ks_p_value_keeps_its_digits(value_of: Value) -> None:
    # 400 wrong answers at 1/2: 20 standard deviations, 4 times the normal tail.
    expected = 2 * math.erfc(20 / math.sqrt(2))
    assert value_of(ks_p_value, [0.5] * 400, [0] * 400) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("quantile", "p"), [(1.9600, 0.1), (2.2414, 0.05), (2.8070, 0.01)])
def test_ks_p_value_at_known_quantiles_of_brownian_motion(
    quantile: float, p: float, value_of: Value
) -> None:
    # One tie of n answers at 1/2: the walk is |n / 2 - right|, its scale sqrt(n) / 2.
    n = 4_000_000
    right = n // 2 - round(quantile * math.sqrt(n) / 2)
    weights = [right, n - right]
    assert value_of(ks_p_value, [0.5, 0.5], [1, 0], weights) == pytest.approx(p, abs=3e-4)


def test_ks_p_value_of_certain_answers_is_0_or_1(value_of: Value) -> None:
    assert value_of(ks_p_value, [0, 1, 1], [0, 1, 1]) == 1
    assert value_of(ks_p_value, [0, 1, 1], [0, 1, 0]) == 0
    assert value_of(ks_p_value, [0.5] * 2, [1, 0]) == 1


def test_spiegelhalter_worked_by_hand(value_of: Value) -> None:
    # (1 - .8)(1 - 1.6) + (0 - .3)(1 - .6) = -.24; variance .36 x .16 + .16 x .21 = .0912.
    z = -0.24 / math.sqrt(0.0912)
    assert value_of(spiegelhalter_z, [0.8, 0.3], [1, 0]) == pytest.approx(z)
    assert value_of(spiegelhalter_p_value, [0.8, 0.3], [1, 0]) == pytest.approx(
        1 - math.erf(abs(z) / math.sqrt(2))
    )


def test_the_sign_of_z(value_of: Value) -> None:
    assert value_of(spiegelhalter_z, [0.9] * 10, [1] * 5 + [0] * 5) > 0
    assert value_of(spiegelhalter_z, [0.1] * 10, [1] * 5 + [0] * 5) > 0
    assert value_of(spiegelhalter_z, [0.6] * 10, [1] * 10) < 0


def test_z_without_anything_to_tell_is_undefined(value_of: Value) -> None:
    for sure, right in (([0.5], [1]), ([0, 0.5, 1], [0, 1, 1]), ([1.0], [0])):
        assert math.isnan(value_of(spiegelhalter_z, sure, right))
        assert math.isnan(value_of(spiegelhalter_p_value, sure, right))


@pytest.mark.parametrize("p_value", [ks_p_value, spiegelhalter_p_value])
def test_p_values_are_uniform_under_calibration(p_value: Callable[..., FloatArray]) -> None:
    rng = np.random.default_rng(6)
    groups = tie_groups(scored_sample(rng.random(1000), np.zeros(1000)))
    outcomes = (rng.random((2000, 1000)) < groups.confidence).astype(float)
    values = p_value(with_outcomes(unweighted(groups), groups, outcomes))
    for level in (0.05, 0.2, 0.5, 0.8):
        assert (values <= level).mean() == pytest.approx(level, abs=0.04)
