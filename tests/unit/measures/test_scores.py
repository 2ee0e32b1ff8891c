"""Accuracy, mean confidence, gap, Brier score and log loss against scikit-learn and by hand."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import sklearn.metrics

from calibrant.measures.scores import accuracy, brier, gap, log_loss, mean_confidence


def made_up(n: int = 400, values: int | None = None) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(5)
    confidence = rng.uniform(0.001, 0.999, n)
    if values is not None:
        confidence = np.ceil(confidence * values) / (values + 1)
    return confidence, (rng.random(n) < confidence**2).astype(float), rng.integers(0, 4, n)


@pytest.mark.parametrize("values", [None, 7])
def test_brier_and_log_loss_agree_with_scikit_learn(
    values: int | None, value_of: Callable[..., float]
) -> None:
    sure, right, weights = made_up(values=values)
    assert value_of(brier, sure, right) == pytest.approx(
        sklearn.metrics.brier_score_loss(right, sure), abs=1e-12
    )
    assert value_of(log_loss, sure, right) == pytest.approx(
        sklearn.metrics.log_loss(right, sure), abs=1e-12
    )
    assert value_of(brier, sure, right, weights) == pytest.approx(
        sklearn.metrics.brier_score_loss(right, sure, sample_weight=weights), abs=1e-12
    )
    assert value_of(log_loss, sure, right, weights) == pytest.approx(
        sklearn.metrics.log_loss(right, sure, sample_weight=weights), abs=1e-12
    )


def test_means_agree_with_numpy(value_of: Callable[..., float]) -> None:
    sure, right, weights = made_up()
    assert value_of(accuracy, sure, right, weights) == pytest.approx(
        np.average(right, weights=weights)
    )
    assert value_of(mean_confidence, sure, right, weights) == pytest.approx(
        np.average(sure, weights=weights)
    )
    assert value_of(gap, sure, right, weights) == pytest.approx(
        np.average(sure - right, weights=weights)
    )


def test_worked_by_hand(value_of: Callable[..., float]) -> None:
    sure, right = [0.9, 0.6, 0.6, 0.2], [1, 1, 0, 0]
    assert value_of(accuracy, sure, right) == 0.5
    assert value_of(mean_confidence, sure, right) == pytest.approx(0.575)
    assert value_of(gap, sure, right) == pytest.approx(0.075)
    # .01, .16, .36 and .04
    assert value_of(brier, sure, right) == pytest.approx(0.57 / 4)
    assert value_of(log_loss, sure, right) == pytest.approx(-math.log(0.9 * 0.6 * 0.4 * 0.8) / 4)


def test_log_loss_is_finite_at_certainty(value_of: Callable[..., float]) -> None:
    assert value_of(log_loss, [1.0], [0]) == pytest.approx(-math.log(1e-6))
    assert value_of(log_loss, [0.0], [1]) == pytest.approx(-math.log(1e-6))
    assert value_of(log_loss, [1.0, 0.0], [1, 0]) == pytest.approx(1e-6, rel=1e-5)


@pytest.mark.parametrize("measure", [accuracy, mean_confidence, gap, brier, log_loss])
def test_nothing_to_average_is_undefined(measure: object, value_of: Callable[..., float]) -> None:
    assert math.isnan(value_of(measure, [], []))
    assert math.isnan(value_of(measure, [0.5, 0.7], [1, 0], [0, 0]))
