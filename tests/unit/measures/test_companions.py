"""Counts, the best constant, and the noise floor of ECE."""

import numpy as np
import pytest

from calibrant.measures.companions import constant_baseline, count_rows, noise_floor
from calibrant.measures.replicates import Execution
from calibrant.measures.sample import scored_sample

NAN = float("nan")


def test_counts_by_hand() -> None:
    counts = count_rows(
        np.array([0.9, 0.9, NAN, 0.5, NAN, 0.1]),
        np.array([1.0, 0.0, 1.0, 1.0, NAN, NAN]),
        np.array([0, 0, 1, 2, 3, 3]),
        used=3,
    )
    assert counts == {
        "rows": 6,
        "graded": 4,
        "ungraded": 2,
        "n": 3,
        "questions": 3,
        "missing": 1,
        "missing_share": 0.25,
        "distinct_confidences": 2,
        "mode_confidence": 0.9,
        "mode_share": pytest.approx(2 / 3),
    }


def test_counts_without_any_graded_answer() -> None:
    counts = count_rows(np.array([0.9]), np.array([NAN]), np.array([0]), used=0)
    assert counts["missing_share"] is None
    assert counts["mode_confidence"] is None
    assert counts["mode_share"] is None


def test_the_best_constant_is_the_accuracy() -> None:
    constant = constant_baseline(scored_sample([0.1, 0.2, 0.3, 0.4], [1, 1, 1, 0]))
    assert constant["mean_confidence"] == 0.75
    assert constant["brier"] == pytest.approx(0.75 * 0.25)
    assert constant["log_loss"] == pytest.approx(-0.75 * np.log(0.75) - 0.25 * np.log(0.25))
    assert constant["aurc"] == pytest.approx(0.25)
    assert (constant["ece"], constant["ece_equal_mass"], constant["gap"]) == (0, 0, 0)
    assert constant["auroc"] == 0.5


def test_no_constant_beats_it() -> None:
    right = np.array([1, 1, 0, 1, 0, 0, 1])
    best = constant_baseline(scored_sample(np.zeros(7), right))["brier"]
    assert best == pytest.approx(min(np.mean((c - right) ** 2) for c in np.linspace(0, 1, 7001)))


def test_the_best_constant_of_one_class_and_of_nothing() -> None:
    assert constant_baseline(scored_sample([0.2], [1]))["auroc"] is None
    assert set(constant_baseline(scored_sample([], [])).values()) == {None}


def floor_of(n: int) -> float:
    confidence = np.random.default_rng(4).random(n)
    floor = noise_floor(scored_sample(confidence, np.ones(n)), 10, seed=17)
    return float(floor["ece"]["mean"])


def test_the_floor_falls_as_the_sample_grows() -> None:
    # A calibrated predictor with uniform confidences: known from a simulation of its own.
    assert floor_of(200) == pytest.approx(0.066, abs=0.006)
    assert floor_of(2000) == pytest.approx(0.021, abs=0.002)


def test_the_floor_of_one_bin_is_the_mean_deviation_of_a_binomial() -> None:
    # 100 answers at .5: E|X - 50| / 100 for X ~ Binomial(100, .5) is .0398.
    floor = noise_floor(scored_sample([0.5] * 100, [1] * 100), 10, seed=17)
    assert floor["ece"]["mean"] == pytest.approx(0.0398, abs=0.003)
    assert floor["ece"] == floor["ece_equal_mass"]
    assert floor["ece"]["p95"] == pytest.approx(0.1, abs=0.011)


def test_the_floor_of_certainty_is_zero() -> None:
    floor = noise_floor(scored_sample([0.0, 1.0, 1.0], [1, 0, 0]), 10, seed=17)
    assert floor["ece"] == {"mean": 0.0, "p95": 0.0}


def test_the_floor_looks_at_no_label_and_does_not_depend_on_threads() -> None:
    confidence = np.random.default_rng(8).random(70)
    first = noise_floor(scored_sample(confidence, np.ones(70)), 10, seed=17)
    second = noise_floor(
        scored_sample(confidence, np.zeros(70)), 10, seed=17, execution=Execution(threads=3)
    )
    assert first == second
    assert first != noise_floor(scored_sample(confidence, np.ones(70)), 10, seed=18)


def test_there_is_no_floor_without_answers() -> None:
    floor = noise_floor(scored_sample([], []), 10, seed=17)
    assert floor["ece"] == {"mean": None, "p95": None}
