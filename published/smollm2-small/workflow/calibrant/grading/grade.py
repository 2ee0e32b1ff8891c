"""The one entrance to grading: every question by the grader of its own answer type."""

from collections.abc import Callable

from calibrant.errors import CalibrantError
from calibrant.grading.choice import grade_choice
from calibrant.grading.math import grade_math
from calibrant.grading.number import grade_number
from calibrant.grading.short_text import grade_short_text
from calibrant.grading.verdict import Grade
from calibrant.grading.yes_no import grade_yes_no
from calibrant.rows import Question

MAX_ANSWER = 10_000
"""Longer answers are not read (characters)."""

_GRADERS: dict[str, Callable[[str, Question], Grade]] = {
    "number": grade_number,
    "math": grade_math,
    "choice": grade_choice,
    "yes_no": grade_yes_no,
    "yes_no_maybe": grade_yes_no,
    "short_text": grade_short_text,
}


def grade(answer: str | None, question: Question) -> Grade:
    """Grade one answer by the answer type of its own question.

    Args:
        answer: The answer read from a completion, or None.
        question: The question, with its references.

    Returns:
        Correct, wrong, or ungraded with a reason. No answer is ungraded (``no_answer``), and so is
        every answer to an ``open`` question (``needs_judge``).

    Raises:
        CalibrantError: If the answer type is unknown.
    """
    kind = question.answer_type
    if answer is None or not answer.strip():
        return Grade.ungraded("no_answer", kind)
    if kind == "open":
        return Grade.ungraded("needs_judge", kind)
    if kind not in _GRADERS:
        raise CalibrantError(
            f"no grader for the answer type {kind!r}",
            where=question.question_id,
            repair=f"Use one of {', '.join([*_GRADERS, 'open'])}",
        )
    if len(answer) > MAX_ANSWER:
        return Grade.ungraded("too_long", kind)
    return _GRADERS[kind](answer, question)
