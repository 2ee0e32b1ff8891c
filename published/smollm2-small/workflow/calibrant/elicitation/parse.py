"""Reading a model's statement: an answer and a confidence in tags.

The format is ``<answer>..</answer>`` then ``<confidence>..</confidence>``, optionally after
``<think>..</think>`` and ``<analysis>..</analysis>``. The rules, in the order they apply:

1. Tags are written in any case and may hold spaces (``< Answer >``); no other tag is known.
2. Text inside ``<think>`` and ``<analysis>`` is not searched, however deep it is nested. A
   ``</think>`` before which no ``<think>`` stands hides all text before it, because chat templates
   often write the opening tag into the prompt. Any other stray closing tag means nothing.
3. An unclosed ``<think>`` hides text up to the next ``<answer>``, an unclosed ``<analysis>`` up to
   the next ``<answer>`` or ``<confidence>``. If the text was cut at the token limit
   (``finish_reason`` is ``length``) both hide all that follows: what stands there is a draft.
4. A closed, non-empty ``<answer>`` is an answer. Where there is none, an unclosed one counts with
   the text up to the next tag or the end, since models forget the closing tag; but not one that
   the token limit cut off.
5. Answers that are equal up to white space are one answer. Different ones are refused: status
   ``duplicate``, no answer and no confidence, because nobody can say which one was meant.
6. Without an answer there is no statement, so no confidence: ``no_answer``.
7. A confidence counts if it is closed and stands after the first answer tag. An unclosed one is
   never read: ``<confidence>8`` may be all that was written of 85. An engine that stops at
   ``</confidence>`` must therefore keep the stop string. Only earlier ones: ``out_of_order``.
8. Confidences that read the same are one. Different ones are refused: ``duplicate``; the answer is
   kept, since it is clear and can be graded. The same holds for all that follow: ``no_confidence``
   and what the scale says (``not_a_number``, ``not_finite``, ``out_of_range``).
9. Where an answer or a confidence is missing and the text was cut at the token limit, the status
   is ``truncated``.

A scale with ``last_tag_wins`` (``rlcr``) replaces rules 5, 7 and 8 by those of the published
evaluation: the last answer and the last closed confidence count, in whatever order.
"""

import re
from dataclasses import dataclass, field

from calibrant.elicitation.scales import Scale
from calibrant.elicitation.sentence_statements import SentenceStatements

_TAG = re.compile(
    r"<[ \t]*+(/?)[ \t]*+(think|analysis|answer|confidence)[ \t]*+>", re.IGNORECASE | re.ASCII
)
_RESUMES_AT = {"think": ("answer",), "analysis": ("answer", "confidence")}


@dataclass(frozen=True, slots=True)
class Statement:
    """An answer and how sure its author says to be.

    Attributes:
        answer: The text of the answer without surrounding space, never empty, or None.
        confidence: In [0, 1], or None unless ``status`` is ``ok``; never NaN.
        status: ``ok``, or why something is missing: ``no_answer``, ``duplicate``, ``truncated``,
            ``no_confidence``, ``out_of_order``, ``not_a_number``, ``not_finite``, ``out_of_range``.
        sentences: What was read where every sentence has a confidence (``elicitation.reader``).
    """

    answer: str | None
    confidence: float | None
    status: str
    sentences: SentenceStatements | None = None


@dataclass(slots=True)
class _Found:
    """Contents of one kind of tag with their positions, in the order of the text."""

    closed: list[tuple[int, str]] = field(default_factory=list)
    unclosed: list[tuple[int, str]] = field(default_factory=list)


def parse_completion(text: str, scale: Scale, finish_reason: str = "stop") -> Statement:
    """Read the statement in ``text`` by the rules at the top of this file.

    Raises nothing, whatever the text, and takes time in proportion to its length.

    Args:
        text: What the model wrote.
        scale: How its confidence is written.
        finish_reason: ``length`` if the text was cut at the token limit; every other value means
            that its author ended it.
    """
    cut = finish_reason == "length"
    for kind in _RESUMES_AT:
        text = _without_closed(kind, text)
    # Only then, so that a block mentioned inside another one does not count as unclosed.
    for kind in _RESUMES_AT:
        text = _without_unclosed(kind, text, cut)
    found = _contents(text, cut)
    answers = found["answer"].closed or found["answer"].unclosed
    if not answers:
        return Statement(None, None, "truncated" if cut else "no_answer")
    distinct = {" ".join(content.split()) for _, content in answers}
    if len(distinct) > 1 and not scale.last_tag_wins:
        return Statement(None, None, "duplicate")
    answer = answers[-1][1]

    confidences = found["confidence"].closed
    if scale.last_tag_wins:
        usable = [content for _, content in confidences[-1:]]
    else:
        usable = [content for position, content in confidences if position > answers[0][0]]
    if not usable:
        missing = "out_of_order" if confidences else "no_confidence"
        return Statement(answer, None, "truncated" if cut else missing)
    readings = {scale.read(content) for content in set(usable)}
    if len(readings) > 1:
        return Statement(answer, None, "duplicate")
    reading = readings.pop()
    return Statement(answer, reading.value, reading.status)


def _without_closed(kind: str, text: str) -> str:
    """Return ``text`` without the closed blocks of one kind of reasoning."""
    hidden: list[tuple[int, int]] = []
    opened: list[int] = []
    ever_opened = False
    for tag in _TAG.finditer(text):
        if tag.group(2).lower() != kind:
            continue
        if not tag.group(1):
            opened.append(tag.start())
            ever_opened = True
        elif opened:
            hidden.append((opened.pop(), tag.end()))
        elif kind == "think" and not ever_opened:
            hidden.append((0, tag.end()))
    return _erase(text, hidden)


def _without_unclosed(kind: str, text: str, cut: bool) -> str:
    """Return ``text`` without what an unclosed block of one kind of reasoning hides."""
    hidden: list[tuple[int, int]] = []
    start: int | None = None
    for tag in _TAG.finditer(text):
        if tag.group(1):
            continue
        name = tag.group(2).lower()
        if start is None and name == kind:
            start = tag.start()
        elif start is not None and name in _RESUMES_AT[kind] and not cut:
            hidden.append((start, tag.start()))
            start = None
    if start is not None:
        hidden.append((start, len(text)))
    return _erase(text, hidden)


def _erase(text: str, spans: list[tuple[int, int]]) -> str:
    """Return ``text`` with line breaks in place of the spans, which may overlap."""
    pieces, position = [], 0
    for start, end in sorted(spans):
        if start >= position:
            pieces.append(text[position:start])
        position = max(position, end)
    pieces.append(text[position:])
    # A tag holds no line break, so no new tag can arise where two pieces meet.
    return "\n".join(pieces)


def _contents(text: str, cut: bool) -> dict[str, _Found]:
    """Return the non-empty answers and all confidences; any tag ends an unclosed one."""
    found = {"answer": _Found(), "confidence": _Found()}
    name, start, begin = "", 0, 0

    def keep(end: int, closed: bool) -> None:
        content = text[begin:end].strip()
        if name and (content or name == "confidence"):
            place = found[name].closed if closed else found[name].unclosed
            place.append((start, content))

    for tag in _TAG.finditer(text):
        tag_name = tag.group(2).lower()
        if tag_name not in found:
            continue
        closing = bool(tag.group(1))
        keep(tag.start(), closing and tag_name == name)
        name, start, begin = ("" if closing else tag_name), tag.start(), tag.end()
    if not cut:
        keep(len(text), closed=False)
    return found
