"""Smooth ECE against its definition by quadrature, in cases with a closed form, and by properties."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.measures.sample import scored_sample
from calibrant.measures.scores import gap
from calibrant.measures.smooth_calibration import smooth_ece
from calibrant.measures.weighting import tie_groups, unweighted

Value = Callable[..., float]


def smoothed_error(
    sure: np.ndarray, right: np.ndarray, width: float, points: int = 40_000
) -> float:
    """Return smECE at a width: the kernel summed over its images, midpoints of a fine grid."""
    values, code = np.unique(sure, return_inverse=True)
    residual = np.bincount(code, weights=sure - right) / len(sure)
    t = (np.arange(points) + 0.5) / points
    total = np.zeros(points)
    for shift in range(-6, 7, 2):
        for sign in (1, -1):
            for value, mass in zip(values, residual, strict=True):
                total += mass * np.exp(-0.5 * ((t - (sign * value + shift)) / width) ** 2)
    return float(np.abs(total).mean() / (width * math.sqrt(2 * math.pi)))


def made_up(kind: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    sure = rng.random(60)
    chance = {"over": sure * 0.6, "wavy": 0.5 + 0.45 * np.sin(9 * sure), "calibrated": sure}
    if kind == "stated":
        sure = rng.choice([0.0, 0.05, 0.5, 0.9, 0.95, 1.0], 200)
        return sure, (rng.random(200) < 0.7).astype(float)
    return sure, (rng.random(60) < chance[kind]).astype(float)


@pytest.mark.parametrize("kind", ["over", "wavy", "calibrated", "stated"])
def test_it_is_the_width_that_equals_its_own_error(kind: str, value_of: Value) -> None:
    sure, right = made_up(kind)
    width = value_of(smooth_ece, sure, right)
    assert width > 0.01
    assert smoothed_error(sure, right, width) == pytest.approx(width, abs=1e-6)


def test_a_small_value_is_the_width_too(value_of: Value) -> None:
    # Two neighbours whose errors of .01 n cancel unless the kernel is narrow.
    sure = np.repeat([0.50, 0.51], 100)
    right = np.concatenate([np.arange(100) < 51, np.arange(100) < 50]).astype(float)
    width = value_of(smooth_ece, sure, right)
    assert 0.003 < width < 0.01
    assert smoothed_error(sure, right, width, 200_000) == pytest.approx(width, abs=2e-6)


@pytest.mark.parametrize(
    ("sure", "right", "expected"),
    [
        ([0.8], [1], 0.2),
        ([0.0], [1], 1.0),
        ([0.7] * 4, [1, 0, 0, 0], 0.45),
        ([0.1, 0.4, 0.8], [0, 0, 0], 1.3 / 3),
        ([0.2, 0.9], [1, 1], 0.45),
        ([0.0, 1.0], [0, 1], 0.0),
        ([0.5, 0.5], [1, 0], 0.0),
    ],
)
def test_errors_of_one_sign_have_the_gap(
    sure: list[float], right: list[int], expected: float, value_of: Value
) -> None:
    assert value_of(smooth_ece, sure, right) == pytest.approx(expected, abs=1e-9)


def test_errors_of_both_signs_far_apart(value_of: Value) -> None:
    # Residuals -1/2 at 0 and 1/2 at 1: a wide kernel lets them cancel, to the first odd cosine
    # series 2 sum_k exp(-((2k + 1) pi s)^2 / 2) cos((2k + 1) pi t).
    width = value_of(smooth_ece, [0.0, 1.0], [1, 0])
    t = (np.arange(100_000) + 0.5) / 100_000
    series = sum(
        2 * math.exp(-((odd * math.pi * width) ** 2) / 2) * np.cos(odd * math.pi * t)
        for odd in range(1, 40, 2)
    )
    assert np.abs(series).mean() == pytest.approx(width, abs=1e-7)


def test_all_confidences_moved_by_a_hair_move_it_by_a_hair(value_of: Value) -> None:
    # ECE jumps here: .5 lies on the edge of its bin.
    right = [1, 0, 1, 0, 0, 1]
    values = [
        value_of(smooth_ece, [0.5 + d, 0.48, 0.5 + d, 0.46, 0.45, 0.5 + d], right)
        for d in (-1e-5, 0, 1e-5)
    ]
    assert np.ptp(values) < 1e-4


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 1)),
            st.integers(0, 1),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_between_the_gap_and_the_ece_of_distinct_values(rows: list[tuple[float, int]]) -> None:
    weighted = unweighted(tie_groups(scored_sample([r[0] for r in rows], [r[1] for r in rows])))
    finest = np.abs(np.diff(weighted.running_excess[0])).sum() / len(rows)
    value = smooth_ece(weighted)[0]
    assert abs(gap(weighted)[0]) - 1e-9 <= value <= finest + 1e-9
    mirrored = unweighted(
        tie_groups(scored_sample([1 - r[0] for r in rows], [1 - r[1] for r in rows]))
    )
    assert smooth_ece(mirrored)[0] == pytest.approx(value, abs=1e-4)


def test_more_rows_than_a_block_have_the_values_of_one(value_of: Value) -> None:
    sure, right = made_up("over")
    groups = tie_groups(scored_sample(sure, right))
    one = unweighted(groups)
    rows = 130
    stacked = type(one)(
        one.confidence,
        *(
            np.repeat(array, rows, axis=0)
            for array in (
                one.total,
                one.right,
                one.running_total,
                one.running_right,
                one.running_excess,
            )
        ),
    )
    np.testing.assert_array_equal(smooth_ece(stacked), np.full(rows, smooth_ece(one)[0]))
