"""Finding the answer inside a sentence such as "The answer is 12."."""

import re

_ANSWER = re.compile(r"\banswer\b(?:\s+is\b|\s*:|\s*=)(?:\s*:)?", re.IGNORECASE)
# Not after one or two letters: "E. bank", "St. Louis".
_SENTENCE_END = re.compile(r"(?:(?<=\w{3})|(?<=[\d$%)\]}]))[.;!?]\s|\n")


def stated_answer(text: str) -> str:
    """Return what follows the last "answer is" or "answer:", up to the end of that sentence.

    A text without these words, or with nothing after them, is returned as it is.
    """
    end = max((match.end() for match in _ANSWER.finditer(text)), default=None)
    rest = "" if end is None else text[end:].strip()
    if not rest:
        return text.strip()
    return _SENTENCE_END.split(rest, maxsplit=1)[0].strip()
