"""The sample that every measure is taken on: one confidence, grade and question per answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from calibrant.errors import CalibrantError
from calibrant.measures.missing_policy import MISSING_POLICIES, MissingPolicy

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ScoredSample:
    """Graded answers with a confidence each.

    Attributes:
        confidence: Probability of being right as stated, shape (n,), in [0, 1].
        correct: 1 for a right answer and 0 for a wrong one, shape (n,).
        cluster: Code of the question answered, shape (n,), in 0..k-1. Answers to the same question
            are not independent, so the bootstrap draws whole questions.
    """

    confidence: FloatArray
    correct: FloatArray
    cluster: IntArray

    def __len__(self) -> int:
        """Return the number of answers."""
        return len(self.confidence)


def scored_sample(
    confidence: ArrayLike, correct: ArrayLike, cluster: ArrayLike | None = None
) -> ScoredSample:
    """Build a sample from plain arrays.

    Args:
        confidence: Numbers in [0, 1], shape (n,).
        correct: 0 and 1, or False and True, shape (n,).
        cluster: A label per answer (numbers or strings), shape (n,); None means that every answer
            has a question of its own.

    Raises:
        CalibrantError: If the lengths differ, a confidence is not a number in [0, 1], or a
            correctness is neither 0 nor 1; names the first offending row, counted from 0.
    """
    sure = _vector(confidence, "confidence")
    right = _vector(correct, "correct")
    _same_length("correct", len(right), len(sure))
    check_probabilities(sure, "confidence")
    _check_rows(right, "correct", "0 or 1", lambda x: (x == 0) | (x == 1))
    return ScoredSample(sure, right, cluster_codes(cluster, len(sure)))


def check_probabilities(values: FloatArray, name: str) -> None:
    """Refuse what is no number in [0, 1].

    Raises:
        CalibrantError: Names the first offending row, counted from 0.
    """
    _check_rows(values, name, "a probability in [0, 1]", lambda x: (x >= 0) & (x <= 1))


def cluster_codes(cluster: ArrayLike | None, n: int) -> IntArray:
    """Return codes 0..k-1 for labels, in the order of the sorted labels, shape (n,).

    Raises:
        CalibrantError: If there are not ``n`` labels, or they cannot be compared with one another.
    """
    if cluster is None:
        return np.arange(n, dtype=np.int64)
    labels = np.asarray(cluster)
    _same_length("cluster", len(labels), n)
    try:
        _, codes = np.unique(labels, return_inverse=True)
    except TypeError as error:
        raise CalibrantError(
            "cluster labels are of different types",
            where="cluster",
            repair="Give numbers or texts, not both, and leave none empty",
        ) from error
    return codes.astype(np.int64)


def apply_missing_policy(
    confidence_with_nan: ArrayLike, correct: ArrayLike, policy: MissingPolicy
) -> FloatArray:
    """Decide what stands in for a confidence that could not be read.

    Args:
        confidence_with_nan: Confidences in [0, 1], NaN where missing, shape (n,).
        correct: 0 and 1, shape (n,).
        policy: ``drop`` leaves the row out; ``zero`` and ``half`` put 0 and 0.5; ``worst`` puts
            what costs most under every proper score, 0 for a right answer and 1 for a wrong one.

    Returns:
        Confidences of shape (n,); NaN remains only under ``drop``, and marks a row to leave out.

    Raises:
        CalibrantError: If the policy is unknown or the lengths differ.
    """
    sure = _vector(confidence_with_nan, "confidence")
    right = _vector(correct, "correct")
    _same_length("correct", len(right), len(sure))
    substitutes: dict[str, FloatArray | float] = {
        "drop": np.nan,
        "zero": 0.0,
        "half": 0.5,
        "worst": 1.0 - right,
    }
    if policy not in substitutes:
        raise CalibrantError(
            f"unknown policy {policy!r} for missing confidences",
            where="missing_confidence",
            repair=f"Use one of {', '.join(MISSING_POLICIES)}",
        )
    return np.where(np.isnan(sure), substitutes[policy], sure)


def _vector(values: ArrayLike, name: str) -> FloatArray:
    try:
        vector = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise CalibrantError(
            f"holds something that is not a number: {error}", where=name
        ) from error
    if vector.ndim != 1:
        raise CalibrantError(f"has {vector.ndim} dimensions instead of one", where=name)
    return vector


def _same_length(name: str, length: int, expected: int) -> None:
    if length != expected:
        raise CalibrantError(f"has {length} rows where confidence has {expected}", where=name)


def _check_rows(
    values: FloatArray, name: str, wanted: str, holds: Callable[[FloatArray], NDArray[Any]]
) -> None:
    # NaN fails every comparison, so it is caught here too.
    bad = np.flatnonzero(~holds(values))
    if len(bad):
        row = int(bad[0])
        raise CalibrantError(
            f"{name} is {values[row]:g}, which is not {wanted}", where=f"{name}, row {row}"
        )
