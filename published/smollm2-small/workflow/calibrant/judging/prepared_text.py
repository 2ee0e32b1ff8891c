"""A case with its texts cut into words once, for all features."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from calibrant.grading.normalise import words
from calibrant.judging.answer_signs import FUNCTION_WORDS, first_sentence
from calibrant.judging.case import Case
from calibrant.judging.text_overlap import grams, stem

MAX_WORDS = 300
MAX_REFERENCES = 40
_MAX_CHARACTERS = 8 * MAX_WORDS
_DIGITS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the forms that features need.

    Attributes:
        raw: The text, cut after ``MAX_WORDS`` times 8 characters.
        words: Its words in normal form, at most ``MAX_WORDS``.
        stems: Their stems, position by position.
        content: Stems that are no function words.
        numbers: The numbers in digits, number words to twenty among them.
        squeezed: All words without the spaces between them.
        runs: Runs of three characters of the words with a space between.
    """

    raw: str
    words: tuple[str, ...]
    stems: tuple[str, ...]
    content: frozenset[str]
    numbers: frozenset[str]
    squeezed: str
    runs: Counter[str]


@dataclass(frozen=True, slots=True)
class PreparedCase:
    """A case as features see it.

    Attributes:
        question: The question.
        references: Its references, the first ``MAX_REFERENCES``.
        answer: The answer.
        opening: The first sentence of the answer.
    """

    question: Text
    references: tuple[Text, ...]
    answer: Text
    opening: Text


def prepare_case(case: Case) -> PreparedCase:
    """Return a case with its texts cut into words."""
    answer = case.answer[:_MAX_CHARACTERS]
    return PreparedCase(
        question=_prepare_text(case.question[:_MAX_CHARACTERS]),
        references=tuple(
            _prepare_text(text[:_MAX_CHARACTERS]) for text in case.references[:MAX_REFERENCES]
        ),
        answer=_prepare_text(answer),
        opening=_prepare_text(first_sentence(answer)),
    )


@lru_cache(maxsize=4096)
def _prepare_text(text: str) -> Text:
    # Cached, since the answers of many systems share a question and its references.
    tokens = words(text)[:MAX_WORDS]
    stems = tuple(map(stem, tokens))
    content = (root for root, word in zip(stems, tokens, strict=True) if word not in FUNCTION_WORDS)
    return Text(
        raw=text,
        words=tokens,
        stems=stems,
        content=frozenset(content),
        numbers=frozenset(number for word in tokens for number in _DIGITS.findall(word)),
        squeezed="".join(tokens),
        runs=grams(" ".join(tokens), 3),
    )
