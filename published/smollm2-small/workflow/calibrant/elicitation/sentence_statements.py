"""Reading an answer of several sentences, each with its confidence (RLMF, arXiv 2606.32032).

The format is ``<sentence>..</sentence><confidence>..</confidence>``, repeated. The rules:

1. Tags are written in any case and may hold spaces (``< Sentence >``); no other tag is known. What
   stands in a closed ``<think>`` is not searched, nor what stands before a ``</think>`` that no
   ``<think>`` opens; an unclosed ``<think>`` hides all that follows.
2. A sentence is the text between ``<sentence>`` and the next tag, if that is ``</sentence>``.
3. Its confidence is the closed ``<confidence>`` that follows with nothing but white space between.
   A sentence without one is kept, with the reason: published code takes a missing one for 1.
4. A confidence that follows no sentence is read by nobody, and counts as a fault, like every other
   tag out of place, a blank sentence, and text outside of tags.
5. The scale decides what a number means; it never guesses between 1 and 1 %.
"""

import re
from dataclasses import dataclass

from calibrant.elicitation.scales import SCALES, Scale

_TAG = re.compile(
    r"<[ \t]*+(/?)[ \t]*+(sentence|confidence|think)[ \t]*+>", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True)
class SentenceStatement:
    """A sentence and how sure its author says to be.

    Attributes:
        text: The sentence without surrounding space, never empty.
        confidence: In [0, 1], or None unless ``status`` is ``ok``; never NaN.
        status: ``ok``, ``no_confidence``, ``not_a_number``, ``not_finite`` or ``out_of_range``.
    """

    text: str
    confidence: float | None
    status: str


@dataclass(frozen=True, slots=True)
class SentenceStatements:
    """What an answer holds.

    Attributes:
        statements: Its sentences, in order.
        stray_tags: Tags out of place: unclosed, unopened, blank, or a confidence of no sentence.
        stray_texts: Stretches of text outside of sentences and confidences.
        truncated: Whether the text was cut at the token limit.
    """

    statements: tuple[SentenceStatement, ...]
    stray_tags: int
    stray_texts: int
    truncated: bool

    @property
    def status(self) -> str:
        """``ok`` if every part is as asked for, else the first of the reasons that holds.

        ``truncated``, ``no_sentence``, a sentence's reason, ``stray_tag``, ``stray_text``.
        """
        if self.truncated:
            return "truncated"
        if not self.statements:
            return "no_sentence"
        bad = next((item.status for item in self.statements if item.status != "ok"), None)
        if bad:
            return bad
        if self.stray_tags:
            return "stray_tag"
        return "stray_text" if self.stray_texts else "ok"


def parse_sentences(
    text: str, scale: Scale = SCALES["unit"], finish_reason: str = "stop"
) -> SentenceStatements:
    """Read an answer by the rules at the top of this file.

    Raises nothing, whatever the text, and takes time in proportion to its length.

    Args:
        text: What the model wrote.
        scale: How confidences are written.
        finish_reason: ``length`` if the text was cut at the token limit.
    """
    found: list[SentenceStatement] = []
    stray_tags = stray_texts = 0
    may_follow = False
    for kind, content in _parts(_without_thinking(text)):
        blank = not content.strip()
        if kind == "sentence" and not blank:
            found.append(SentenceStatement(content.strip(), None, "no_confidence"))
            may_follow = True
        elif kind == "confidence" and may_follow:
            reading = scale.read(content)
            found[-1] = SentenceStatement(found[-1].text, reading.value, reading.status)
            may_follow = False
        elif kind == "text":
            stray_texts += not blank
            may_follow = may_follow and blank
        else:
            stray_tags += 1
            may_follow = False
    return SentenceStatements(tuple(found), stray_tags, stray_texts, finish_reason == "length")


def write_sentences(statements: list[tuple[str, float]], scale: Scale = SCALES["unit"]) -> str:
    """Write sentences with their confidences in the format that ``parse_sentences`` reads.

    Args:
        statements: Text and confidence in [0, 1] of each sentence.
        scale: How confidences are written.

    Raises:
        ValueError: If a confidence is not in [0, 1].
    """
    return "\n".join(
        f"<sentence>{text}</sentence><confidence>{scale.write(confidence)}</confidence>"
        for text, confidence in statements
    )


def _parts(text: str) -> list[tuple[str, str]]:
    """Return sentences, confidences, texts between them, and tags out of place (kind ``tag``)."""
    parts: list[tuple[str, str]] = []
    opened, position = "", 0
    for match in _TAG.finditer(text):
        closing, name = bool(match.group(1)), match.group(2).lower()
        between = text[position : match.start()]
        if closing and name == opened:
            parts.append((name, between))
        else:
            if opened:
                parts.append(("tag", ""))
            parts.append(("text", between))
            if closing:
                parts.append(("tag", ""))
        opened, position = ("" if closing else name), match.end()
    if opened:
        parts.append(("tag", ""))
    parts.append(("text", text[position:]))
    return parts


def _without_thinking(text: str) -> str:
    """Return the text without what ``<think>`` hides, however deep it is nested."""
    pieces: list[str] = []
    depth, position = 0, 0
    for match in _TAG.finditer(text):
        if match.group(2).lower() != "think":
            continue
        if not match.group(1):
            if depth == 0:
                pieces.append(text[position : match.start()])
            depth += 1
        else:
            if depth == 0:
                # Chat templates often write the opening tag into the prompt.
                pieces.clear()
            depth = max(0, depth - 1)
        position = match.end()
    if depth == 0:
        pieces.append(text[position:])
    return "\n".join(pieces)
