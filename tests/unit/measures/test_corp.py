"""The CORP decomposition by hand, against scikit-learn's isotonic regression, and its identity."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from calibrant.measures.corp import (
    discrimination,
    isotonic_accuracy,
    miscalibration,
    uncertainty,
)
from calibrant.measures.sample import scored_sample
from calibrant.measures.scores import brier
from calibrant.measures.weighting import tie_groups, unweighted, weigh_rows

Value = Callable[..., float]


def test_worked_by_hand_with_a_tie_and_a_violator(value_of: Value) -> None:
    # Accuracies 0 at .2, 1 at .5, 1/2 at the tie .8: the last two pool to 2/3.
    sure, right = [0.2, 0.5, 0.8, 0.8], [0, 1, 1, 0]
    # Brier (.04 + .25 + .04 + .64) / 4; recalibrated (1/9 + 1/9 + 4/9) / 4; best constant 1/4.
    assert value_of(miscalibration, sure, right) == pytest.approx(0.97 / 4 - 1 / 6)
    assert value_of(discrimination, sure, right) == pytest.approx(1 / 4 - 1 / 6)
    assert value_of(uncertainty, sure, right) == pytest.approx(1 / 4)


@pytest.mark.parametrize("decimals", [1, 16])
def test_recalibration_agrees_with_scikit_learn(decimals: int) -> None:
    rng = np.random.default_rng(5)
    sure = np.round(rng.random(200), decimals)
    right = (rng.random(200) < sure**2).astype(float)
    weights = rng.integers(0, 4, (3, 200)).astype(float)
    groups = tie_groups(scored_sample(sure, right))
    weighted = weigh_rows(groups, weights)
    for row, fitted in enumerate(isotonic_accuracy(weighted)):
        model = IsotonicRegression().fit(sure, right, sample_weight=weights[row])
        seen = weighted.total[row] > 0
        expected = model.predict(groups.confidence[seen])
        np.testing.assert_allclose(fitted[seen], expected, atol=1e-12)


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]), st.floats(0, 1)),
            st.integers(0, 1),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_the_parts_add_up_to_the_brier_score(rows: list[tuple[float, int]]) -> None:
    weighted = unweighted(tie_groups(scored_sample([r[0] for r in rows], [r[1] for r in rows])))
    parts = [part(weighted)[0] for part in (miscalibration, discrimination, uncertainty)]
    assert parts[0] - parts[1] + parts[2] == pytest.approx(brier(weighted)[0], abs=1e-14)
    assert parts[0] >= -1e-14
    assert -1e-14 <= parts[1] <= parts[2] + 1e-14
    assert (np.diff(isotonic_accuracy(weighted)[0]) >= 0).all()


def test_a_rising_map_changes_miscalibration_alone(value_of: Value) -> None:
    sure, right = [0.1, 0.4, 0.4, 0.6, 0.9], [0, 1, 0, 0, 1]
    squared = [x**2 for x in sure]
    assert value_of(discrimination, squared, right) == value_of(discrimination, sure, right)
    assert value_of(miscalibration, squared, right) != value_of(miscalibration, sure, right)


def test_a_constant_discriminates_nothing(value_of: Value) -> None:
    assert value_of(discrimination, [0.6] * 4, [1, 0, 0, 0]) == 0
    assert value_of(miscalibration, [0.6] * 4, [1, 0, 0, 0]) == pytest.approx(0.35**2)
    assert value_of(discrimination, [0.1, 0.9], [1, 0]) == 0


@pytest.mark.parametrize("outcome", [0, 1])
def test_one_class_has_no_uncertainty(outcome: int, value_of: Value) -> None:
    for sure in ([0.3], [0.1, 0.3, 0.3]):
        right = [outcome] * len(sure)
        assert value_of(uncertainty, sure, right) == 0
        assert value_of(discrimination, sure, right) == 0
        assert value_of(miscalibration, sure, right) == pytest.approx(
            np.mean([(x - outcome) ** 2 for x in sure])
        )


def test_a_perfect_predictor(value_of: Value) -> None:
    assert value_of(miscalibration, [0, 1, 1], [0, 1, 1]) == 0
    assert math.isclose(value_of(discrimination, [0, 1, 1], [0, 1, 1]), 2 / 9)
