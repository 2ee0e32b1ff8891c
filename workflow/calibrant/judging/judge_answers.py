"""Stage ``judge_answers``: a judge grades what no deterministic grader could compare."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from calibrant.errors import CalibrantError
from calibrant.grading.verdict import Grade
from calibrant.judging.answer_view import clean_answer
from calibrant.judging.case import Case, Judge
from calibrant.judging.need import BY_JUDGE, needs_judge
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

    What the graders decided stays as it is. An answer of which nothing is left once its stated
    confidence is taken out is no answer, and no judge is asked. The known probability of an answer
    that a judge graded is left out, since the judge may be wrong.

    Args:
        predictions: Graded answers.
        questions: The questions by their identifier.
        judge: The judge.
        name: Its name in the study, which the rows give as grader.
        store: Where verdicts are kept.

    Raises:
        CalibrantError: If a question is not there.
    """
    shown = {
        at: _case(row, questions) for at, row in enumerate(predictions) if needs_judge(_grade(row))
    }
    asked = {at: case for at, case in shown.items() if case.answer}
    verdicts = dict(zip(asked, judged(store, judge, list(asked.values())), strict=True))
    rows = list(predictions)
    for at in shown:
        if at not in verdicts:
            rows[at] = replace(rows[at], grade_reason="no_answer")
            continue
        rows[at] = replace(
            rows[at],
            correct=verdicts[at].correct,
            grade_reason="",
            grader=f"{BY_JUDGE}{name}",
            true_probability=None,
        )
    return rows


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
