r"""Finding the answer inside a text such as "The answer is 12." or ``so \boxed{12}``."""

import re

from calibrant.grading.latex import BOXED, boxed
from calibrant.grading.negation import negated

# Stars and a brace as in "**Answer:** 12" and "\\textbf{Answer}: 12".
_ANSWER = re.compile(
    r"\banswer\b[*}]*(?:\s+is\b|\s*:|\s*=)(?:\s*:)?(?:[*}]+(?=\s))?", re.IGNORECASE
)
# Not after one or two letters: "E. bank", "St. Louis".
_SENTENCE_END = re.compile(r"(?:(?<=\w{3})|(?<=[\d$%)\]}]))[.;!?]\s|\n")
# After these words a sentence no longer says what is wrong but what follows from it.
_CONCLUSION = re.compile(r"\b(?:so|hence|therefore|thus|but|because|since)\b", re.IGNORECASE)


def stated_answer(text: str) -> str | None:
    r"""Return the part of ``text`` that states its answer.

    That is the content of the last ``\boxed``, and in it or else in the whole text what follows the
    last "answer is" or "answer:", up to the end of that sentence. A text without these, or with
    nothing after them, is returned as it is.

    Returns:
        The answer, or None where a negation stands before it in the same sentence: "I don't think
        the answer is B", "Wrong answer: B". A conclusion begins anew: "A is wrong, so the answer
        is B" states B.
    """
    boxes = list(BOXED.finditer(text))
    if boxes and _rejected(text[: boxes[-1].start()]):
        return None
    text = boxed(text)
    last = max(_ANSWER.finditer(text), key=re.Match.end, default=None)
    rest = "" if last is None else text[last.end() :].strip()
    if last is None or not rest:
        return text.strip()
    if _rejected(text[: last.start()]):
        return None
    return _SENTENCE_END.split(rest, maxsplit=1)[0].strip()


def _rejected(before: str) -> bool:
    sentence = _SENTENCE_END.split(before)[-1]
    return negated(_CONCLUSION.split(sentence)[-1])
