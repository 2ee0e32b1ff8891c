"""What a grader returns."""

from dataclasses import dataclass

TWO_OUTCOMES = frozenset({"yes_no"})
"""Answer types with exactly two answers."""


@dataclass(frozen=True, slots=True)
class Grade:
    """Whether an answer is right.

    Attributes:
        correct: True, False, or None when it cannot be said. A wrong answer and an answer that
            could not be graded are never mixed.
        reason: Empty when graded, else why not: ``no_answer``, ``too_long``, ``ambiguous``,
            ``not_a_number``, ``not_an_option``, ``not_yes_or_no``, ``cannot_parse``, ``timeout``,
            ``unreadable_reference``, ``needs_judge``.
        grader: Which grader decided: the answer type it is for.
    """

    correct: bool | None
    reason: str
    grader: str

    @classmethod
    def decided(cls, correct: bool, grader: str) -> "Grade":
        """Return the grade of an answer that was found right or wrong."""
        return cls(correct, "", grader)

    @classmethod
    def ungraded(cls, reason: str, grader: str) -> "Grade":
        """Return the grade of an answer of which neither can be said."""
        return cls(None, reason, grader)
