"""Stage ``self_judge``: a model forecasts how faithful its own answers were, after training.

RLMF (arXiv 2606.32032) asks this second query in training alone, where the forecast scales the
advantage. Asked again at evaluation it shows whether a model that was trained so knows how well its
words match its certainty.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from calibrant.elicitation.prompts import build_messages
from calibrant.engines.interface import Engine, Reply, Request
from calibrant.errors import CalibrantError
from calibrant.files import sha256_text
from calibrant.grading.same_answer import group_answers
from calibrant.measures.forecast_rows import Forecast
from calibrant.rows import Prediction, Question
from calibrant.stage_settings.self_judgement import SelfJudgeSettings
from calibrant.training.intrinsic_confidence import leave_one_out_shares
from calibrant.training.self_judgement import query_messages, read_forecast

Follow = Callable[[Iterable[Reply], int], Iterable[Reply]]


def ask_self_judgement(
    predictions: Sequence[Prediction],
    questions: Mapping[str, Question],
    settings: SelfJudgeSettings,
    engine: Engine,
    follow: Follow = lambda replies, _: replies,
) -> list[Forecast]:
    """Ask about the first answer to every question, and say what shows how faithful it was.

    The other answers to the question show the intrinsic confidence of the first, as in stage
    ``faithfulness``; the first itself never counts. A reply without a forecast that can be read stays
    without one.

    Args:
        predictions: All rows of one method, seed and dataset, several answers to each question.
        questions: The questions by their identifier.
        settings: How the question was asked, and how the reply is generated.
        engine: The model that answered.
        follow: Wraps the stream of replies to show progress; is told how many there will be.

    Returns:
        One row per question, in the order of the predictions.

    Raises:
        CalibrantError: If a question is not there, no question has two answers, or the engine leaves
            a request unanswered.
    """
    by_question = _answers(predictions, questions)
    firsts = [rows[0] for rows in by_question.values()]
    scale = settings.generate.elicitation.scale
    requests = [
        Request(
            tuple(
                query_messages(
                    build_messages(questions[row.question_id], settings.generate.elicitation),
                    row.completion,
                    scale,
                )
            ),
            int(sha256_text(f"{row.seed}\x1f{row.question_id}\x1fself")[:15], 16),
        )
        for row in firsts
    ]
    replies = {reply.index: reply for reply in follow(engine.generate(requests), len(requests))}
    if len(replies) != len(requests):
        raise CalibrantError(f"the engine answered {len(replies)} of {len(requests)} requests")
    return [
        _forecast(rows, questions[name], replies[at].completion, settings)
        for at, (name, rows) in enumerate(by_question.items())
    ]


def _answers(
    predictions: Sequence[Prediction], questions: Mapping[str, Question]
) -> dict[str, list[Prediction]]:
    """Return the answers to every question, the first one first."""
    by_question: dict[str, list[Prediction]] = {}
    for row in predictions:
        if row.question_id not in questions:
            raise CalibrantError(
                f"answers the question {row.question_id}, which is not in {row.dataset}",
                where=f"{row.method}/{row.dataset}",
                repair="Delete the predictions and run again",
            )
        by_question.setdefault(row.question_id, []).append(row)
    if max(map(len, by_question.values()), default=0) < 2:
        raise CalibrantError(
            "there is one answer to a question, and nothing that shows how faithful it is",
            where="predictions",
            repair="Ask a method of `kind: sampled` with 2 or more `samples`",
        )
    return {name: sorted(rows, key=lambda row: row.sample) for name, rows in by_question.items()}


def _forecast(
    rows: Sequence[Prediction], question: Question, reply: str, settings: SelfJudgeSettings
) -> Forecast:
    groups = group_answers([row.answer for row in rows], [row.correct for row in rows], question)
    return Forecast(
        question_id=rows[0].question_id,
        dataset=rows[0].dataset,
        method=rows[0].method,
        seed=rows[0].seed,
        reply=reply,
        forecast=read_forecast(reply, settings.generate.elicitation.scale),
        stated=rows[0].confidence,
        intrinsic=leave_one_out_shares(groups)[0],
    )
