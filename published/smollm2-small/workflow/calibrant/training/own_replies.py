"""The text of a warm-up from a model's own replies: a format, and nothing that the model did not say.

A small model follows a format only when it is shown worked examples, which every rollout would have to
read again. So it is asked with them once, and then taught to reply the same without (context
distillation, arXiv 2112.00861). Answers are kept right or wrong, as nobody looks, and confidences
as stated: what a reward is to change is still there.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.prompts import build_messages
from calibrant.elicitation.scales import SCALES
from calibrant.engines.checkpoint import check_manifest
from calibrant.engines.interface import Reply, Request
from calibrant.engines.settings import Generation
from calibrant.engines.transformers_engine import TransformersEngine
from calibrant.errors import CalibrantError
from calibrant.grading.grade import grade
from calibrant.rows import Question
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.training.warm_up_settings import OwnReplies

Follow = Callable[[Iterable[Reply], int], Iterable[Reply]]
# Below this a model does not know the format even when it is shown; above, the rest is a habit.
LEAST_SHARE = 0.25
# Of requests; it changes the speed alone.
_BATCH = 32


def own_reply_examples(
    manifest: Path,
    questions: Sequence[Question],
    settings: WarmUpSettings,
    seed: int,
    follow: Follow,
) -> list[dict[str, Any]]:
    """Return the conversations of the warm-up: the study's own prompt, and the model's reply.

    A reply is kept if it ended, holds one readable statement and answers in the way asked for (a
    letter, a number); whether rightly is not looked at.

    Args:
        manifest: Manifest of the model.
        questions: Training questions; the seed chooses among them.
        settings: How many are asked, and how.
        seed: Seed of the choice and of the replies.
        follow: Wraps the stream of replies to show progress; is told how many there will be.

    Returns:
        One dictionary per reply kept: ``prompt`` (messages up to the user's) and ``completion`` (the
        assistant's message), as TRL's SFTTrainer reads them.

    Raises:
        CalibrantError: If fewer than a quarter of the replies can be kept.
    """
    own = settings.warm_up.own_replies
    if own is None:
        raise ValueError("this warm-up is not of own replies")
    generator = random.Random(seed)
    chosen = list(questions)
    generator.shuffle(chosen)
    chosen = chosen[: settings.warm_up.questions]
    replies = _replies(manifest, chosen, settings, own, generator, follow)
    kept = [
        {
            "prompt": build_messages(question, settings.elicitation),
            "completion": [{"role": "assistant", "content": replies[at].completion.strip()}],
        }
        for at, question in enumerate(chosen)
        if _is_kept(replies[at], question, settings)
    ]
    if len(kept) < LEAST_SHARE * len(chosen):
        raise CalibrantError(
            f"the model gave {len(kept)} replies in the format to {len(chosen)} questions",
            where="warm_up.own_replies",
            repair="Show more `examples`, ask for a simpler `format`, or take another model",
        )
    return kept


def _replies(  # noqa: PLR0913, PLR0917 (each is one thing)
    manifest: Path,
    questions: Sequence[Question],
    settings: WarmUpSettings,
    own: OwnReplies,
    generator: random.Random,
    follow: Follow,
) -> dict[int, Reply]:
    check_manifest(manifest, manifest.parent)
    shown = settings.elicitation.model_copy(
        update={"examples": own.examples, "instruction": "full"}
    )
    engine = TransformersEngine(
        manifest.parent,
        Generation(
            max_new_tokens=own.max_new_tokens,
            temperature=own.temperature,
            batch_size=_BATCH,
        ),
    )
    requests = [
        Request(tuple(build_messages(question, shown)), generator.getrandbits(60))
        for question in questions
    ]
    return {reply.index: reply for reply in follow(engine.generate(requests), len(requests))}


def _is_kept(reply: Reply, question: Question, settings: WarmUpSettings) -> bool:
    statement = parse_completion(
        reply.completion, SCALES[settings.elicitation.scale], reply.finish_reason
    )
    if statement.status != "ok" or reply.finish_reason != "stop":
        return False
    return grade(statement.answer, question).correct is not None
