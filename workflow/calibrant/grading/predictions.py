"""Stage ``grade``: what was answered, how sure, and whether it is right, one row at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence

from calibrant.elicitation.reader import StatementReader, statement_reader
from calibrant.errors import CalibrantError
from calibrant.grading.grade import grade
from calibrant.grading.verdict import TWO_OUTCOMES
from calibrant.rows import Completion, Prediction, Question
from calibrant.stage_settings.answers import GradeSettings


def grade_completions(
    completions: Sequence[Completion], questions: Sequence[Question], settings: GradeSettings
) -> list[Prediction]:
    """Parse and grade every completion.

    Args:
        completions: What the model wrote.
        questions: The questions with their references.
        settings: Format, scale, and whether the confidence is the one stated or the one recorded.

    Raises:
        CalibrantError: If a completion answers a question that is not there.
    """
    by_id = {question.question_id: question for question in questions}
    read = statement_reader(settings.format, settings.scale)
    recorded = settings.confidence == "recorded"
    return [_predict(row, by_id, read, recorded) for row in completions]


def count_statuses(predictions: Sequence[Prediction]) -> Mapping[str, int]:
    """Return how many rows have each confidence status and each grade, for the record."""
    statuses = Counter(f"confidence.{row.confidence_status}" for row in predictions)
    grades = Counter(
        f"grade.{row.grade_reason or ('correct' if row.correct else 'wrong')}"
        for row in predictions
    )
    return {**statuses, **grades}


def _predict(
    row: Completion, questions: Mapping[str, Question], read: StatementReader, recorded: bool
) -> Prediction:
    question = questions.get(row.question_id)
    if question is None:
        raise CalibrantError(
            f"answers the question {row.question_id}, which is not in {row.dataset}",
            where=f"{row.method}/{row.dataset}",
            repair="Delete the completions and run again",
        )
    statement = read(row.completion, row.finish_reason)
    verdict = grade(statement.answer, question)
    confidence, status = statement.confidence, statement.status
    if recorded:
        confidence = row.recorded_confidence
        status = "recorded" if confidence is not None else "no_confidence"
    return Prediction(
        question_id=row.question_id,
        dataset=row.dataset,
        domain=question.domain,
        split=question.split,
        answer_type=question.answer_type,
        method=row.method,
        seed=row.seed,
        sample=row.sample,
        completion=row.completion,
        answer=statement.answer,
        confidence=confidence,
        confidence_status=status,
        correct=verdict.correct,
        grade_reason=verdict.reason,
        grader=verdict.grader,
        group=question.group,
        difficulty=question.difficulty,
        true_probability=_true_probability(question, verdict.correct),
        recorded_confidence=row.recorded_confidence,
        recorded_correct=row.recorded_correct,
    )


def _true_probability(question: Question, correct: bool | None) -> float | None:
    """Return the probability that the given answer is right, in [0, 1], or None if not known.

    The question knows that of its reference. Of two outcomes the other one has the rest; a wrong
    answer to any other question is one of many.
    """
    known = question.true_probability
    if known is None or correct is None:
        return None
    if correct:
        return known
    return 1 - known if question.answer_type in TWO_OUTCOMES else None
