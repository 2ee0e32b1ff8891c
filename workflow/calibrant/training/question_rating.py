"""Stage ``rate_questions``: the starting model rates its own first answers."""

from collections.abc import Callable, Iterable, Sequence

from calibrant.elicitation.prompts import build_messages
from calibrant.engines.interface import Engine, Reply, Request
from calibrant.errors import CalibrantError
from calibrant.rows import Completion, Question
from calibrant.stage_settings.answers import GenerateSettings
from calibrant.training.self_judgement import query_messages

Follow = Callable[[Iterable[Reply], int], Iterable[Reply]]


def rate_questions(  # noqa: PLR0913, PLR0917 (as the stage that answers, with its answers)
    questions: Sequence[Question],
    answers: Sequence[Completion],
    settings: GenerateSettings,
    seed: int,
    engine: Engine,
    follow: Follow,
) -> list[Completion]:
    """Ask the second query about the first answer to every question.

    Args:
        questions: Those to rate.
        answers: What the model answered to them, and perhaps to others.
        settings: How the answers were asked for, and how the replies are generated.
        seed: Seed of the study.
        engine: The model that answered.
        follow: Wraps the stream of replies to show progress; is told how many there will be.

    Returns:
        The replies, one row per question in the order of the questions; ``prompt`` holds the whole
        conversation.

    Raises:
        CalibrantError: If a question has no first answer, or the engine leaves one out.
    """
    first = {row.question_id: row for row in answers if row.sample == 0}
    missing = [row.question_id for row in questions if row.question_id not in first]
    if missing:
        raise CalibrantError(
            f"the question {missing[0]} has no answer to rate",
            where="samples",
            repair="Delete the samples and run again",
        )
    elicitation = settings.elicitation
    requests = [
        Request(
            tuple(
                query_messages(
                    build_messages(question, elicitation),
                    first[question.question_id].completion,
                    elicitation.scale,
                )
            ),
            seed,
        )
        for question in questions
    ]
    replies = {reply.index: reply for reply in follow(engine.generate(requests), len(requests))}
    if len(replies) != len(requests):
        raise CalibrantError(f"the engine answered {len(replies)} of {len(requests)} requests")
    return [
        Completion(
            question_id=question.question_id,
            dataset=question.dataset,
            method=settings.method,
            seed=seed,
            sample=0,
            prompt=replies[index].prompt,
            completion=replies[index].completion,
            finish_reason=replies[index].finish_reason,
            tokens=replies[index].tokens,
        )
        for index, question in enumerate(questions)
    ]
