"""Features of the answer's form and of the question: length, refusal, echo, kind of question."""

import math
import re

from calibrant.judging.answer_signs import (
    ABSOLUTE,
    HEDGE,
    NEGATIVE,
    QUESTION_KINDS,
    REFUSAL,
    question_kinds,
)
from calibrant.judging.prepared_text import PreparedCase, Text

FORM_FEATURES: tuple[tuple[str, int], ...] = (
    ("refuses", 0),  # the first sentence says that there is no answer
    ("reference_refuses", 0),  # share of references that do
    ("refusal_differs", 0),  # the first sentence does and no reference does
    ("denials", 0),  # denials in the first sentence, at most 3, a third each
    ("hedges", 0),  # limiting words in the first sentence, at most 3, a third each
    ("absolutes", 0),  # unlimited claims in the first sentence, at most 3, a third each
    ("absolutes_differ", -1),  # there are some there, and none in any reference
    ("asks", 0),  # the answer ends with a question mark
    ("echo", 0),  # share of the answer's content in the question
    ("question_covered", 0),  # share of the question's content in the answer
    ("no_news", 0),  # there are words, and all their content of the answer stands in the question
    ("repetition", -1),  # share of words that stand in the answer before
    ("answer_length", -1),  # logarithm of the number of words, 1 for 100 and more
    ("opening_length", -1),  # the same of the first sentence
    ("reference_length", 0),  # the same of the shortest reference
    ("references", 0),  # logarithm of the number of references, 1 for 40
    ("same_opening", 0),  # answer and question begin with the same word
    *((f"asks_{kind}", 0) for kind in QUESTION_KINDS),
)
"""Name of every feature, and its sign: 1 speaks for an answer, -1 against it, 0 either way."""

_LONG = math.log1p(100)


def form_features(case: PreparedCase) -> list[float]:
    """Return ``FORM_FEATURES`` of a case, all in [0, 1]."""
    answer, opening, question = case.answer, case.opening, case.question
    refuses = bool(REFUSAL.search(opening.raw))
    refusals = [bool(REFUSAL.search(reference.raw)) for reference in case.references]
    absolutes = _count(ABSOLUTE, opening)
    claimed = any(ABSOLUTE.search(reference.raw) for reference in case.references)
    echoed = len(answer.content & question.content)
    shortest = min(case.references, key=lambda text: len(text.words), default=question)
    return [
        float(refuses),
        sum(refusals) / max(len(refusals), 1),
        float(refuses and not any(refusals)),
        _count(NEGATIVE, opening),
        _count(HEDGE, opening),
        absolutes,
        float(absolutes > 0 and not claimed),
        float(answer.raw.rstrip().endswith("?")),
        echoed / max(len(answer.content), 1),
        echoed / max(len(question.content), 1),
        float(answer.words != () and answer.content <= question.content),
        (len(answer.words) - len(set(answer.words))) / max(len(answer.words), 1),
        _length(answer),
        _length(opening),
        _length(shortest),
        min(math.log(max(len(case.references), 1)) / math.log(40), 1.0),
        float(answer.words[:1] == question.words[:1]),
        *map(float, question_kinds(question.raw)),
    ]


def _count(pattern: re.Pattern[str], text: Text) -> float:
    return min(len(pattern.findall(text.raw)), 3) / 3


def _length(text: Text) -> float:
    return min(math.log1p(len(text.words)) / _LONG, 1.0)
