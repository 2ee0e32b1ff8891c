"""Where the labels of a training come from: the graders alone, or graders whose errors are simulated.

``judged_labels`` has the third kind, labels from a judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from calibrant.files import sha256_text
from calibrant.grading.verdict import Grade
from calibrant.rewards.bandit_settings import LabelNoise
from calibrant.rewards.noise import corrected_label
from calibrant.rows import Question

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as a deterministic grader left it.

    Attributes:
        question: What was answered.
        answer: The answer read from the completion, or None.
        grade: What the grader says.
    """

    question: Question
    answer: str | None
    grade: Grade


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labels; all arrays have one entry per answer.

    Attributes:
        correct: 1 right, 0 wrong, NaN where nobody can say: for figures.
        label: What enters the reward in its place: equal to ``correct``, or noise-corrected and then
            any real number.
        judged: Whether a judge said so instead of a grader.
    """

    correct: Array
    label: Array
    judged: NDArray[np.bool_]


class Labels(Protocol):
    """Anything that labels answers."""

    def __call__(self, answers: Sequence[Answered]) -> Labelled:
        """Return the labels of answers, in their order."""
        ...


def graded_labels(answers: Sequence[Answered]) -> Labelled:
    """Return what the graders say, nothing added."""
    correct = np.array(
        [np.nan if item.grade.correct is None else float(item.grade.correct) for item in answers],
        np.float64,
    )
    return Labelled(correct, correct.copy(), np.zeros(len(answers), bool))


class SimulatedJudge:
    """Labels with the errors of a judge of known sensitivity and specificity, for experiments.

    The verdict on an answer is drawn once: the same answer to the same question is judged alike in
    every round. ``correct`` stays what the grader says, so that figures show the truth.

    Args:
        noise: The errors, and whether labels are corrected for them.
        seed: Seed of the draws.
    """

    def __init__(self, noise: LabelNoise, seed: int) -> None:
        self._noise = noise
        self._seed = seed

    def __call__(self, answers: Sequence[Answered]) -> Labelled:
        """Return the labels of answers, in their order."""
        graded = graded_labels(answers)
        said = np.array([self._verdict(item) for item in answers], np.float64)
        if self._noise.corrected:
            said = corrected_label(said, self._noise.sensitivity, self._noise.specificity)
        return Labelled(graded.correct, said, graded.judged)

    def _verdict(self, item: Answered) -> float:
        right = item.grade.correct
        if right is None:
            return float("nan")
        drawn = int(
            sha256_text(f"{self._seed}\x1f{item.question.question_id}\x1f{item.answer}")[:13], 16
        )
        errs = drawn / 16**13 >= (self._noise.sensitivity if right else self._noise.specificity)
        return float(right != errs)
