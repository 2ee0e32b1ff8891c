"""Which answers to one question say the same, without a look at the truth."""

from collections.abc import Sequence
from dataclasses import replace

from calibrant.grading.same_answer import group_answers
from calibrant.rows import Question


def groups_without_truth(answers: Sequence[str | None], question: Question) -> list[int | None]:
    """Return a group number per answer without a look at the references; None for no answer.

    Every answer is treated as ``group_answers`` treats wrong ones: two say the same if the grader
    takes one for right with the other as the reference. Right answers that only the references make
    one, such as two names of a town, are therefore two, as wrong ones would be; otherwise a vote
    would favour the truth. Open answers, which no grader compares, are compared as short texts.
    """
    if question.answer_type == "open":
        question = replace(question, answer_type="short_text")
    wrong = [None if answer is None or not answer.strip() else False for answer in answers]
    return group_answers(answers, wrong, question)
