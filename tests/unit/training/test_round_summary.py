"""The figures of a round, over the completions of all processes."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from calibrant.rewards.reward import RewardParts
from calibrant.training.round_summary import confidence_figures, summarise
from calibrant.training.scorer import Scored

NAN = math.nan


def scored(*, length: float = 0.0) -> Scored:
    """Return four completions: right, wrong, one that cannot be read, one that nobody can grade."""
    return Scored(
        RewardParts(
            correctness=np.array([1.0, 0.0, 0.0, 0.0]),
            calibration=np.array([-0.04, -0.64, 0.0, 0.0]),
            format=np.array([0.0, 0.0, -1.0, -1.0]),
            length=np.full(4, length),
        ),
        correct=np.array([1.0, 0.0, NAN, NAN]),
        label=np.array([1.0, 0.0, NAN, NAN]),
        judged=np.zeros(4, bool),
        confidence=np.array([0.8, 0.8, NAN, 0.3]),
        answered=np.array([True, True, True, False]),
        readable=np.array([True, True, False, False]),
        truncated=np.array([False, False, True, False]),
        tokens=np.array([5.0, 6.0, 16.0, 5.0]),
    )


def alone(gather: Callable[[Any], Any] = lambda rows: rows) -> Any:
    return SimpleNamespace(device="cpu", gather=gather)


def test_worked_figures() -> None:
    assert summarise(scored(length=-0.1), alone()) == pytest.approx(
        {
            "completions": 4,
            "reward": (1 - 0.68 - 2) / 4 - 0.1,
            "correctness": 0.25,
            "calibration": -0.17,
            "format": -0.5,
            "length": -0.1,
            "accuracy": 0.5,
            "format_rate": 0.5,
            "truncated_share": 0.25,
            "tokens_mean": 8.0,
            "confidence_mean": 0.8,
            "confidence_distinct": 1,
            "confidence_mode_share": 1.0,
            "confidence_entropy": 0.0,
        },
        abs=1e-6,
    )


def test_the_parts_sum_to_the_reward() -> None:
    figures = summarise(scored(length=-0.3), alone())
    parts = sum(figures[name] for name in ("correctness", "calibration", "format", "length"))
    assert figures["reward"] == pytest.approx(parts, abs=1e-12)
    assert figures["reward"] == pytest.approx(scored(length=-0.3).total.mean(), abs=1e-6)


def test_a_round_without_a_readable_statement_has_no_accuracy_and_no_confidence() -> None:
    nothing = scored()
    nothing.readable[:] = False
    figures = summarise(nothing, alone())
    assert figures["format_rate"] == 0
    for name in ("accuracy", "confidence_mean", "confidence_distinct", "confidence_mode_share"):
        assert figures[name] is None
    assert figures["confidence_entropy"] is None


def test_parts_of_one_number_are_those_of_all_completions() -> None:
    one = scored()
    spread = Scored(
        RewardParts(one.parts.correctness, np.zeros(()), one.parts.format, np.zeros(())),
        one.correct, one.label, one.judged, one.confidence, one.answered, one.readable,
        one.truncated, one.tokens,
    )  # fmt: skip
    assert summarise(spread, alone())["calibration"] == 0


def test_the_completions_of_all_processes_count() -> None:
    other = scored()
    other.correct[:2], other.confidence[:2], other.readable[3] = 1.0, [0.2, 0.4], False
    seen: list[torch.Tensor] = []
    summarise(other, alone(lambda rows: seen.append(rows) or rows))  # type: ignore[func-returns-value]
    figures = summarise(scored(), alone(lambda rows: torch.cat([rows, seen[0]])))
    assert figures["completions"] == 8
    assert figures["accuracy"] == 0.75
    assert figures["confidence_mean"] == pytest.approx((0.8 + 0.8 + 0.2 + 0.4) / 4)
    assert figures["confidence_distinct"] == 3
    assert figures["confidence_mode_share"] == 0.5


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_figures_of_confidences_equal_those_of_scipy(seed: int) -> None:
    levels = np.random.default_rng(seed).integers(0, 12, size=200)
    _, counts = np.unique(levels, return_counts=True)
    # As they come back from a gather in single precision.
    figures = confidence_figures((levels / 11).astype(np.float32).astype(np.float64))
    assert figures["confidence_entropy"] == pytest.approx(stats.entropy(counts))
    assert figures["confidence_distinct"] == len(counts)
    assert figures["confidence_mode_share"] == counts.max() / 200
    assert figures["confidence_mean"] == pytest.approx(levels.mean() / 11, abs=1e-6)


def test_the_smallest_step_of_a_scale_tells_two_confidences_apart() -> None:
    figures = confidence_figures(np.arange(101, dtype=np.float32).astype(np.float64) / 100)
    assert figures["confidence_distinct"] == 101
    assert figures["confidence_entropy"] == pytest.approx(math.log(101))
