"""The words of a question and its shingles: runs of consecutive words.

Two questions that share a shingle of eight words or so are hardly ever written independently of
each other (Broder, "On the resemblance and containment of documents", 1997), unless the run is the
wording of a template: ``Shingled`` says when it is.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from calibrant.rows import Question

# A word is a run of letters and digits. The signs and brackets of arithmetic are words as well:
# "3 + 5" and "3 - 5" are different questions, "well-known" and "well known" are not.
_WORD = re.compile(r"[^\W_]+|[-+*/^=<>×÷−(](?=\s*[-+−\d(])|\)(?=\s*[-+*/^=<>×÷−)])")  # noqa: RUF001
_NUMBER = re.compile(r"\d+")

# In the test sets of GSM8K, CommonsenseQA, NQ-open and TriviaQA no run of eight words stands in
# more than three questions. One that does is an order ("express your answer as a single integer").
_COMMON_ROWS = 5
# Between those sets neither rule costs a single match. Without them every training row of 2,000
# generated sums is dropped against the test rows of the same task, with them none is.
_TEMPLATE_SHARE = 0.05
_TEMPLATE_LEAST = 2


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, digits, signs and brackets of sums included."""
    return _WORD.findall(text.lower())


def exact_key(question: Question) -> str:
    """Return the normalised text of all that is asked: equal keys mean the same question.

    Options count in any order, since "Which of these is true?" alone is no question.
    """
    options = sorted(" ".join(words_of(option)) for option in question.options)
    return "\n".join([" ".join(_stream(question)), *options])


class Shingled:
    """The questions of one dataset, cut into shingles.

    Args:
        questions: Questions; context and question are compared as one text.
        words: Length of a shingle (words). A text shorter than that is one shingle.
    """

    def __init__(self, questions: Sequence[Question], words: int) -> None:
        self.questions = questions
        self.words = words
        self._half = max(2, (words + 1) // 2)
        self._streams = [_stream(question) for question in questions]

    @cached_property
    def exact(self) -> dict[str, int]:
        """Exact key to the first row that has it."""
        return _first_rows([exact_key(question)] for question in self.questions)

    @cached_property
    def shingles(self) -> dict[str, int]:
        """Shingle to the first row that has it."""
        return _first_rows(_runs(stream, self.words) for stream in self._streams)

    def shingles_of(self, row: int) -> Iterator[str]:
        """Yield the shingles of one row, in the order of the text."""
        return _runs(self._streams[row], self.words)

    def is_common(self, shingle: str) -> bool:
        """Say whether a shingle stands in more than five rows, too many to point to a question.

        All numbers count as the same number here and in ``is_template``, so that the wording
        around the slots of a template is seen: "on 7 of 10 such days" may occur once and
        "on # of # such days" in every row.
        """
        return _masked(shingle) in self._common

    def is_template(self, shingle: str) -> bool:
        """Say whether half the words of a shingle or more are the wording of a template.

        That is a run of half the length in more than 5 % of the rows, and in three at least. The
        other half may be a slot with a name or a number, which two rows can share by chance.
        """
        halves = _runs(_masked(shingle).split(" "), self._half)
        return any(half in self._templates for half in halves)

    @cached_property
    def _common(self) -> set[str]:
        return self._frequent(self.words, _COMMON_ROWS)

    @cached_property
    def _templates(self) -> set[str]:
        limit = max(_TEMPLATE_LEAST, _TEMPLATE_SHARE * len(self._streams))
        return self._frequent(self._half, limit)

    def _frequent(self, length: int, limit: float) -> set[str]:
        """Return the masked runs that stand in more than ``limit`` rows."""
        rows: Counter[str] = Counter()
        for stream in self._streams:
            masked = [_masked(word) for word in stream]
            rows.update(set(_runs(masked, length)))
        return {run for run, count in rows.items() if count > limit}


def _stream(question: Question) -> list[str]:
    return words_of(f"{question.context or ''}\n{question.question}")


def _runs(stream: Sequence[str], length: int) -> Iterator[str]:
    """Yield all runs of ``length`` words, or the whole text where it is shorter."""
    for start in range(max(1, len(stream) - length + 1)):
        yield " ".join(stream[start : start + length])


def _masked(text: str) -> str:
    return _NUMBER.sub("#", text)


def _first_rows(keys: Iterable[Iterable[str]]) -> dict[str, int]:
    first: dict[str, int] = {}
    for row, own in enumerate(keys):
        for key in own:
            first.setdefault(key, row)
    return first
