"""AUPRC against scikit-learn, by hand, and at its ends."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from calibrant.measures.precision import auprc_right, auprc_wrong

Value = Callable[..., float]


@pytest.mark.parametrize("decimals", [1, 2, 16])
def test_agrees_with_scikit_learn(decimals: int, value_of: Value) -> None:
    rng = np.random.default_rng(3)
    sure = np.round(rng.random(300), decimals)
    right = (rng.random(300) < sure).astype(float)
    for weights in (np.ones(300), rng.integers(0, 5, 300)):
        assert value_of(auprc_right, sure, right, weights) == pytest.approx(
            average_precision_score(right, sure, sample_weight=weights), abs=1e-12
        )
        assert value_of(auprc_wrong, sure, right, weights) == pytest.approx(
            average_precision_score(1 - right, -sure, sample_weight=weights), abs=1e-12
        )


def test_a_tie_enters_whole(value_of: Value) -> None:
    # From the top: .9 right (precision 1), then the tie .5 (precision 2/3); recall 1/2 each.
    assert value_of(auprc_right, [0.9, 0.5, 0.5], [1, 1, 0]) == pytest.approx((1 + 2 / 3) / 2)
    # From the bottom: the tie holds the one wrong answer among two.
    assert value_of(auprc_wrong, [0.9, 0.5, 0.5], [1, 1, 0]) == pytest.approx(1 / 2)


def test_a_constant_has_the_share_of_what_is_looked_for(value_of: Value) -> None:
    assert value_of(auprc_right, [0.3] * 4, [1, 0, 0, 0]) == 0.25
    assert value_of(auprc_wrong, [0.3] * 4, [1, 0, 0, 0]) == 0.75


def test_one_class(value_of: Value) -> None:
    for sure, right in (([0.2], [1]), ([0.2, 0.8], [1, 1])):
        assert value_of(auprc_right, sure, right) == 1
        assert math.isnan(value_of(auprc_wrong, sure, right))
    assert math.isnan(value_of(auprc_right, [0.2, 0.8], [0, 0]))
    assert value_of(auprc_wrong, [0.2, 0.8], [0, 0]) == 1
