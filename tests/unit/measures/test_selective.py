"""Selective answering: areas against all orders of a tie, operating points and costs by hand."""

import itertools
import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.measures.ranking import auroc
from calibrant.measures.sample import scored_sample
from calibrant.measures.scores import accuracy
from calibrant.measures.selective import (
    accuracy_at_coverage,
    augrc,
    best_cost_in_hindsight,
    break_even_confidence,
    cost_at_threshold,
    coverage_at_risk,
    excess_aurc,
)
from calibrant.measures.weighting import tie_groups, unweighted

Value = Callable[..., float]
ROWS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.8, 0.9, 1.0]), st.integers(0, 1)),
    min_size=1,
    max_size=25,
)
# From the top: right at .9, a tie of one right and one wrong at .7, wrong at .4, right at .1.
SURE, RIGHT = [0.9, 0.7, 0.7, 0.4, 0.1], [1, 1, 0, 0, 1]


def in_all_orders(
    area: Callable[[np.ndarray], float], sure: list[float], right: list[int]
) -> float:
    """Return the mean area over every order in which no confidence rises."""
    values = []
    for order in itertools.permutations(range(len(sure))):
        if all(sure[a] >= sure[b] for a, b in itertools.pairwise(order)):
            values.append(area(np.cumsum([1 - right[row] for row in order])))
    return float(np.mean(values))


def risk_area(wrong: np.ndarray) -> float:
    return float(np.mean(wrong / np.arange(1, len(wrong) + 1)))


def generalised_area(wrong: np.ndarray) -> float:
    n = len(wrong)
    return float(np.trapezoid(np.concatenate([[0], wrong]) / n, dx=1 / n))


@pytest.mark.parametrize("seed", range(6))
def test_areas_are_means_over_all_orders_of_ties(seed: int, value_of: Value) -> None:
    rng = np.random.default_rng(seed)
    sure = rng.choice([0.2, 0.5, 0.5, 0.9], 6).tolist()
    right = rng.integers(0, 2, 6).tolist()
    best = min(risk_area(np.cumsum(order)) for order in itertools.permutations(1 - np.array(right)))
    assert value_of(excess_aurc, sure, right) == pytest.approx(
        in_all_orders(risk_area, sure, right) - best, abs=1e-12
    )
    assert value_of(augrc, sure, right) == pytest.approx(
        in_all_orders(generalised_area, sure, right), abs=1e-12
    )


@settings(deadline=None)
@given(rows=ROWS)
def test_augrc_follows_from_auroc_and_accuracy(rows: list[tuple[float, int]]) -> None:
    weighted = unweighted(tie_groups(scored_sample([r[0] for r in rows], [r[1] for r in rows])))
    right, ranked = accuracy(weighted)[0], np.nan_to_num(auroc(weighted)[0])
    expected = (1 - ranked) * right * (1 - right) + (1 - right) ** 2 / 2
    assert augrc(weighted)[0] == pytest.approx(expected, abs=1e-12)
    assert excess_aurc(weighted)[0] >= -1e-12


def test_excess_aurc_of_the_best_and_of_the_worst_order(value_of: Value) -> None:
    assert value_of(excess_aurc, [0.9, 0.8, 0.1], [1, 1, 0]) == pytest.approx(0, abs=1e-15)
    # Risks 1, 1/2, 1/3 against 0, 0, 1/3.
    assert value_of(excess_aurc, [0.9, 0.8, 0.1], [0, 1, 1]) == pytest.approx(0.5)
    assert value_of(excess_aurc, [0.9, 0.8], [0, 0]) == 0
    assert value_of(excess_aurc, [0.4], [1]) == 0


def test_areas_of_one_class(value_of: Value) -> None:
    assert value_of(augrc, [0.9, 0.8], [1, 1]) == 0
    assert value_of(augrc, [0.9, 0.8], [0, 0]) == 0.5
    assert value_of(augrc, [0.3], [0]) == 0.5


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [(0.01, 1), (0.2, 1), (0.21, 2 / 3), (0.6, 2 / 3), (0.8, 2 / 4), (1.0, 3 / 5)],
)
def test_accuracy_at_coverage(coverage: float, expected: float, value_of: Value) -> None:
    assert value_of(partial(accuracy_at_coverage, coverage=coverage), SURE, RIGHT) == pytest.approx(
        expected
    )


def test_a_coverage_that_rounding_overshoots_is_reached(value_of: Value) -> None:
    # .28 * 25 is 7.000000000000001 in float64; the seven most confident answers are right.
    sure = np.linspace(1, 0, 25)
    right = np.arange(25) < 7
    assert 0.28 * 25 > 7
    assert value_of(partial(accuracy_at_coverage, coverage=0.28), sure, right) == 1


def test_a_constant_answers_everything_at_any_coverage(value_of: Value) -> None:
    measure = partial(accuracy_at_coverage, coverage=0.1)
    assert value_of(measure, [0.5] * 4, [1, 0, 0, 0]) == 0.25


@pytest.mark.parametrize(
    ("risk", "expected"), [(0.0, 0.2), (0.3, 0.2), (1 / 3, 0.6), (0.39, 0.6), (0.4, 1.0)]
)
def test_coverage_at_risk(risk: float, expected: float, value_of: Value) -> None:
    # Risks 0, 1/3, 2/4, 2/5 at coverages .2, .6, .8, 1: all of them can be answered at risk .4,
    # although the stricter threshold before has 1/2.
    assert value_of(partial(coverage_at_risk, risk=risk), SURE, RIGHT) == pytest.approx(expected)


def test_a_risk_that_is_never_reached_has_coverage_0(value_of: Value) -> None:
    assert value_of(partial(coverage_at_risk, risk=0.3), [0.9, 0.5], [0, 1]) == 0
    assert value_of(partial(coverage_at_risk, risk=0.3), [0.9], [0]) == 0
    assert value_of(partial(coverage_at_risk, risk=0.0), [0.9], [1]) == 1


def test_cost_worked_by_hand(value_of: Value) -> None:
    # Price 5: break even at .8, so only .9 is answered, rightly, and four are deferred.
    assert value_of(partial(cost_at_threshold, wrong_price=5), SURE, RIGHT) == 4 / 5
    at_half = partial(cost_at_threshold, wrong_price=5, threshold=0.5)
    assert value_of(at_half, SURE, RIGHT) == pytest.approx((5 + 2) / 5)
    answer_all = partial(cost_at_threshold, wrong_price=5, threshold=0.0)
    assert value_of(answer_all, SURE, RIGHT) == 10 / 5
    assert value_of(partial(best_cost_in_hindsight, wrong_price=5), SURE, RIGHT) == 4 / 5
    assert value_of(partial(best_cost_in_hindsight, wrong_price=0.5), SURE, RIGHT) == 1 / 5


def test_an_answer_exactly_at_the_threshold_is_given(value_of: Value) -> None:
    assert break_even_confidence(5) == 0.8
    assert value_of(partial(cost_at_threshold, wrong_price=5), [0.8], [1]) == 0
    assert value_of(partial(cost_at_threshold, wrong_price=5.1), [0.8], [1]) == 1


def test_the_break_even_confidence_of_a_cheap_error_is_0() -> None:
    assert break_even_confidence(1) == 0
    assert break_even_confidence(0.3) == 0
    assert break_even_confidence(10) == pytest.approx(0.9)


@settings(deadline=None)
@given(rows=ROWS, price=st.sampled_from([0.5, 1, 2, 5, 20]), threshold=st.floats(0, 1.1))
def test_no_threshold_beats_the_one_found_in_hindsight(
    rows: list[tuple[float, int]], price: float, threshold: float
) -> None:
    weighted = unweighted(tie_groups(scored_sample([r[0] for r in rows], [r[1] for r in rows])))
    best = best_cost_in_hindsight(weighted, price)[0]
    candidates = [*{row[0] for row in rows}, 2.0]
    costs = [
        np.mean([(price * (1 - y) if c >= least else 1.0) for c, y in rows]) for least in candidates
    ]
    assert best == pytest.approx(min(costs), abs=1e-12)
    assert best <= cost_at_threshold(weighted, price, threshold)[0] + 1e-12
    assert best <= min(1, price * (1 - accuracy(weighted)[0])) + 1e-12


def test_nothing_to_answer_is_undefined(value_of: Value) -> None:
    for measure in (excess_aurc, augrc, partial(coverage_at_risk, risk=0.5)):
        assert math.isnan(value_of(measure, [], []))
