"""Folds for cross-validation: all answers to a question in one fold, right and wrong in every rest."""

from collections.abc import Sequence

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.measures.sample import FloatArray, IntArray

MOST_FOLDS = 5
"""Folds, where there are as many questions."""


def question_folds(labels: FloatArray, questions: Sequence[str], seed: int) -> IntArray:
    """Return the fold of every answer, shape (n,), in 0..k-1.

    Questions are dealt out in the order of their share of right answers, in random order among equals.
    So every fold has about the same share, and what is outside a fold has right and wrong answers.

    Args:
        labels: 1 for a right answer, 0 for a wrong one, shape (n,).
        questions: The question each answers, n; may be in any order.
        seed: Seed of the order among equals.

    Raises:
        CalibrantError: If fewer than two questions have a right answer, or fewer than two a wrong one.
    """
    given: dict[str, list[float]] = {}
    for question, label in zip(questions, labels, strict=True):
        given.setdefault(question, []).append(float(label))
    right = sum(max(grades) > 0 for grades in given.values())
    wrong = sum(min(grades) < 1 for grades in given.values())
    if min(right, wrong) < 2:
        raise CalibrantError(
            "a probe needs two questions with a right answer and two with a wrong one; there are "
            f"{right} and {wrong}",
            where="probe",
            repair="Fit it on more questions of the calibration split",
        )
    # Sorted first, so that the order of the rows does not matter.
    names = sorted(given)
    shuffled = [names[at] for at in np.random.default_rng(seed).permutation(len(names))]
    dealt = sorted(shuffled, key=lambda name: sum(given[name]) / len(given[name]))
    count = min(MOST_FOLDS, len(dealt))
    fold = {name: place % count for place, name in enumerate(dealt)}
    return np.asarray([fold[question] for question in questions], dtype=np.int64)
