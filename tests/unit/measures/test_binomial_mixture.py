"""A mixture of probabilities found from counts."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.measures.binomial_mixture import PROBABILITIES, count_chances, fit_mixtures


def test_chances_are_binomial_but_for_a_factor_per_count() -> None:
    same, others = np.array([0, 1, 3, 4]), np.array([4, 4, 4, 4])
    chances = count_chances(same, others)
    for column, count in enumerate(same):
        exact = comb(4, count) * PROBABILITIES**count * (1 - PROBABILITIES) ** (4 - count)
        assert chances[:, column] * exact.max() == pytest.approx(exact)


def test_large_counts_do_not_vanish() -> None:
    chances = count_chances(np.array([100_000]), np.array([200_000]))
    assert chances[50, 0] == 1.0
    assert chances[0, 0] == chances[100, 0] == 0.0


@pytest.mark.parametrize("share", [0, 1])
def test_counts_without_a_doubt_give_a_probability_without_a_doubt(share: int) -> None:
    chances = count_chances(np.array([7 * share]), np.array([7]))
    (mixture,) = fit_mixtures(chances, np.array([[40.0]]))
    assert mixture[100 * share] == pytest.approx(1)


def test_two_kinds_of_answers_are_told_apart() -> None:
    """Counts exactly as half 0.2 and half 0.9 give them, of 30 trials."""
    same = np.arange(31)
    chances = count_chances(same, np.full(31, 30))
    ways = np.array([comb(30, at) for at in same], float)
    weights = sum(ways * p**same * (1 - p) ** (30 - same) for p in (0.2, 0.9)) / 2
    (mixture,) = fit_mixtures(chances, np.atleast_2d(weights))
    near = [mixture[abs(PROBABILITIES - p) < 0.035].sum() for p in (0.2, 0.9)]
    assert near == pytest.approx([0.5, 0.5], abs=0.02)
    assert mixture @ PROBABILITIES == pytest.approx(0.55, abs=1e-3)


counted = st.lists(st.integers(0, 30), min_size=6, max_size=6).filter(any)


@settings(max_examples=15, deadline=None)
@given(st.lists(counted, min_size=1, max_size=3))
def test_no_other_mixture_is_noticeably_likelier(rows: list[list[int]]) -> None:
    """The optimum's own condition: moving to any single probability gains nothing."""
    weights = np.array(rows, float)
    chances = count_chances(np.arange(6), np.full(6, 5))
    mixtures = fit_mixtures(chances, weights)
    assert mixtures.sum(axis=1) == pytest.approx(1)
    gain = (weights / weights.sum(1, keepdims=True) / (mixtures @ chances)) @ chances.T
    assert gain.max() < 1 + 5e-3


def test_a_sample_does_not_depend_on_those_beside_it() -> None:
    chances = count_chances(np.arange(6), np.full(6, 5))
    weights = np.array([[1.0, 2, 3, 4, 5, 6], [9.0, 0, 0, 0, 1, 9]])
    both = fit_mixtures(chances, weights)
    for row in range(2):
        assert both[row] == pytest.approx(fit_mixtures(chances, weights[row : row + 1])[0])
