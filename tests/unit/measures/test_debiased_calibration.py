"""The debiased L2 calibration error: by hand, against slow loops, and its lack of bias."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from calibrant.measures.bin_sums import Binning
from calibrant.measures.debiased_calibration import debiased_ece, debiased_squared_error
from calibrant.measures.sample import scored_sample
from calibrant.measures.weighting import tie_groups, unweighted, with_outcomes

Value = Callable[..., float]
BY_WIDTH = partial(debiased_squared_error, bins=2, binning=Binning.EQUAL_WIDTH)


def slow(sure: np.ndarray, right: np.ndarray, codes: np.ndarray) -> float:
    """Return Kumar et al.'s estimator over the bins ``codes``, in which one answer counts 0."""
    total = 0.0
    for code in np.unique(codes):
        rows = codes == code
        if rows.sum() > 1:
            error = (sure[rows].mean() - right[rows].mean()) ** 2
            total += rows.sum() / len(sure) * (error - right[rows].var(ddof=1) / rows.sum())
    return total


def test_worked_by_hand(value_of: Value) -> None:
    # Bins (.1, .3) and (.6, .9, .9): confidences .2 and .8, accuracies 1/2 and 2/3.
    low = 0.3**2 - 0.25 / 1
    high = (0.8 - 2 / 3) ** 2 - (2 / 9) / 2
    assert value_of(BY_WIDTH, [0.1, 0.3, 0.6, 0.9, 0.9], [1, 0, 1, 1, 0]) == pytest.approx(
        (2 * low + 3 * high) / 5
    )


@pytest.mark.parametrize("decimals", [1, 16])
def test_agrees_with_slow_loops(decimals: int, value_of: Value) -> None:
    rng = np.random.default_rng(7)
    sure = np.round(rng.random(150), decimals)
    right = (rng.random(150) < 0.6).astype(float)
    width = np.minimum(np.searchsorted(np.linspace(0, 1, 8), sure, side="right") - 1, 6)
    below = (sure[:, None] > sure).sum(axis=1)
    mass = (2 * below + (sure[:, None] == sure).sum(axis=1)) * 7 // 300
    for binning, codes in ((Binning.EQUAL_WIDTH, width), (Binning.EQUAL_MASS, mass)):
        measure = partial(debiased_squared_error, bins=7, binning=binning)
        assert value_of(measure, sure, right) == pytest.approx(slow(sure, right, codes), abs=1e-12)


def test_calibrated_answers_have_0_on_average() -> None:
    # Six answers per confidence, each right with its stated probability: the plug-in error would
    # be the mean of c (1 - c) / 6, here .032; the debiased one is 0 within 5 standard errors.
    groups = tie_groups(scored_sample(np.repeat([0.1, 0.3, 0.6, 0.9], 6), np.zeros(24)))
    chance = groups.confidence.repeat(6)
    outcomes = (np.random.default_rng(1).random((20_000, 24)) < chance).astype(float)
    values = debiased_squared_error(with_outcomes(unweighted(groups), groups, outcomes), bins=4)
    assert abs(values.mean()) < 5 * values.std() / math.sqrt(len(values)) < 0.002
    assert (values < 0).mean() > 0.3


def test_a_negative_value_has_the_root_0(value_of: Value) -> None:
    sure, right = [0.5, 0.5], [1, 0]
    assert value_of(debiased_squared_error, sure, right) == pytest.approx(-0.25)
    assert value_of(debiased_ece, sure, right) == 0
    assert value_of(debiased_ece, [0.9] * 4, [0] * 4) == pytest.approx(0.9)


def test_bins_of_one_answer_count_nothing(value_of: Value) -> None:
    assert math.isnan(value_of(BY_WIDTH, [0.7], [0]))
    assert math.isnan(value_of(BY_WIDTH, [0.2, 0.7], [0, 1]))
    assert value_of(BY_WIDTH, [0.2, 0.7, 0.7], [1, 0, 0]) == pytest.approx(0.49 * 2 / 3)
