"""Fixtures of the tests of measures."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from calibrant.measures.sample import scored_sample
from calibrant.measures.weighting import Measure, tie_groups, weigh_rows

ValueOf = Callable[..., float]


@pytest.fixture
def value_of() -> ValueOf:
    """Return a function that takes a measure on lists, with weights (default: ones)."""

    def value(
        measure: Measure,
        confidence: Sequence[float],
        correct: Sequence[float],
        weights: Sequence[float] | None = None,
    ) -> float:
        groups = tie_groups(scored_sample(confidence, correct))
        row = np.ones(len(confidence)) if weights is None else np.asarray(weights, dtype=float)
        return float(measure(weigh_rows(groups, row[None, :]))[0])

    return value
