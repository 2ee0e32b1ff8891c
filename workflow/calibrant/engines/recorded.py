"""Stage ``read_transcripts``: answers that somebody else's model gave and somebody stored."""

from collections import Counter
from collections.abc import Sequence

from calibrant.data.raw import RawTranscript
from calibrant.engines.answering import select_questions
from calibrant.errors import CalibrantError
from calibrant.rows import Completion, Question
from calibrant.stage_settings.sources import TranscriptSettings


def recorded_completions(
    transcripts: Sequence[RawTranscript],
    questions: Sequence[Question],
    settings: TranscriptSettings,
    seed: int,
) -> list[Completion]:
    """Return the transcripts of one system as completions, in the order of the questions.

    Raises:
        CalibrantError: If the system is not among the transcripts, or a question has none or two.
    """
    system = settings.recorded.system
    theirs = [row for row in transcripts if row.system == system]
    if not theirs:
        present = sorted({row.system for row in transcripts})
        raise CalibrantError(
            f"there is no system {system!r} in {settings.use.dataset}",
            where=f"methods.{settings.method}.system",
            repair=f"There are: {', '.join(present)}",
        )
    rows = {row.source_id: row for row in theirs}
    if len(rows) < len(theirs):
        [(twice, _)] = Counter(row.source_id for row in theirs).most_common(1)
        raise CalibrantError(
            f"{system} has more than one transcript for question {twice}",
            where=settings.use.dataset,
        )
    completions = []
    for question in select_questions(questions, settings.use):
        row = rows.get(question.source_id or "")
        if row is None:
            raise CalibrantError(
                f"{system} has no transcript for question {question.source_id}",
                where=settings.use.dataset,
            )
        completions.append(_completion(question, row, settings.method, seed))
    return completions


def _completion(question: Question, row: RawTranscript, method: str, seed: int) -> Completion:
    return Completion(
        question_id=question.question_id,
        dataset=question.dataset,
        method=method,
        seed=seed,
        sample=0,
        prompt="",
        completion=row.completion,
        finish_reason="recorded",
        recorded_confidence=row.confidence,
        recorded_correct=row.correct,
    )
