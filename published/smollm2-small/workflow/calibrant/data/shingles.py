"""The words of a question and its shingles: runs of consecutive words.

Two questions that share a shingle of eight words or so are hardly ever written independently of
each other (Broder, "On the resemblance and containment of documents", 1997), unless the run is the
wording of a template: ``Shingled`` says when it is. Containment, the share of one question's
shingles that another text holds, is Broder's as well: ``Containment`` measures it.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

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
# A carrier is what nearly all questions are asked in. Half allows for a second way of asking.
_CARRIER_SHARE = 0.5


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, digits, signs and brackets of sums included."""
    return _WORD.findall(text.lower())


def exact_keys(question: Question) -> list[str]:
    """Return the normalised texts of all that is asked: one key in common, the same question.

    The first key is the text with its signs, without differences of case and white space. A
    question in prose has its words as a second key. Where more signs than letters stand between
    two spaces, as in a grid, a picture or a row of emoji, the signs are what is asked, and there
    is no second key.

    Options count in any order, since "Which of these is true?" alone is no question.
    """
    parts = [f"{question.context or ''}\n{question.question}", *question.options]
    keys = [_joined(" ".join(part.lower().split()) for part in parts)]
    if all(map(_is_prose, parts)):
        keys.append(_joined(" ".join(words_of(part)) for part in parts))
    return list(dict.fromkeys(keys))


def _joined(parts: Iterable[str]) -> str:
    text, *options = parts
    return "\n".join([text, *sorted(options)])


def _is_prose(text: str) -> bool:
    marked = _WORD.sub(lambda word: "w" * len(word[0]), text.lower())
    return all(2 * token.count("w") >= len(token) for token in marked.split())


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
        self._streams = [
            words_of(f"{question.context or ''}\n{question.question}") for question in questions
        ]

    @cached_property
    def keys(self) -> list[list[str]]:
        """Exact keys of each row."""
        return [exact_keys(question) for question in self.questions]

    @cached_property
    def exact(self) -> dict[str, int]:
        """Exact key to the first row that has it."""
        return _first_rows(self.keys)

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
        return masked(shingle) in self._common

    def is_template(self, shingle: str) -> bool:
        """Say whether half the words of a shingle or more are the wording of a template.

        That is a run of half the length in more than 5 % of the rows, and in three at least. The
        other half may be a slot with a name or a number, which two rows can share by chance.
        """
        halves = _runs(masked(shingle).split(" "), self._half)
        return any(half in self._templates for half in halves)

    @cached_property
    def carriers(self) -> set[str]:
        """Masked shingles in the question text of more than half of the rows, three at least.

        A passage to be read is never one, however many questions are asked about it.
        """
        texts = [words_of(question.question) for question in self.questions]
        limit = max(_TEMPLATE_LEAST, _CARRIER_SHARE * len(texts))
        return _frequent(texts, self.words, limit)

    @cached_property
    def texts(self) -> list[tuple[int, frozenset[str]]]:
        """Row and shingles of every text that is a question by itself.

        Each row gives its whole text, and its question without the context if that is a shingle
        long. Words that more than five different questions ask (of other contexts, with other
        options, about other grids) are no question by themselves: they are left out, and of those
        with a context the context remains.
        """
        wholes = [tuple(stream) for stream in self._streams]
        alone = [tuple(words_of(row.question)) if row.context else () for row in self.questions]
        keys = [row[-1] for row in self.keys]
        asked = Counter(
            text for text, _ in {*zip(wholes, keys, strict=True), *zip(alone, keys, strict=True)}
        )
        found = []
        for row, (whole, own) in enumerate(zip(wholes, alone, strict=True)):
            runs = frozenset(_runs(whole, self.words))
            own_runs = frozenset(_runs(own, self.words)) & runs
            if asked[own] > _COMMON_ROWS:
                runs -= own_runs
            elif own_runs:
                found.append((row, own_runs))
            if asked[whole] <= _COMMON_ROWS:
                found.append((row, runs))
        return found

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Shingle to the positions in ``texts`` that hold it."""
        found: dict[str, list[int]] = {}
        for position, (_, runs) in enumerate(self.texts):
            for run in runs:
                found.setdefault(run, []).append(position)
        return found

    @cached_property
    def _common(self) -> set[str]:
        return _frequent(self._streams, self.words, _COMMON_ROWS)

    @cached_property
    def _templates(self) -> set[str]:
        limit = max(_TEMPLATE_LEAST, _TEMPLATE_SHARE * len(self._streams))
        return _frequent(self._streams, self._half, limit)


class Containment:
    """How much of every question of a dataset a text holds.

    Args:
        target: The questions.
        carriers: Masked shingles that count neither as held nor as missing. Of a question that is
            mostly carrier too little is left to tell it from others: its share is 0.
    """

    def __init__(self, target: Shingled, carriers: Collection[str]) -> None:
        self._target = target
        self._carriers = carriers
        self._rows = np.array([row for row, _ in target.texts], dtype=np.intp)
        self._sizes = np.array([self._size(runs) for _, runs in target.texts], dtype=float)
        self._places: dict[str, np.ndarray] = {}
        self._last: tuple[tuple[str, ...], np.ndarray] | None = None

    def shares(self, shingles: Iterable[str]) -> np.ndarray:
        """Return the share of each question's shingles that are among the given ones.

        Args:
            shingles: Different shingles.

        Returns:
            One share in [0, 1] for each row of the target; of a question and the question with its
            context the larger one.
        """
        held = tuple(run for run in self._own(shingles) if run in self._target.places)
        # Rows of one template mostly share the same runs with the target: no second look-up.
        if self._last is None or self._last[0] != held:
            self._last = (held, self._shares(held))
        return self._last[1]

    def _shares(self, held: Sequence[str]) -> np.ndarray:
        shares = np.zeros(len(self._target.questions))
        if held:
            counts = np.bincount(np.concatenate([self._found(run) for run in held]))
            hit = np.flatnonzero(counts)
            np.maximum.at(shares, self._rows[hit], counts[hit] / self._sizes[hit])
        return shares

    def _size(self, shingles: Collection[str]) -> float:
        own = len(self._own(shingles))
        return own if 2 * own >= len(shingles) else math.inf

    def _own(self, shingles: Iterable[str]) -> list[str]:
        if not self._carriers:
            return list(shingles)
        return [run for run in shingles if masked(run) not in self._carriers]

    def _found(self, run: str) -> np.ndarray:
        if run not in self._places:
            self._places[run] = np.array(self._target.places[run], dtype=np.intp)
        return self._places[run]


def masked(text: str) -> str:
    """Return a text with the same sign for every number."""
    return _NUMBER.sub("#", text)


def _runs(stream: Sequence[str], length: int) -> Iterator[str]:
    """Yield all runs of ``length`` words, or the whole text where it is shorter."""
    if stream:
        for start in range(max(1, len(stream) - length + 1)):
            yield " ".join(stream[start : start + length])


def _frequent(streams: Iterable[Sequence[str]], length: int, limit: float) -> set[str]:
    """Return the masked runs that stand in more than ``limit`` rows."""
    rows: Counter[str] = Counter()
    for stream in streams:
        rows.update(set(_runs([masked(word) for word in stream], length)))
    return {run for run, count in rows.items() if count > limit}


def _first_rows(keys: Iterable[Iterable[str]]) -> dict[str, int]:
    first: dict[str, int] = {}
    for row, own in enumerate(keys):
        for key in own:
            first.setdefault(key, row)
    return first
