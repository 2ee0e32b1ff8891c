"""Which answers to one question say the same, as its grader compares them."""

from collections.abc import Sequence
from dataclasses import replace

from calibrant.grading.grade import grade
from calibrant.grading.stated import stated_answer
from calibrant.rows import OPTION_LETTERS, Question

RIGHT = 0
"""The group of the right answers, however they are written."""


def group_answers(
    answers: Sequence[str | None], correct: Sequence[bool | None], question: Question
) -> list[int | None]:
    """Return a group number per answer; answers of one group say the same.

    All right answers are one group: the references of a question are names of one answer. Two wrong
    answers say the same if the grader takes one for right with the other as the reference. Each is
    compared with the first of every group, in the order given.

    Args:
        answers: The answers read from completions, or None.
        correct: What the grader said of each, None where it could not say.
        question: What they answer.

    Returns:
        ``RIGHT``, or 1, 2, ... for wrong answers in the order in which they first occur, or None for
        an answer that is not graded.
    """
    seen: dict[str, int] = {}
    firsts: list[Question] = []
    groups: list[int | None] = []
    for answer, right in zip(answers, correct, strict=True):
        if answer is None or right is None:
            groups.append(None)
        elif right:
            groups.append(RIGHT)
        else:
            if answer not in seen:
                seen[answer] = _wrong_group(answer, question, firsts)
            groups.append(seen[answer])
    return groups


def _wrong_group(answer: str, question: Question, firsts: list[Question]) -> int:
    """Return the group of a wrong answer; a new one is added to ``firsts``."""
    for number, first in enumerate(firsts, start=1):
        if grade(answer, first).correct:
            return number
    firsts.append(replace(question, references=(_as_reference(answer, question),)))
    return len(firsts)


def _as_reference(answer: str, question: Question) -> str:
    if question.answer_type != "choice":
        return stated_answer(answer) or answer
    # The reference of a choice is a letter, however the option was named.
    letters = OPTION_LETTERS[: len(question.options) or None]
    picked = (
        letter
        for letter in letters
        if grade(answer, replace(question, references=(letter,))).correct
    )
    return next(picked, answer)
