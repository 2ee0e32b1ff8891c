"""Which grades a judge is asked about."""

from calibrant.grading.verdict import Grade

BY_JUDGE = "judge "
"""How the grader of an answer begins that a judge graded; the judge's name follows."""
_REASONS = frozenset({"needs_judge", "unreadable_reference"})


def needs_judge(grade: Grade) -> bool:
    """Return whether an answer was read that no deterministic grader can compare.

    So it is with every open question, and where the reference is told in free words. An answer that
    cannot be read is not a matter for a judge.
    """
    return grade.correct is None and grade.reason in _REASONS
