"""Judges that are a rule of plain strings: what any other judge must beat."""

from collections.abc import Callable

from calibrant.grading.normalise import words
from calibrant.judging.case import Case


def exact_match(case: Case) -> bool:
    """Return whether the answer is one of the references, case and punctuation aside."""
    return words(case.answer) in {words(reference) for reference in case.references}


def contained(case: Case) -> bool:
    """Return whether the answer holds the words of a reference in a row."""
    answer = f" {' '.join(words(case.answer))} "
    rows = (" ".join(words(reference)) for reference in case.references)
    return any(f" {row} " in answer for row in rows if row)


def half_the_tokens(case: Case) -> bool:
    """Return whether F1 of the answer's tokens against a reference's is at least 0.5."""
    answer = words(case.answer)
    return any(_f1(answer, words(reference)) >= 0.5 for reference in case.references)


def _f1(answer: tuple[str, ...], reference: tuple[str, ...]) -> float:
    left, shared = list(reference), 0
    for token in answer:
        if token in left:
            left.remove(token)
            shared += 1
    return 2 * shared / (len(answer) + len(reference)) if shared else 0.0


STRING_RULES: dict[str, Callable[[Case], bool]] = {
    "exact match": exact_match,
    "reference contained": contained,
    "token F1 of half": half_the_tokens,
}
"""The rules, by the name the report prints."""
