"""What a model says of its own first answer to a question, and what its other answers show."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from calibrant.errors import CalibrantError
from calibrant.grading.same_answer import group_answers
from calibrant.grading.verdict import Grade
from calibrant.judging.need import needs_judge
from calibrant.rows import Completion, Prediction, Question
from calibrant.training.intrinsic_confidence import leave_one_out_shares
from calibrant.training.self_judgement import read_forecast


@dataclass(frozen=True, slots=True)
class RatedQuestion:
    """A question whose first answer was rated.

    Attributes:
        question: The question.
        rating: What the model says of that answer, in [0, 1], or None where it cannot be read.
        faithfulness: 1 - |stated - intrinsic confidence| of that answer, in [0, 1], or None where
            either is not known.
    """

    question: Question
    rating: float | None
    faithfulness: float | None


def rated_questions(
    questions: Sequence[Question],
    predictions: Sequence[Prediction],
    replies: Sequence[Completion],
    scale: str,
) -> list[RatedQuestion]:
    """Read the ratings, and measure what they are about.

    Args:
        questions: Those that were rated.
        predictions: All graded answers to them.
        replies: One reply to the second query per question.
        scale: Name of the scale of confidences and ratings.

    Raises:
        CalibrantError: If the replies are not to these questions, one each.
    """
    said = {row.question_id: row.completion for row in replies}
    if len(said) != len(replies) or said.keys() != {row.question_id for row in questions}:
        raise CalibrantError(
            "the replies are not to the questions, one each",
            where="ratings",
            repair="Delete the ratings and run again",
        )
    answers: dict[str, list[Prediction]] = defaultdict(list)
    for row in sorted(predictions, key=lambda row: row.sample):
        answers[row.question_id].append(row)
    return [
        RatedQuestion(
            question,
            read_forecast(said[question.question_id], scale),
            first_faithfulness(answers[question.question_id], question),
        )
        for question in questions
    ]


def first_faithfulness(answers: Sequence[Prediction], question: Question) -> float | None:
    """Return how faithful the first answer's stated confidence is, in [0, 1].

    Args:
        answers: All graded answers to the question, the first one first.
        question: The question.

    Returns:
        1 - |stated - share of the other readable answers that say the same|; None where the first
        answer or its confidence cannot be read, there is no other, or a judge would be needed.
    """
    if not answers or answers[0].confidence is None:
        return None
    if any(needs_judge(Grade(row.correct, row.grade_reason, row.grader)) for row in answers):
        return None
    groups = group_answers(
        [row.answer for row in answers], [row.correct for row in answers], question
    )
    intrinsic = leave_one_out_shares(groups)[0]
    return None if intrinsic is None else 1 - abs(answers[0].confidence - intrinsic)
