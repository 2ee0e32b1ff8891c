"""Platt's, temperature and beta calibration, by hand and against scikit-learn and scipy."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from calibrant.baselines.calibrators import fit_calibrator
from calibrant.baselines.confidence_maps import LogOddsMap

Sample = tuple[Any, Any]


def made(seed: int, decimals: int = 2, power: float = 2.0, n: int = 400) -> Sample:
    """Return confidences, 0 and 1 among them, and outcomes with the chance ``c ** power``."""
    rng = np.random.default_rng(seed)
    sure = np.round(rng.random(n) ** 0.5, decimals)
    return sure, (rng.random(n) < sure**power).astype(float)


def clipped(sure: Any) -> Any:
    return np.clip(sure, 0.001, 0.999)


def map_of(kind: Any, sample: Sample) -> LogOddsMap:
    fitted = fit_calibrator(kind, *sample)
    assert isinstance(fitted.map, LogOddsMap)
    assert not fitted.smoothed
    return fitted.map


@pytest.mark.parametrize("decimals", [1, 2, 9])
def test_platt_is_scikit_learns_regression_without_penalty(decimals: int) -> None:
    sure, right = made(1, decimals)
    oracle = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000)
    oracle.fit(logit(clipped(sure))[:, None], right)
    fitted = map_of("platt", (sure, right))
    assert fitted.sure == fitted.doubt == pytest.approx(oracle.coef_[0, 0], abs=1e-5)
    assert fitted.shift == pytest.approx(oracle.intercept_[0], abs=1e-5)


def test_two_confidences_get_their_own_accuracy() -> None:
    # Two parameters, two points: 1/4 right at .3 and 2/3 right at .9.
    sure, right = [0.3] * 4 + [0.9] * 3, [1, 0, 0, 0, 1, 1, 0]
    for kind in ("platt", "beta"):
        fitted = fit_calibrator(kind, sure, right)
        np.testing.assert_allclose(fitted.apply([0.3, 0.9]), [1 / 4, 2 / 3], atol=1e-8)


def test_a_temperature_by_hand() -> None:
    # 3/5 right at .8: scale * ln 4 = ln 1.5.
    fitted = map_of("temperature", ([0.8] * 5, [1, 1, 1, 0, 0]))
    assert fitted.sure == fitted.doubt == pytest.approx(np.log(1.5) / np.log(4))
    assert fitted.shift == 0


def minimum(features: Any, right: Any, limits: list[tuple[float | None, None]]) -> Any:
    """Return where scipy finds the smallest log loss."""

    def loss(weights: Any) -> Any:
        return -np.log(expit((2 * right - 1) * (features @ weights))).mean()

    def slope(weights: Any) -> Any:
        return features.T @ (expit(features @ weights) - right) / len(right)

    start = np.full(features.shape[1], 0.5)
    options = {"ftol": 1e-16, "gtol": 1e-11, "maxiter": 10_000}
    return minimize(loss, start, jac=slope, bounds=limits, method="L-BFGS-B", options=options).x


@pytest.mark.parametrize("power", [0.3, 1.0, 3.0])
def test_temperature_is_the_minimum_that_scipy_finds(power: float) -> None:
    sure, right = made(2, power=power)
    scale = minimum(logit(clipped(sure))[:, None], right, [(0, None)])
    assert map_of("temperature", (sure, right)).sure == pytest.approx(scale[0], abs=1e-5)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("power", [0.05, 1.0, 8.0])
def test_beta_is_the_minimum_that_scipy_finds(power: float, seed: int) -> None:
    sure, right = made(seed, power=power)
    inside = clipped(sure)
    features = np.stack([np.log(inside), -np.log1p(-inside), np.ones_like(inside)], axis=1)
    expected = minimum(features, right, [(0, None), (0, None), (None, None)])
    found = map_of("beta", (sure, right))
    np.testing.assert_allclose([found.sure, found.doubt, found.shift], expected, atol=2e-4)


@pytest.mark.parametrize(("right", "left"), [((1, 8, 7), "sure"), ((3, 2, 9), "doubt")])
def test_beta_without_the_logarithm_that_would_fall_is_a_fit_on_the_other(
    right: tuple[int, ...], left: str
) -> None:
    # Ten answers at each of .1, .5 and .9; accuracy falls on one side of the middle.
    sure = np.repeat([0.1, 0.5, 0.9], 10)
    correct = np.concatenate([np.arange(10) < count for count in right]).astype(float)
    column = np.log(sure) if left == "sure" else -np.log1p(-sure)
    oracle = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000)
    oracle.fit(column[:, None], correct)
    fitted = map_of("beta", (sure, correct))
    slopes = (oracle.coef_[0, 0], 0.0) if left == "sure" else (0.0, oracle.coef_[0, 0])
    assert slopes != (0.0, 0.0)
    assert (fitted.sure, fitted.doubt) == pytest.approx(slopes, abs=1e-5)
    assert fitted.shift == pytest.approx(oracle.intercept_[0], abs=1e-5)


@pytest.mark.parametrize("kind", ["platt", "beta", "temperature"])
def test_reversed_confidences_are_flattened_and_not_turned_around(kind: Any) -> None:
    sure, right = [0.1] * 4 + [0.9] * 4, [1, 1, 1, 0, 0, 0, 0, 1]
    fitted = fit_calibrator(kind, sure, right)
    np.testing.assert_allclose(fitted.apply([0, 0.1, 0.5, 0.9, 1]), 0.5, atol=1e-12)


@pytest.mark.parametrize("kind", ["platt", "beta"])
def test_all_right_gets_platts_target(kind: Any) -> None:
    fitted = fit_calibrator(kind, [0.2, 0.5, 0.9], [1, 1, 1])
    assert fitted.smoothed
    # (3 + 1) / (3 + 2) for every answer, whatever its confidence.
    np.testing.assert_allclose(fitted.apply([0.0, 0.4, 1.0]), 0.8, atol=1e-8)


def test_separated_answers_keep_finite_odds() -> None:
    # One answer on each side: targets 1/3 and 2/3 are met exactly.
    for kind in ("platt", "beta", "temperature"):
        fitted = fit_calibrator(kind, [0.25, 0.75], [0, 1])
        assert fitted.smoothed
        np.testing.assert_allclose(fitted.apply([0.25, 0.75]), [1 / 3, 2 / 3], atol=1e-8)


def test_a_shared_confidence_at_the_border_is_separated_too() -> None:
    fitted = fit_calibrator("platt", [0.1, 0.5, 0.5, 0.9], [0, 0, 1, 1])
    assert fitted.smoothed
    assert fitted.map(np.array([0.5])) == pytest.approx(0.5, abs=1e-6)


def test_one_confidence_says_nothing_about_slopes() -> None:
    sure, right = [0.7] * 4, [1, 0, 0, 0]
    for kind in ("platt", "beta"):
        np.testing.assert_allclose(fit_calibrator(kind, sure, right).apply([0.1, 0.9]), 0.25)


def test_one_half_for_all_leaves_the_temperature_alone() -> None:
    fitted = fit_calibrator("temperature", [0.5, 0.5], [1, 0])
    np.testing.assert_allclose(fitted.apply([0.1, 0.5, 0.93]), [0.1, 0.5, 0.93])


def test_confidences_beyond_the_clip_are_one() -> None:
    fitted = fit_calibrator("platt", *made(3))
    at = fitted.apply([0.0, 0.001, 0.999, 1.0])
    assert at[0] == at[1] < at[2] == at[3]
