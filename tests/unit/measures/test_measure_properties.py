"""What holds for every measure on every sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.measures.sample import scored_sample
from calibrant.measures.scores import brier
from calibrant.measures.summary import measures_of_confidence
from calibrant.measures.weighting import Measure, tie_groups, unweighted, weigh_rows

MEASURES = measures_of_confidence(10)
CONFIDENCE = st.one_of(
    st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0]), st.floats(0, 1, allow_subnormal=False)
)
ROWS = st.lists(
    st.tuples(CONFIDENCE, st.integers(0, 1), st.integers(0, 3)), min_size=1, max_size=40
)
Rows = list[tuple[float, int, int]]


def value(measure: Measure, rows: Rows) -> float:
    groups = tie_groups(scored_sample([row[0] for row in rows], [row[1] for row in rows]))
    return float(measure(unweighted(groups))[0])


@pytest.mark.parametrize("name", MEASURES)
@given(rows=ROWS, seed=st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(name: str, rows: Rows, seed: int) -> None:
    shuffled = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
    assert value(MEASURES[name], shuffled) == pytest.approx(
        value(MEASURES[name], rows), abs=1e-12, nan_ok=True
    )


@pytest.mark.parametrize("name", MEASURES)
@given(rows=ROWS)
def test_a_weight_is_a_number_of_repetitions(name: str, rows: Rows) -> None:
    groups = tie_groups(scored_sample([row[0] for row in rows], [row[1] for row in rows]))
    weights = np.array([[float(row[2]) for row in rows]])
    repeated = [row for row in rows for _ in range(row[2])]
    assert MEASURES[name](weigh_rows(groups, weights))[0] == pytest.approx(
        value(MEASURES[name], repeated), abs=1e-12, nan_ok=True
    )


@pytest.mark.parametrize("name", MEASURES)
@given(rows=ROWS, seed=st.integers(0, 1000))
def test_rows_of_weights_do_not_see_one_another(name: str, rows: Rows, seed: int) -> None:
    groups = tie_groups(scored_sample([row[0] for row in rows], [row[1] for row in rows]))
    weights = np.random.default_rng(seed).integers(0, 4, (5, len(rows))).astype(float)
    together = MEASURES[name](weigh_rows(groups, weights))
    apart = [MEASURES[name](weigh_rows(groups, row[None, :]))[0] for row in weights]
    np.testing.assert_array_equal(together, apart)


@given(rows=ROWS)
def test_measures_stay_in_their_ranges(rows: Rows) -> None:
    for name in ("mean_confidence", "brier", "ece", "ece_equal_mass", "aurc"):
        assert -1e-12 <= value(MEASURES[name], rows) <= 1 + 1e-12
    assert value(MEASURES["log_loss"], rows) >= 0


@given(rows=ROWS)
def test_ece_is_at_least_the_gap(rows: Rows) -> None:
    floor = abs(value(MEASURES["gap"], rows)) - 1e-12
    assert value(MEASURES["ece"], rows) >= floor
    assert value(MEASURES["ece_equal_mass"], rows) >= floor


@given(rows=ROWS)
def test_brier_is_reliability_minus_resolution_plus_uncertainty(rows: Rows) -> None:
    # Murphy's decomposition is exact when every distinct confidence is a bin of its own.
    sure = np.array([row[0] for row in rows])
    right = np.array([row[1] for row in rows])
    base = right.mean()
    parts = base * (1 - base)
    for confidence in np.unique(sure):
        here = right[sure == confidence]
        share = len(here) / len(rows)
        parts += share * ((confidence - here.mean()) ** 2 - (here.mean() - base) ** 2)
    assert value(brier, rows) == pytest.approx(parts, abs=1e-12)


@given(rows=ROWS)
def test_mirrored_confidence_and_outcome_give_the_same_brier_and_auroc(rows: Rows) -> None:
    # Halves are exact, so that no tie is made or broken by rounding.
    halves = [(round(row[0] * 2**20) / 2**20, row[1], row[2]) for row in rows]
    mirrored = [(1 - sure, 1 - right, weight) for sure, right, weight in halves]
    for name in ("brier", "auroc"):
        assert value(MEASURES[name], mirrored) == pytest.approx(
            value(MEASURES[name], halves), abs=1e-12, nan_ok=True
        )


@pytest.mark.parametrize("weights", [[[1.0, -1.0]], [[0.5, 1.0]]])
def test_weights_that_are_no_counts_are_refused(weights: list[list[float]]) -> None:
    groups = tie_groups(scored_sample([0.1, 0.2], [0, 1]))
    with pytest.raises(ValueError, match="counts"):
        weigh_rows(groups, np.array(weights))


def test_the_number_of_bins_reaches_the_measure() -> None:
    rows = [(0.1, 1, 1), (0.4, 0, 1)]
    assert value(measures_of_confidence(2)["ece"], rows) == pytest.approx(0.25)
    assert value(measures_of_confidence(10)["ece"], rows) == pytest.approx(0.65)
