"""Answers in which every sentence says how sure its author is, worded by a model and checked.

A model writes more smoothly than the rules do, and sometimes changes what is said. Each of its texts
is taken only if every claim survives and every confidence can be read back; otherwise the text made
by rule is used, and the result says so and why.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from calibrant.engines.interface import Engine, Reply, Request
from calibrant.errors import CalibrantError
from calibrant.files import sha256_text
from calibrant.wording.claims import claims_preserved, kind_lost
from calibrant.wording.hedges import hedge_for
from calibrant.wording.rewrite import APART, Statement, recovered, rewrite
from calibrant.wording.sentences import split_sentences

PROMPT_VERSION = "rewrite-2"
_SYSTEM = (
    "You put sentences together to one answer. Begin every sentence with exactly the words given for "
    "it, then say what the sentence says. Change no fact, name, number or negation; leave nothing "
    "out and add nothing. Reply with the answer alone."
)

Follow = Callable[[Iterable[Reply], int], Iterable[Reply]]
Status = Literal["model", "cut", "empty", "confidences", "numbers", "names", "claims"]
"""``model``: its text is used. Otherwise the text made by rule is, because the model's was cut at the
token limit, empty, did not give every confidence back or let it cover one of several sentences, or
did not keep every number, every name, or everything else that is claimed."""
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Reworded:
    """One rewritten answer.

    Attributes:
        text: The answer with its hedges.
        status: Whether the text is the model's, or why it is not.
        refused: The model's text where it is not used, else None.
    """

    text: str
    status: Status
    refused: str | None = None


def rewrite_by_model(
    answers: Sequence[Sequence[Statement]],
    engine: Engine,
    style: str = "plain",
    seed: int = 0,
    *,
    follow: Follow = lambda replies, _: replies,
) -> list[Reworded]:
    """Return every answer reworded by a model, or by rule where the model's text fails a check.

    Args:
        answers: The statements of each answer, at least one each.
        engine: Who rewords.
        style: A style of the map of hedges.
        seed: Every request gets its own seed, from this and its statements.
        follow: Wraps the stream of replies to show progress; is told how many there will be.

    Raises:
        CalibrantError: If an answer has no statement, a statement cannot be rewritten by rule, or
            the engine leaves a request unanswered.
    """
    by_rule = [rewrite(answer, style) for answer in answers]
    for number, answer in enumerate(answers):
        if not answer:
            raise CalibrantError("there is nothing to rewrite", where=f"answer {number}")
    requests = [_request(answer, style, seed) for answer in answers]
    replies = {reply.index: reply for reply in follow(engine.generate(requests), len(requests))}
    if len(replies) != len(requests):
        raise CalibrantError(f"the engine answered {len(replies)} of {len(requests)} requests")
    return [
        checked(answer, style, replies[number], by_rule[number])
        for number, answer in enumerate(answers)
    ]


def checked(answer: Sequence[Statement], style: str, reply: Reply, by_rule: str) -> Reworded:
    """Return the model's text if it passes, else the text made by rule and the first check failed.

    Args:
        answer: The statements.
        style: The style asked for.
        reply: What the model wrote.
        by_rule: ``rewrite(answer, style)``.
    """
    text = reply.completion.strip()
    status = _status(answer, style, text, reply.finish_reason)
    return Reworded(text, status) if status == "model" else Reworded(by_rule, status, text)


def count_statuses(results: Sequence[Reworded]) -> dict[str, int]:
    """Return how many answers ended with each status, those with none included."""
    counts = Counter(result.status for result in results)
    return {status: counts[status] for status in STATUSES}


def _status(answer: Sequence[Statement], style: str, text: str, finish_reason: str) -> Status:
    if finish_reason == "length":
        return "cut"
    if not text:
        return "empty"
    if recovered(text) != [hedge_for(item.confidence, style).point for item in answer]:
        return "confidences"
    # A hedge that stands straight before the first of several sentences leaves the others bare.
    if text.count(APART) < sum(map(_holds_several, answer)):
        return "confidences"
    before = "\n".join(item.text for item in answer)
    return "model" if claims_preserved(before, text) else kind_lost(before, text)


def _holds_several(statement: Statement) -> bool:
    return len(split_sentences(statement.text)) > 1


def _opening(statement: Statement, style: str) -> str:
    words = hedge_for(statement.confidence, style).words
    return f"{words} {APART}" if _holds_several(statement) else words


def _request(answer: Sequence[Statement], style: str, seed: int) -> Request:
    lines = [
        f'{number}. Begin with "{_opening(item, style)}". Sentence: {" ".join(item.text.split())}'
        for number, item in enumerate(answer, start=1)
    ]
    content = "\n".join(lines)
    own = int(sha256_text(f"{seed}\x1f{PROMPT_VERSION}\x1f{content}")[:15], 16)
    messages = ({"role": "system", "content": _SYSTEM}, {"role": "user", "content": content})
    return Request(messages, own)
