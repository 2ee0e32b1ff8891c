"""Stage ``judge_answers``: a judge grades what no deterministic grader could compare."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from calibrant.errors import CalibrantError
from calibrant.grading.verdict import Grade
from calibrant.judging.answer_view import clean_answer
from calibrant.judging.case import Case, Judge
from calibrant.judging.need import needs_judge
from calibrant.judging.store import VerdictStore
from calibrant.judging.stored_judge import judged
from calibrant.rows import Prediction, Question


def judge_predictions(
    predictions: Sequence[Prediction],
    questions: Mapping[str, Question],
    judge: Judge,
    name: str,
    store: VerdictStore,
) -> list[Prediction]:
    """Return the predictions with a verdict in place of each grade that needs a judge.

    What the graders decided stays as it is. The known probability of an answer that a judge graded
    is left out, since the judge may be wrong.

    Args:
        predictions: Graded answers.
        questions: The questions by their identifier.
        judge: The judge.
        name: Its name in the study, which the rows give as grader.
        store: Where verdicts are kept.

    Raises:
        CalibrantError: If a question is not there.
    """
    open_rows = {at: row for at, row in enumerate(predictions) if needs_judge(_grade(row))}
    cases = [_case(row, questions) for row in open_rows.values()]
    verdicts = dict(zip(open_rows, judged(store, judge, cases), strict=True))
    return [
        replace(
            row,
            correct=verdicts[at].correct,
            grade_reason="",
            grader=f"judge {name}",
            true_probability=None,
        )
        if at in verdicts
        else row
        for at, row in enumerate(predictions)
    ]


def _grade(row: Prediction) -> Grade:
    return Grade(row.correct, row.grade_reason, row.grader)


def _case(row: Prediction, questions: Mapping[str, Question]) -> Case:
    question = questions.get(row.question_id)
    if question is None:
        raise CalibrantError(
            f"answers the question {row.question_id}, which is not in {row.dataset}",
            where=f"{row.method}/{row.dataset}",
            repair="Delete the predictions and run again",
        )
    return Case(question.question, question.references, clean_answer(row.answer or ""))
