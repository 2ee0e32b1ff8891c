"""Where in a completion the answer stands that the parser reads."""

import re

from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.scales import Scale

_TAG = re.compile(r"<[ \t]*+(/?)[ \t]*+(answer|confidence)[ \t]*+>", re.IGNORECASE | re.ASCII)
# No completion holds it, and it is neither space nor part of a tag.
_MARK = "\ue000"


def answer_span(text: str, scale: Scale, finish_reason: str = "stop") -> tuple[int, int] | None:
    """Return where the answer begins and ends (characters, end exclusive), without space around it.

    The parser gives no positions, and an ``<answer>`` in the reasoning is none. So the last one counts
    of which the parser notices a change; with several that it reads, all are equal or the last wins.

    Args:
        text: The completion.
        scale: How its confidence is written; decides how repeated answers are read.
        finish_reason: ``length`` if the text was cut at the token limit.

    Returns:
        None where the parser reads no answer, or one with reasoning inside that hides where it ends.
    """
    read = parse_completion(text, scale, finish_reason).answer
    if read is None:
        return None
    for begin, end in reversed(_contents(text)):
        changed = text[:end] + _MARK + text[end:]
        if parse_completion(changed, scale, finish_reason).answer != read:
            return begin, end
    return None


def _contents(text: str) -> list[tuple[int, int]]:
    """Return where non-empty text between an ``<answer>`` and the next tag stands."""
    tags = list(_TAG.finditer(text))
    ends = [tag.start() for tag in tags[1:]] + [len(text)]
    spans = []
    for tag, end in zip(tags, ends, strict=True):
        content = text[tag.end() : end]
        if tag[1] or tag[2].lower() != "answer" or not content.strip():
            continue
        begin = tag.end() + len(content) - len(content.lstrip())
        spans.append((begin, begin + len(content.strip())))
    return spans
