"""Tags, hidden blocks and control tokens of a model's text, in whatever way they are written.

A tag counts in any case, with spaces and attributes, with its brackets escaped for HTML
(``&lt;confidence&gt;``) or full-width. All patterns are bounded or possessive, so that the time grows
in proportion to the text.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

_OPEN = r"(?:<|&(?:amp;){0,3}+(?:lt;?+|\#0{0,7}+60;?+|\#x0{0,7}+3c;?+))"
_CLOSE = r"(?:>|&(?:amp;){0,3}+(?:gt;?+|\#0{0,7}+62;?+|\#x0{0,7}+3e;?+))"
_KIND = {
    "think": r"think(?:ing)?|thoughts?|scratchpad|chain_of_thought",
    "analysis": r"analysis|reasoning|rationale|reflection",
    "confidence": r"confidence\w{0,20}|certainty\w{0,20}",
    "answer": r"answer",
}
_KINDS = "|".join(f"(?P<{kind}>{names})" for kind, names in _KIND.items())
_TAG = re.compile(
    rf"{_OPEN}\s*+(?P<slash>/?)\s*+(?:{_KINDS})(?!\w)(?:(?P<rest>[^<>]{{0,200}}?){_CLOSE})?+",
    re.IGNORECASE,
)
_ATTRIBUTE = (
    r"""\s++[\w:-]{1,40}+\s*+=\s*+(?:"[^"<>]{0,300}+"|'[^'<>]{0,300}+'|[^\s<>"'=&]{1,300}+)"""
)
_OTHER_TAG = re.compile(
    rf"{_OPEN}(?P<slash>/?)(?P<name>[a-z][\w:.-]{{0,60}}+)(?:{_ATTRIBUTE}){{0,20}}+\s?/?{_CLOSE}",
    re.IGNORECASE,
)
_COMMENT = re.compile(rf"{_OPEN}!--.*?(?:--{_CLOSE}|\Z)", re.IGNORECASE | re.DOTALL)
_INLINE = re.compile("a|b|code|em|font|i|mark|s|small|span|strong|sub|tt|u")
_CONTROL_TOKEN = re.compile(
    rf"{_OPEN}\|[^|<>\n]{{1,60}}+\|{_CLOSE}(?:(?:system|user|assistant|tool)\b)?+"
    rf"|{_OPEN}(?:start|end)_of_turn{_CLOSE}(?:(?:user|model)\b)?+"
    rf"|{_OPEN}{_OPEN}/?SYS{_CLOSE}{_CLOSE}"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]",
    re.IGNORECASE,
)
_VALUE_IN_TAG = re.compile(r"\s*+[:=]?+\s*+[\"']?+[0-9.]++\s*+%?+[\"']?+\s*+")
_NUMBER_AT_END = re.compile(r"(?<![\w.,])[0-9.]{1,12}\s{0,3}%?\s{0,3}\Z")

# One character for one, so that a place in the folded text is the same place in the text.
_FOLDED = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | str.maketrans(
    "\ufe64\ufe65\u2039\u203a\u3008\u3009\u27e8\u27e9\u2329\u232a\u2018\u2019\u201c\u201d\uff05\ufe6a",
    "<><><><><>''\"\"%%",
)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True)
class _Found:
    """One tag of a known kind; ``whole`` is false where its last bracket is missing."""

    kind: str
    closing: bool
    start: int
    end: int
    rest: str
    whole: bool


def folded(text: str) -> str:
    """Return ``text``, as long as before, with full-width signs and curly quotes as plain ones."""
    return text.translate(_FOLDED)


def without_invisible(text: str) -> str:
    """Return ``text`` without zero-width, bidirectional and other control characters."""
    return _INVISIBLE.sub("", text)


def with_plain_tags(text: str) -> str:
    """Return ``text`` with every whole tag of a known kind as the parser knows it: ``<answer>``.

    The number before a ``</confidence>`` that nothing opened is left out.
    """
    pieces, position = [], 0
    opened = False
    for tag in _tags(text):
        if tag.whole:
            start = tag.start
            if tag.kind == "confidence":
                start = _start_of_unopened(text, tag) if tag.closing and not opened else start
                opened = True
            plain = "\n" if _closes_itself(tag) else f"<{'/' * tag.closing}{tag.kind}>"
            pieces += [text[position:start], plain]
            position = tag.end
    return "".join([*pieces, text[position:]])


def without_markup(text: str) -> str:
    """Return ``text`` without control tokens, reasoning, confidence blocks and all tags.

    What is removed can bring the halves of another tag together: the caller repeats.
    """
    text = _erase(text, _spans(_COMMENT, text))
    # Hidden blocks before the tokens, which may stand for a part of a tag.
    text = _erase(text, _hidden(text))
    text = _erase(text, _spans(_CONTROL_TOKEN, text))
    text = _erase(text, [(tag.start, tag.end) for tag in _tags(text)])
    return _without_other_tags(text)


def _tags(text: str) -> list[_Found]:
    found = []
    for match in _TAG.finditer(folded(text)):
        kind = next(kind for kind in _KIND if match[kind])
        rest = match["rest"]
        closing = bool(match["slash"])
        found.append(
            _Found(kind, closing, match.start(), match.end(), rest or "", rest is not None)
        )
    return found


def _closes_itself(tag: _Found) -> bool:
    return not tag.closing and tag.rest.rstrip().endswith("/")


def _hidden(text: str) -> list[tuple[int, int]]:
    """Return the spans of reasoning and of stated confidence, which may overlap."""
    tags = [tag for tag in _tags(text) if not _closes_itself(tag)]
    opened: dict[str, list[_Found]] = {kind: [] for kind in _KIND if kind != "answer"}
    ever: set[str] = set()
    closed: list[tuple[int, int]] = []
    for tag in tags:
        if tag.kind == "answer":
            continue
        if not tag.closing:
            opened[tag.kind].append(tag)
        elif opened[tag.kind]:
            closed.append((opened[tag.kind].pop().start, tag.end))
        elif tag.kind not in ever:
            closed.append((_start_of_unopened(text, tag), tag.end))
        ever.add(tag.kind)
    answers = [tag.start for tag in tags if tag.kind == "answer" and not tag.closing]
    covered = _merged(closed)
    hidden = list(closed)
    for tag in (tag for stack in opened.values() for tag in stack):
        if _within(tag.start, covered):
            continue
        following = bisect_left(answers, tag.end)
        end = answers[following] if following < len(answers) else len(text)
        if tag.kind == "confidence" and tag.whole and _VALUE_IN_TAG.fullmatch(tag.rest):
            end = tag.end
        hidden.append((tag.start, end))
    return hidden


def _start_of_unopened(text: str, tag: _Found) -> int:
    """Return where a block begins whose opening tag is missing.

    Templates write ``<think>`` into the prompt, so reasoning begins with the text. Of a confidence
    only a number is taken, and only where an answer stands before it.
    """
    if tag.kind != "confidence":
        return 0
    number = _NUMBER_AT_END.search(text, max(0, tag.start - 20), tag.start)
    before = text[: number.start()].rstrip()[-1:] if number else ""
    return number.start() if number and before not in ("", ">") else tag.start


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _within(position: int, merged: list[tuple[int, int]]) -> bool:
    after = bisect_right(merged, position, key=lambda span: span[0])
    return after > 0 and position < merged[after - 1][1]


def _erase(text: str, spans: list[tuple[int, int]]) -> str:
    pieces, position = [], 0
    for start, end in _merged(spans):
        pieces.append(text[position:start])
        position = end
    return "\n".join([*pieces, text[position:]])


def _without_other_tags(text: str) -> str:
    pieces, position = [], 0
    for match in _OTHER_TAG.finditer(folded(text)):
        name = match["name"].lower()
        # The tags of bold type stand inside words, those of paragraphs between them.
        between = "" if _INLINE.fullmatch(name) else "\n"
        if name == "sup":
            between = "" if match["slash"] else "^"
        pieces += [text[position : match.start()], between]
        position = match.end()
    return "".join([*pieces, text[position:]])


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(folded(text))]
