"""The sample: what is refused, cluster codes, and the policies for missing confidences."""

import numpy as np
import pytest

from calibrant.errors import CalibrantError
from calibrant.measures.sample import apply_missing_policy, cluster_codes, scored_sample

NAN = float("nan")


def test_every_answer_is_its_own_cluster_by_default() -> None:
    sample = scored_sample([0.1, 1, 0], [True, False, True])
    assert sample.cluster.tolist() == [0, 1, 2]
    assert sample.correct.tolist() == [1.0, 0.0, 1.0]
    assert len(sample) == 3


def test_an_empty_sample_is_allowed() -> None:
    assert len(scored_sample([], [])) == 0


@pytest.mark.parametrize(
    ("confidence", "correct", "message"),
    [
        ([0.5, 85], [1, 0], "confidence, row 1: confidence is 85"),
        ([-0.1], [1], "is -0.1, which is not a probability"),
        ([0.5, NAN], [1, 0], "confidence, row 1: confidence is nan"),
        ([float("inf")], [1], "confidence is inf"),
        ([0.5], [0.5], "correct, row 0: correct is 0.5, which is not 0 or 1"),
        ([0.5], [NAN], "correct is nan"),
        ([0.5, 0.6], [1], "correct: has 1 rows where confidence has 2"),
        ([[0.5]], [1], "2 dimensions"),
        (["high"], [1], "confidence: holds something that is not a number"),
    ],
)
def test_bad_rows_are_refused(confidence: list, correct: list, message: str) -> None:
    with pytest.raises(CalibrantError, match=message):
        scored_sample(confidence, correct)


def test_cluster_codes_follow_the_sorted_labels() -> None:
    assert cluster_codes(["b", "a", "b", "c"], 4).tolist() == [1, 0, 1, 2]
    assert cluster_codes([30, 10, 30], 3).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("labels", "message"),
    [(["a"], "has 1 rows where"), (np.array(["a", None], dtype=object), "different types")],
)
def test_bad_clusters_are_refused(labels: object, message: str) -> None:
    with pytest.raises(CalibrantError, match=message):
        scored_sample([0.5, 0.6], [1, 0], labels)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("drop", [0.7, NAN, NAN]),
        ("zero", [0.7, 0.0, 0.0]),
        ("half", [0.7, 0.5, 0.5]),
        ("worst", [0.7, 0.0, 1.0]),
    ],
)
def test_a_policy_replaces_only_what_is_missing(policy: str, expected: list[float]) -> None:
    filled = apply_missing_policy([0.7, NAN, NAN], [1, 1, 0], policy)  # type: ignore[arg-type]
    np.testing.assert_array_equal(filled, expected)


def test_an_unknown_policy_names_the_known_ones() -> None:
    with pytest.raises(CalibrantError, match="drop, zero, half, worst"):
        apply_missing_policy([0.5], [1], "guess")  # type: ignore[arg-type]
