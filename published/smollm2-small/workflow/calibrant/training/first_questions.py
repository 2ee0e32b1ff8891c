"""The first questions of each dataset of a training set."""

from collections import Counter
from collections.abc import Sequence

from calibrant.rows import Question


def first_of_each(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """Return at most ``limit`` questions of each dataset, in the order given; None returns all."""
    seen: Counter[str] = Counter()
    chosen = []
    for question in questions:
        seen[question.dataset] += 1
        if limit is None or seen[question.dataset] <= limit:
            chosen.append(question)
    return chosen
