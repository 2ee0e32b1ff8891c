"""What holds for every further measure: orders, repetitions, rows of weights, and no answers."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.measures.bin_sums import Binning
from calibrant.measures.calibration_tests import (
    ks_error,
    ks_p_value,
    spiegelhalter_p_value,
    spiegelhalter_z,
)
from calibrant.measures.collapse import (
    certain_share,
    confidence_entropy,
    distinct_confidences,
    mode_share,
)
from calibrant.measures.corp import discrimination, miscalibration, uncertainty
from calibrant.measures.debiased_calibration import debiased_ece, debiased_squared_error
from calibrant.measures.overconfidence import over_confidence, under_confidence
from calibrant.measures.precision import auprc_right, auprc_wrong
from calibrant.measures.sample import scored_sample
from calibrant.measures.selective import (
    accuracy_at_coverage,
    augrc,
    best_cost_in_hindsight,
    cost_at_threshold,
    coverage_at_risk,
    excess_aurc,
)
from calibrant.measures.smooth_calibration import smooth_ece
from calibrant.measures.weighting import Measure, tie_groups, unweighted, weigh_rows

MEASURES: dict[str, Measure] = {
    "miscalibration": miscalibration,
    "discrimination": discrimination,
    "uncertainty": uncertainty,
    "debiased_squared_error": debiased_squared_error,
    "debiased_squared_error_width": partial(debiased_squared_error, binning=Binning.EQUAL_WIDTH),
    "debiased_ece": debiased_ece,
    "smooth_ece": smooth_ece,
    "ks_error": ks_error,
    "ks_p_value": ks_p_value,
    "spiegelhalter_z": spiegelhalter_z,
    "spiegelhalter_p_value": spiegelhalter_p_value,
    "over_confidence": over_confidence,
    "over_confidence_mass": partial(over_confidence, binning=Binning.EQUAL_MASS),
    "under_confidence": under_confidence,
    "auprc_right": auprc_right,
    "auprc_wrong": auprc_wrong,
    "excess_aurc": excess_aurc,
    "augrc": augrc,
    "accuracy_at_coverage": partial(accuracy_at_coverage, coverage=0.7),
    "coverage_at_risk": partial(coverage_at_risk, risk=0.2),
    "cost_at_threshold": partial(cost_at_threshold, wrong_price=5.0),
    "best_cost_in_hindsight": partial(best_cost_in_hindsight, wrong_price=5.0),
    "distinct_confidences": distinct_confidences,
    "confidence_entropy": confidence_entropy,
    "mode_share": mode_share,
    "certain_share": certain_share,
}
CONFIDENCE = st.one_of(
    st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0]),
    st.integers(0, 2**20).map(lambda k: k / 2**20),
)
ROWS = st.lists(
    st.tuples(CONFIDENCE, st.integers(0, 1), st.integers(0, 3)), min_size=1, max_size=30
)
Rows = list[tuple[float, int, int]]


def value(measure: Measure, rows: Rows) -> float:
    groups = tie_groups(scored_sample([row[0] for row in rows], [row[1] for row in rows]))
    return float(measure(unweighted(groups))[0])


@settings(max_examples=30, deadline=None)
@given(rows=ROWS, seed=st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(rows: Rows, seed: int) -> None:
    shuffled = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
    for name, measure in MEASURES.items():
        assert value(measure, shuffled) == pytest.approx(
            value(measure, rows), abs=1e-9, nan_ok=True
        ), name


@settings(max_examples=30, deadline=None)
@given(rows=ROWS)
def test_a_weight_is_a_number_of_repetitions(rows: Rows) -> None:
    groups = tie_groups(scored_sample([row[0] for row in rows], [row[1] for row in rows]))
    weighted = weigh_rows(groups, np.array([[float(row[2]) for row in rows]]))
    repeated = [row for row in rows for _ in range(row[2])]
    for name, measure in MEASURES.items():
        assert measure(weighted)[0] == pytest.approx(
            value(measure, repeated), abs=1e-9, nan_ok=True
        ), name


@settings(max_examples=30, deadline=None)
@given(rows=ROWS, seed=st.integers(0, 1000))
def test_rows_of_weights_do_not_see_one_another(rows: Rows, seed: int) -> None:
    groups = tie_groups(scored_sample([row[0] for row in rows], [row[1] for row in rows]))
    weights = np.random.default_rng(seed).integers(0, 4, (5, len(rows))).astype(float)
    weights[2] = 0
    for name, measure in MEASURES.items():
        together = measure(weigh_rows(groups, weights))
        apart = [measure(weigh_rows(groups, row[None, :]))[0] for row in weights]
        assert together.shape == (5,), name
        np.testing.assert_array_equal(together, apart, err_msg=name)


@pytest.mark.parametrize("name", MEASURES)
def test_no_answers_are_undefined_and_have_no_distinct_confidence(
    name: str, value_of: Callable[..., float]
) -> None:
    expected = 0.0 if name == "distinct_confidences" else float("nan")
    for sample in (([], []), ([0.5], [1], [0]), ([0.2, 0.2, 1.0], [1, 0, 0], [0, 0, 0])):
        assert value_of(MEASURES[name], *sample) == pytest.approx(expected, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_measures_stay_in_their_ranges(rows: Rows) -> None:
    within_one = MEASURES.keys() - {
        "debiased_squared_error",
        "debiased_squared_error_width",
        "spiegelhalter_z",
        "distinct_confidences",
        "confidence_entropy",
        "cost_at_threshold",
    }
    for name in within_one:
        figure = value(MEASURES[name], rows)
        assert np.isnan(figure) or -1e-12 <= figure <= 1 + 1e-12, name
    for name in ("debiased_squared_error", "debiased_squared_error_width"):
        figure = value(MEASURES[name], rows)
        assert np.isnan(figure) or -0.25 - 1e-12 <= figure <= 1 + 1e-12, name
    assert 0 <= value(MEASURES["cost_at_threshold"], rows) <= 5
    distinct = value(distinct_confidences, rows)
    assert 0 <= value(confidence_entropy, rows) <= np.log(distinct) + 1e-12
