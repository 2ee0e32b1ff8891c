"""Signs of a collapsed confidence, by hand."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from calibrant.measures.collapse import (
    certain_share,
    confidence_entropy,
    distinct_confidences,
    mode_share,
)

Value = Callable[..., float]
SURE = [0.0, 0.5, 0.5, 1.0]


def test_worked_by_hand(value_of: Value) -> None:
    right = [0, 1, 0, 1]
    assert value_of(distinct_confidences, SURE, right) == 3
    assert value_of(confidence_entropy, SURE, right) == pytest.approx(1.5 * math.log(2))
    assert value_of(mode_share, SURE, right) == 0.5
    assert value_of(certain_share, SURE, right) == 0.5


def test_a_value_without_weight_is_not_counted(value_of: Value) -> None:
    weights = [0, 1, 2, 1]
    assert value_of(distinct_confidences, SURE, [0] * 4, weights) == 2
    assert value_of(mode_share, SURE, [0] * 4, weights) == 0.75
    assert value_of(certain_share, SURE, [0] * 4, weights) == 0.25


@pytest.mark.parametrize("n", [1, 5])
def test_a_constant(n: int, value_of: Value) -> None:
    sample = [0.9] * n, [1] * n
    assert value_of(distinct_confidences, *sample) == 1
    assert math.copysign(1, value_of(confidence_entropy, *sample)) == 1
    assert value_of(confidence_entropy, *sample) == 0
    assert value_of(mode_share, *sample) == 1
    assert value_of(certain_share, *sample) == 0


def test_values_used_equally_have_the_entropy_of_their_number(value_of: Value) -> None:
    sure = np.repeat(np.arange(11) / 10, 7)
    assert value_of(confidence_entropy, sure, np.zeros(77)) == pytest.approx(math.log(11))


@pytest.mark.parametrize("measure", [distinct_confidences, confidence_entropy, mode_share])
def test_outcomes_do_not_matter(measure: Callable, value_of: Value) -> None:
    assert value_of(measure, SURE, [1, 1, 1, 1]) == value_of(measure, SURE, [0, 1, 0, 0])
