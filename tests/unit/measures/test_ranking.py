"""AUROC against scikit-learn and AURC against all orders of a tie."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
import sklearn.metrics

from calibrant.measures.ranking import aurc, auroc

Value = Callable[..., float]


@pytest.mark.parametrize("decimals", [1, 2, 16])
def test_auroc_agrees_with_scikit_learn(decimals: int, value_of: Value) -> None:
    rng = np.random.default_rng(3)
    sure = np.round(rng.random(300), decimals)
    right = (rng.random(300) < sure).astype(float)
    weights = rng.integers(0, 5, 300)
    assert value_of(auroc, sure, right) == pytest.approx(
        sklearn.metrics.roc_auc_score(right, sure), abs=1e-12
    )
    assert value_of(auroc, sure, right, weights) == pytest.approx(
        sklearn.metrics.roc_auc_score(right, sure, sample_weight=weights), abs=1e-12
    )


def test_auroc_counts_a_tie_as_one_half(value_of: Value) -> None:
    assert value_of(auroc, [0.5, 0.5], [1, 0]) == 0.5
    assert value_of(auroc, [0.9, 0.5, 0.5], [1, 1, 0]) == 0.75
    assert value_of(auroc, [0.9, 0.1], [1, 0]) == 1
    assert value_of(auroc, [0.1, 0.9], [1, 0]) == 0


@pytest.mark.parametrize("right", [[1, 1], [0, 0]])
def test_auroc_of_one_class_is_undefined(right: list[int], value_of: Value) -> None:
    assert math.isnan(value_of(auroc, [0.2, 0.8], right))
    assert math.isnan(value_of(auroc, [0.5], right[:1]))


def slow_aurc(sure: list[float], right: list[int]) -> float:
    """Return the mean AURC over every order in which no confidence rises."""
    values = []
    for order in itertools.permutations(range(len(sure))):
        if any(sure[a] < sure[b] for a, b in itertools.pairwise(order)):
            continue
        wrong = np.cumsum([1 - right[row] for row in order])
        values.append(np.mean(wrong / np.arange(1, len(sure) + 1)))
    return float(np.mean(values))


@pytest.mark.parametrize("seed", range(8))
def test_aurc_is_the_mean_over_all_orders_of_ties(seed: int, value_of: Value) -> None:
    rng = np.random.default_rng(seed)
    sure = rng.choice([0.2, 0.5, 0.5, 0.9], 7).tolist()
    right = rng.integers(0, 2, 7).tolist()
    assert value_of(aurc, sure, right) == pytest.approx(slow_aurc(sure, right), abs=1e-12)


def test_aurc_worked_by_hand(value_of: Value) -> None:
    # Risks 0, 1/2, 1/3, 2/4.
    assert value_of(aurc, [0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0]) == pytest.approx((5 / 6 + 0.5) / 4)
    assert value_of(aurc, [0.4] * 5, [1, 1, 1, 0, 0]) == pytest.approx(0.4)
    assert value_of(aurc, [0.9, 0.8], [1, 1]) == 0
    assert value_of(aurc, [0.9, 0.8], [0, 0]) == 1
    assert value_of(aurc, [0.3], [0]) == 1


def test_aurc_of_nothing_is_undefined(value_of: Value) -> None:
    assert math.isnan(value_of(aurc, [], []))
    assert math.isnan(value_of(aurc, [0.4], [1], [0]))
