"""Stage ``generate``: a model answers the questions of one dataset."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from calibrant.data.settings import DatasetUse
from calibrant.elicitation.prompts import build_messages
from calibrant.elicitation.reader import SENTENCES
from calibrant.engines.checkpoint import check_manifest
from calibrant.engines.interface import Engine, Reply, Request
from calibrant.errors import CalibrantError
from calibrant.files import sha256_text
from calibrant.rows import Completion, Question
from calibrant.stage_settings.answers import GenerateSettings

Follow = Callable[[Iterable[Reply], int], Iterable[Reply]]


def select_questions(questions: Sequence[Question], use: DatasetUse) -> list[Question]:
    """Return the questions of the split that is used, at most ``use.limit``.

    Raises:
        CalibrantError: If the split holds no question.
    """
    chosen = [question for question in questions if question.split == use.split][: use.limit]
    if not chosen:
        raise CalibrantError(
            f"the {use.split} split of {use.dataset} holds no question",
            where="datasets.evaluate",
            repair="Use another split, or make the dataset larger",
        )
    return chosen


def answer_questions(
    questions: Sequence[Question],
    settings: GenerateSettings,
    seed: int,
    engine: Engine,
    follow: Follow,
) -> list[Completion]:
    """Ask every selected question ``samples`` times.

    Args:
        questions: All questions of the dataset.
        settings: Which of them, how they are asked and how text is generated.
        seed: Seed of the study; every request gets its own, from it and the question.
        engine: Who answers.
        follow: Wraps the stream of replies to show progress; is told how many there will be.

    Returns:
        One row per question and sample, in the order of the questions.
    """
    chosen = select_questions(questions, settings.use)
    samples = settings.generation.samples
    keys = [(question, sample) for question in chosen for sample in range(samples)]
    requests = [
        Request(
            tuple(build_messages(question, settings.elicitation)),
            _request_seed(seed, question.question_id, sample),
        )
        for question, sample in keys
    ]
    replies = {reply.index: reply for reply in follow(engine.generate(requests), len(requests))}
    if len(replies) != len(requests):
        raise CalibrantError(f"the engine answered {len(replies)} of {len(requests)} requests")
    return [
        _row(question, sample, settings.method, seed, replies[index])
        for index, (question, sample) in enumerate(keys)
    ]


def open_model(manifest: Path, settings: GenerateSettings) -> Engine:
    """Return an engine for the checkpoint of a manifest, whose files are checked first.

    Raises:
        CalibrantError: If a file has changed, or the engine's library is not installed.
    """
    check_manifest(manifest, manifest.parent)
    one = settings.elicitation.format != SENTENCES
    if settings.generation.engine == "vllm":
        from calibrant.engines.vllm_engine import VllmEngine

        return VllmEngine(manifest.parent, settings.generation, ends_at_confidence=one)
    from calibrant.engines.transformers_engine import TransformersEngine

    return TransformersEngine(manifest.parent, settings.generation, ends_at_confidence=one)


def _request_seed(seed: int, question_id: str, sample: int) -> int:
    return int(sha256_text(f"{seed}\x1f{question_id}\x1f{sample}")[:15], 16)


def _row(question: Question, sample: int, method: str, seed: int, reply: Reply) -> Completion:
    return Completion(
        question_id=question.question_id,
        dataset=question.dataset,
        method=method,
        seed=seed,
        sample=sample,
        prompt=reply.prompt,
        completion=reply.completion,
        finish_reason=reply.finish_reason,
        tokens=reply.tokens,
    )
