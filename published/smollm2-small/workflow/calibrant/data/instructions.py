"""Questions without orders that would forbid stating a confidence.

A task that says "Respond with only the number" contradicts the prompt, which asks for a confidence
as well. What is said about the answer itself ("as a reduced fraction") stays: the grader needs it.
"""

import re

_LOWER = "respond|reply|answer|provide|give|return|output|state|write|submit"
_UPPER = "|".join(verb.capitalize() for verb in _LOWER.split("|"))

# An order opens a sentence with a capital or follows "please". Elsewhere the same words belong to a
# story ("she can only give three") or to a text that is to be worked on.
_START = r"(?P<start>(?:^|[.!?])\s*)"
_TEXT = r"(?:text|words|explanations?|preamble)\b[^.\n]*"
_ITEM = r"(?:^[ \t]*(?:\d+\.|[-*]))?"
_ANSWER = r"(?P<start>\b[Yy]our (?:final )?(?:answer|output|response) should )"
_MORE = r"(?:other|additional|extra|further)"

_SENTENCES = [
    # "5. Do not include any other text or formatting."
    rf"{_ITEM}[ \t]*\bDo not (?:include|add|{_LOWER}) (?:any )?{_MORE} {_TEXT}\.?",
    # "..., no other text or formatting"
    rf",? (?:with )?no {_MORE} {_TEXT}",
    # "Describe how you derived the rule in detail before you submit your answer."
    r"[ \t]*\b[A-Z][^.!?\n]* before you (?:submit|give|state) your (?:final )?answer\.",
    # "Give only the result as your final answer."
    rf"[ \t]*\b(?:{_UPPER}) (?:only )?the (?:result|answer|solution) as your final answer\.",
]
_ORDERS = [
    rf"{_START}(?P<verb>(?:{_UPPER})(?: with| as)?) (?:only|just)\b",
    rf"{_START}(?:Only|Just) (?P<verb>{_LOWER})\b",
    rf"(?P<start>\b[Pp]lease )(?:only |just )(?P<verb>{_LOWER})\b",
    rf"(?P<start>\b[Pp]lease )(?P<verb>(?:{_LOWER})(?: with| as)?) (?:only|just)\b",
    rf"{_ANSWER}(?P<verb>be) (?:only|just)\b",
    rf"{_ANSWER}(?:only|just) (?P<verb>be)\b",
]
_SENTENCE_PATTERNS = [re.compile(pattern, re.MULTILINE) for pattern in _SENTENCES]
_ORDER_PATTERNS = [re.compile(pattern, re.MULTILINE) for pattern in _ORDERS]
_LINE_END = re.compile(r"[ \t]+$", re.MULTILINE)


def strip_instructions(question: str) -> str:
    """Return a question without orders that exclude everything but the answer.

    A sentence that says nothing else is left out; from others only the word that excludes ("only",
    "just") is taken.

    Args:
        question: A question as its source states it.

    Returns:
        The same text, without space at its ends, where it gives no such order.
    """
    text = question
    for pattern in _SENTENCE_PATTERNS:
        text = pattern.sub("", text)
    for pattern in _ORDER_PATTERNS:
        text = pattern.sub(_without_only, text)
    return question.strip() if text == question else _LINE_END.sub("", text).strip()


def _without_only(match: re.Match[str]) -> str:
    start, verb = match["start"], match["verb"]
    # "Only reply with" leaves the verb to open the sentence.
    opens = not start.strip() or start.rstrip()[-1] in ".!?"
    return start + (verb[0].upper() + verb[1:] if opens else verb)
