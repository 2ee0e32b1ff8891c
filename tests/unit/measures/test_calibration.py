"""Both ECEs against slow loops, at bin edges, and with ties."""

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pytest

from calibrant.measures.calibration import bin_edges, ece, ece_equal_mass, equal_width_bins

Value = Callable[..., float]


def slow_ece(confidence: Sequence[float], correct: Sequence[float], codes: Sequence[int]) -> float:
    """Return the weighted mean of |accuracy - confidence| over bins, row by row."""
    total = 0.0
    for code in set(codes):
        rows = [row for row, other in enumerate(codes) if other == code]
        right = sum(correct[row] for row in rows) / len(rows)
        sure = sum(confidence[row] for row in rows) / len(rows)
        total += len(rows) / len(codes) * abs(right - sure)
    return total


def slow_width_codes(confidence: Sequence[float], bins: int) -> list[int]:
    edges = np.linspace(0, 1, bins + 1)
    codes = []
    for sure in confidence:
        code = [k for k in range(bins) if edges[k] <= sure < edges[k + 1]]
        codes.append(code[0] if code else bins - 1)
    return codes


def slow_mass_codes(confidence: Sequence[float], bins: int) -> list[int]:
    codes = []
    for sure in confidence:
        below = sum(other < sure for other in confidence)
        tied = sum(other == sure for other in confidence)
        codes.append((2 * below + tied) * bins // (2 * len(confidence)))
    return codes


def made_up(kind: str, n: int = 137) -> tuple[list[float], list[float]]:
    rng = np.random.default_rng(11)
    confidence = rng.random(n)
    if kind == "stated":
        confidence = np.round(confidence, 1)
    elif kind == "lumpy":
        confidence = rng.choice([0.0, 0.3, 0.85, 0.9, 1.0], n, p=[0.05, 0.05, 0.1, 0.6, 0.2])
    return confidence.tolist(), (rng.random(n) < 0.6).astype(float).tolist()


@pytest.mark.parametrize("bins", [2, 7, 10, 15])
@pytest.mark.parametrize("kind", ["continuous", "stated", "lumpy"])
def test_both_agree_with_slow_loops(kind: str, bins: int, value_of: Value) -> None:
    sure, right = made_up(kind)
    assert value_of(partial(ece, bins=bins), sure, right) == pytest.approx(
        slow_ece(sure, right, slow_width_codes(sure, bins)), abs=1e-12
    )
    assert value_of(partial(ece_equal_mass, bins=bins), sure, right) == pytest.approx(
        slow_ece(sure, right, slow_mass_codes(sure, bins)), abs=1e-12
    )


def test_a_bin_holds_its_left_edge_and_the_last_holds_one() -> None:
    codes = equal_width_bins(np.array([0.0, 0.1, 0.2, 0.5, 0.8, 0.9, 1.0]), 10)
    assert codes.tolist() == [0, 1, 2, 5, 8, 9, 9]


@pytest.mark.parametrize(("sure", "code"), [(0.3, 2), (0.6, 5), (0.7, 6)])
def test_an_inexact_edge_of_linspace_lies_above_its_decimal(sure: float, code: int) -> None:
    edge = bin_edges(10)[code + 1]
    assert edge > sure
    assert equal_width_bins(np.array([sure, edge]), 10).tolist() == [code, code + 1]


def test_a_confidence_at_an_inexact_edge_shares_the_bin_below(value_of: Value) -> None:
    # .25 and .3 fall into one bin and cancel: |.55 - 1| / 2.
    assert value_of(ece, [0.25, 0.3], [1, 0]) == pytest.approx(0.225)
    # .1 is exact, so .05 and .1 are apart: (.95 + .1) / 2.
    assert value_of(ece, [0.05, 0.1], [1, 0]) == pytest.approx(0.525)


def test_certainty_at_both_ends(value_of: Value) -> None:
    assert value_of(ece, [0.0, 1.0], [0, 1]) == 0
    assert value_of(ece, [0.0, 1.0], [1, 0]) == 1
    assert value_of(ece_equal_mass, [0.0, 1.0], [1, 0]) == 1


def test_a_constant_confidence_has_its_distance_from_accuracy(value_of: Value) -> None:
    sure, right = [0.9] * 10, [1] * 9 + [0]
    assert value_of(ece, sure, right) == pytest.approx(0, abs=1e-15)
    assert value_of(ece_equal_mass, sure, right) == pytest.approx(0, abs=1e-15)
    assert value_of(ece, sure, [1] * 4 + [0] * 6) == pytest.approx(0.5)
    assert value_of(ece_equal_mass, sure, [1] * 4 + [0] * 6) == pytest.approx(0.5)


def test_equal_mass_bins_differ_by_at_most_one_answer_without_ties() -> None:
    sizes = np.bincount(slow_mass_codes(list(np.linspace(0, 1, 23)), 10))
    assert len(sizes) == 10
    assert set(sizes) == {2, 3}


def test_a_tie_is_never_split_between_equal_mass_bins(value_of: Value) -> None:
    # Two bins of four answers. The tie at .6 has its middle at 5 / 8 and goes up whole, so the
    # bins are (.1, .2) and (.6 x 6): errors |.3 - 1| and |3.6 - 3|.
    sure = [0.1, 0.2, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
    right = [1, 0, 1, 1, 1, 0, 0, 0]
    assert value_of(partial(ece_equal_mass, bins=2), sure, right) == pytest.approx(1.3 / 8)


def test_a_tie_exactly_in_the_middle_goes_up(value_of: Value) -> None:
    # Middle of the tie at .5: 1 + 2 / 2 = 2 of 4 answers, the border of the two bins.
    sure, right = [0.1, 0.5, 0.5, 0.9], [1, 1, 0, 1]
    # Bins (.1) and (.5, .5, .9): errors .9 and |1.9 - 2|.
    assert value_of(partial(ece_equal_mass, bins=2), sure, right) == pytest.approx(1.0 / 4)


def test_a_single_answer(value_of: Value) -> None:
    assert value_of(ece, [0.8], [1]) == pytest.approx(0.2)
    assert value_of(ece_equal_mass, [0.8], [1]) == pytest.approx(0.2)


def test_no_answer_is_undefined(value_of: Value) -> None:
    assert math.isnan(value_of(ece, [], []))
    assert math.isnan(value_of(ece_equal_mass, [], []))
    assert math.isnan(value_of(ece_equal_mass, [0.5], [1], [0]))
