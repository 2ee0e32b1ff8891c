"""What holds for every calibrator, and the ones without a formula: constant, isotonic, histogram."""

import json
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from calibrant.baselines.calibrators import fit_calibrator
from calibrant.baselines.fitted_calibrator import FittedCalibrator
from calibrant.baselines.settings import CalibratorKind
from calibrant.errors import CalibrantError

KINDS = get_args(CalibratorKind)
GRID = np.linspace(0, 1, 101)

# Coarse as models state them, and fine with values that differ in the last digit.
_SURE = st.integers(0, 10).map(lambda tenth: tenth / 10) | st.floats(0, 1, allow_subnormal=False)
ANSWERS = st.lists(st.tuples(_SURE, st.booleans()), min_size=2, max_size=40)


@settings(deadline=None, max_examples=80)
@given(ANSWERS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_fit_is_finite_inside_and_never_falls(
    kind: Any, answers: list[tuple[float, bool]]
) -> None:
    fitted = fit_calibrator(kind, *zip(*answers, strict=True))
    mapped = fitted.apply(GRID)
    assert np.all((mapped >= 0) & (mapped <= 1))
    if kind != "histogram":
        assert np.all(np.diff(mapped) >= -1e-12)
    assert FittedCalibrator.from_document(json.loads(json.dumps(fitted.document()))) == fitted


@settings(deadline=None, max_examples=60)
@given(ANSWERS)
@pytest.mark.parametrize("kind", ["constant", "isotonic", "histogram", "platt", "beta"])
def test_the_mean_becomes_the_accuracy(kind: Any, answers: list[tuple[float, bool]]) -> None:
    sure, right = zip(*answers, strict=True)
    fitted = fit_calibrator(kind, sure, right)
    if not fitted.smoothed:
        assert np.mean(fitted.apply(sure)) == pytest.approx(np.mean(right), abs=1e-7)


@settings(deadline=None, max_examples=60)
@given(ANSWERS)
@pytest.mark.parametrize("kind", ["constant", "isotonic"])
def test_a_second_fit_changes_nothing(kind: Any, answers: list[tuple[float, bool]]) -> None:
    sure, right = zip(*answers, strict=True)
    once = fit_calibrator(kind, sure, right).apply(sure)
    twice = fit_calibrator(kind, once, right).apply(once)
    np.testing.assert_allclose(twice, once, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(ANSWERS, st.randoms())
@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_answers_does_not_matter(
    kind: Any, answers: list[tuple[float, bool]], random: Any
) -> None:
    shuffled = random.sample(answers, len(answers))
    one, other = (fit_calibrator(kind, *zip(*rows, strict=True)) for rows in (answers, shuffled))
    assert one == other


def test_the_constant_is_the_accuracy() -> None:
    fitted = fit_calibrator("constant", [0.1, 0.9, 0.4], [1, 1, 0])
    assert fitted.apply([0.0, 0.3, 1.0]).tolist() == [2 / 3] * 3
    assert (fitted.rows, fitted.right) == (3, 2)


@pytest.mark.parametrize("decimals", [1, 16])
def test_isotonic_agrees_with_scikit_learn_between_its_knots_and_beyond(decimals: int) -> None:
    rng = np.random.default_rng(7)
    sure = np.round(0.1 + 0.8 * rng.random(300), decimals)
    right = (rng.random(300) < sure**2).astype(float)
    oracle = IsotonicRegression(out_of_bounds="clip").fit(sure, right)
    fitted = fit_calibrator("isotonic", sure, right)
    everywhere = np.concatenate([GRID, rng.random(200)])
    np.testing.assert_allclose(fitted.apply(everywhere), oracle.predict(everywhere), atol=1e-12)


def test_isotonic_by_hand() -> None:
    # Accuracies 0, 1, 1/2 at .2, .6, .8: the last two pool to 2/3.
    fitted = fit_calibrator("isotonic", [0.2, 0.6, 0.8, 0.8], [0, 1, 1, 0])
    at = fitted.apply([0.0, 0.2, 0.4, 0.6, 0.7, 1.0])
    np.testing.assert_allclose(at, [0, 0, 1 / 3, 2 / 3, 2 / 3, 2 / 3])


def test_few_answers_are_one_bin() -> None:
    fitted = fit_calibrator("histogram", np.linspace(0, 1, 19), [1] * 5 + [0] * 14)
    assert fitted.apply([0.0, 1.0]).tolist() == [5 / 19] * 2


def test_a_histogram_by_hand_whose_values_may_fall() -> None:
    # 20 answers are two bins of ten: 8 of 10 right below, 3 of 10 above, border halfway.
    sure = [0.3] * 6 + [0.4] * 4 + [0.6] * 10
    right = [1] * 6 + [1, 1, 0, 0] + [1] * 3 + [0] * 7
    fitted = fit_calibrator("histogram", sure, right)
    assert fitted.apply([0.0, 0.4, 0.49, 0.5, 0.51, 1.0]).tolist() == [0.8] * 3 + [0.3] * 3


def test_a_histogram_splits_no_tie() -> None:
    # Of 30 answers 25 are at .9: their middle falls into the second of three bins.
    sure = [0.1] * 5 + [0.9] * 25
    fitted = fit_calibrator("histogram", sure, [0] * 5 + [1] * 20 + [0] * 5)
    assert fitted.apply([0.1, 0.9]).tolist() == [0.0, 0.8]


def test_a_histogram_of_different_confidences_has_ten_equal_bins() -> None:
    sure = np.linspace(0.001, 0.999, 200)
    fitted = fit_calibrator("histogram", sure, np.arange(200) % 2)
    values, counts = np.unique(np.searchsorted(fitted.map.edges, sure), return_counts=True)
    assert (len(values), set(counts.tolist())) == (10, {20})


@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_one_answer_is_too_few(kind: Any, rows: int) -> None:
    with pytest.raises(CalibrantError, match=f"{rows} graded answers .* larger calibration split"):
        fit_calibrator(kind, [0.5] * rows, [1] * rows)


def test_what_is_no_confidence_is_refused() -> None:
    fitted = fit_calibrator("platt", [0.2, 0.8, 0.5], [0, 1, 1])
    for bad in (1.2, float("nan")):
        with pytest.raises(CalibrantError, match="row 1"):
            fitted.apply([0.5, bad])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "spline"}, "kind"),
        ({"rows": 1}, "rows"),
        ({"map": {"form": "log_odds", "sure": -1.0, "doubt": 1.0, "shift": 0.0}}, "never falls"),
        ({"map": {"form": "lines", "at": [0.5, 0.4], "value": [0.1, 0.2]}}, "ascending"),
        ({"map": {"form": "lines", "at": [0.4, 0.5], "value": [0.2, 0.1]}}, "fall"),
        ({"map": {"form": "steps", "edges": [0.4], "value": [0.2]}}, "a value each"),
        ({"map": {"form": "steps", "edges": [], "value": [1.2]}}, r"in \[0, 1\]"),
        ({"map": {"form": "curve"}}, "map"),
    ],
)
def test_a_document_that_is_no_calibrator_is_refused(changes: dict[str, Any], message: str) -> None:
    document = fit_calibrator("platt", [0.2, 0.8, 0.5], [0, 1, 1]).document()
    with pytest.raises(CalibrantError, match=message):
        FittedCalibrator.from_document(document | changes)
