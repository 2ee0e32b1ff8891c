"""The reader of a format: from a completion to its answer and confidence."""

from collections.abc import Callable
from math import fsum

from calibrant.elicitation.parse import Statement, parse_completion
from calibrant.elicitation.scales import SCALES, Scale
from calibrant.elicitation.sentence_statements import parse_sentences

SENTENCES = "sentences"
"""The format of an answer of several sentences, each with its confidence."""
StatementReader = Callable[[str, str], Statement]
"""Reads a completion, given why it ended (``length`` if it was cut at the token limit)."""


def statement_reader(layout: str, scale: str) -> StatementReader:
    """Return what reads completions in a format.

    Args:
        layout: Format, as ``elicitation.format`` names it.
        scale: Name of the confidence scale.
    """
    chosen = SCALES[scale]
    if layout == SENTENCES:
        return lambda text, finish_reason: read_sentences(text, chosen, finish_reason)
    return lambda text, finish_reason: parse_completion(text, chosen, finish_reason)


def read_sentences(text: str, scale: Scale, finish_reason: str = "stop") -> Statement:
    """Read an answer of several sentences by the rules of ``sentence_statements``.

    The answer is the sentences, joined by a space; its confidence the mean of theirs. A sentence
    without a readable confidence leaves the mean unknown: nothing is put in its place. Tags and texts
    out of place hide neither, as text around a single statement does not; the status names them. Of a
    text that the token limit cut nobody knows what it would have said: it has no answer.

    Args:
        text: What the model wrote.
        scale: How confidences are written.
        finish_reason: ``length`` if the text was cut at the token limit.

    Returns:
        A statement with ``sentences``. Its status is the first fault, or ``ok``; unlike that of a
        single statement it may be ``stray_tag`` or ``stray_text`` beside a confidence.
    """
    found = parse_sentences(text, scale, finish_reason)
    if found.truncated or not found.statements:
        return Statement(None, None, found.status, found)
    answer = " ".join(item.text for item in found.statements)
    stated = [item.confidence for item in found.statements if item.confidence is not None]
    mean = fsum(stated) / len(stated) if len(stated) == len(found.statements) else None
    return Statement(answer, mean, found.status, found)
