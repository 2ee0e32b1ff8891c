"""Answers in which every sentence says how sure its author is, made by rule."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from calibrant.errors import CalibrantError
from calibrant.wording.hedges import hedge_for, hedge_pattern, points
from calibrant.wording.openings import LIST_MARK, lead_in, lowered, marker_pattern, takes_clause
from calibrant.wording.sentences import split_sentences

APART = "the following is right:"
"""Stands between a hedge and what cannot follow "that": a question, a fragment, several sentences."""

_ENDED = re.compile(r"[.!?\u2026][\"'\u201d\u2019)\]]{0,2}\Z")
_OPEN_END = re.compile(r"[\w%\"'\u201d\u2019)\]\u00b0]\Z")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer and how sure its author is of it.

    Attributes:
        text: The sentence, not blank. Several sentences share the confidence and stay together.
        confidence: In [0, 1].
    """

    text: str
    confidence: float


def rewrite(statements: Sequence[Statement], style: str = "plain") -> str:
    """Return the answer with the hedge of its confidence before every statement.

    No word of a statement is lost or changed. The first letter becomes small where it surely begins
    no name (``openings.lowered``); what cannot follow "that" stands behind a colon; a list mark or
    a word such as "However," stays in front. A hedge that the statement brings along is kept as
    part of what is claimed. A full stop is added where none ends the statement.

    Args:
        statements: In the order of the answer.
        style: A style of the map (``hedges.hedge_for``).

    Raises:
        CalibrantError: If a statement is blank, a confidence is not in [0, 1] or there is no such
            style.
    """
    answer, was_listed = "", False
    for number, statement in enumerate(statements):
        if not statement.text.strip():
            raise CalibrantError("a statement is blank", where=f"statement {number}")
        sentence = _hedged(statement.text.strip(), hedge_for(statement.confidence, style).words)
        listed = bool(re.match(LIST_MARK, sentence))
        # The reader finds a hedge only where a sentence visibly begins.
        same_line = _ENDED.search(answer) and not listed and not was_listed
        answer += "" if not answer else " " if same_line else "\n"
        answer += sentence
        was_listed = listed
    return answer


def recovered(after: str) -> list[float]:
    """Return the confidence of every hedge that opens a sentence, in order, each in [0, 1]."""
    plain = after.replace("\u2019", "'")
    return [points()[match.group("hedge").lower()] for match in opening_pattern().finditer(plain)]


@cache
def opening_pattern() -> re.Pattern[str]:
    """Return a pattern of a hedge that opens a sentence; groups ``lead`` and ``hedge``.

    A sentence begins with the text, a line, or behind a full stop and closing quotes, and with a
    capital: behind "e.g." a hedge in small letters opens nothing.
    """
    end, close = r"[.!?\u2026]", r"[\"'\u201d\u2019)\]]"
    begin = rf"(?:\A\s*|\n\s*|(?<={end})\s+|(?<={end}{close})\s+|(?<={end}{close}{close})\s+)"
    hedge = hedge_pattern().pattern
    return re.compile(
        rf"{begin}(?P<lead>{LIST_MARK}?(?:{marker_pattern()}|(?=[A-Z])))(?P<hedge>{hedge})"
    )


def _hedged(text: str, words: str) -> str:
    found = lead_in().match(text)
    lead = found.group() if found else ""
    body = text[len(lead) :]
    if not body:
        lead, body = "", text
    if lead.rstrip().endswith(","):
        words = _small(words)
    apart = body.lower().startswith(APART)
    if len(split_sentences(body)) == 1 and takes_clause(body) and not apart:
        sentence = f"{lead}{words} {lowered(body)}"
    else:
        sentence = f"{lead}{words} {APART} {body}"
    sentence = _only_first_opens(sentence)
    return (
        f"{sentence}." if _OPEN_END.search(sentence) and not _ENDED.search(sentence) else sentence
    )


def _only_first_opens(sentence: str) -> str:
    """Tie hedges that open a later sentence of one statement to it: they are part of the claim."""
    plain = sentence.replace("\u2019", "'")
    for match in reversed(list(opening_pattern().finditer(plain))[1:]):
        at = match.start("hedge")
        tie = "and" if match.group("lead").rstrip().endswith(",") else "And"
        sentence = f"{sentence[:at]}{tie} {_small(sentence[at:])}"
    return sentence


def _small(words: str) -> str:
    return words if re.match(r"I\b", words) else words[0].lower() + words[1:]
