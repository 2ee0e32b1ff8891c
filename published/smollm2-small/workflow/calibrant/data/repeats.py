"""Rows of a source that ask the same thing twice.

Preparation drops rows with the very same text. This also finds those that differ in case or in
punctuation, which a source usually got by merging lists.
"""

from collections import Counter
from collections.abc import Sequence

from calibrant.data.prepare import CLASHING, REPEATED
from calibrant.data.raw import RawQuestion
from calibrant.data.shingles import words_of
from calibrant.rows import OPTION_LETTERS


def drop_repeats(questions: Sequence[RawQuestion], dropped: Counter[str]) -> list[RawQuestion]:
    """Keep one row of each question, the first, in the order given.

    Rows are the same where the words of question, context and options (in any order) are. If such
    rows have no accepted answer in common, none is right beyond doubt and all are dropped. Rows of
    different parts are left to the overlap check, which knows which part must stay whole.

    Args:
        questions: Rows of one source.
        dropped: Reason to number of rows left out; added to.
    """
    same: dict[tuple[str, ...], list[RawQuestion]] = {}
    for row in questions:
        same.setdefault(_key(row), []).append(row)
    kept = []
    for rows in same.values():
        if not frozenset.intersection(*map(_accepted, rows)):
            dropped[CLASHING] += len(rows)
            continue
        kept.append(rows[0])
        if len(rows) > 1:
            dropped[REPEATED] += len(rows) - 1
    return kept


def _plain(text: str) -> str:
    # A text of signs alone has no words; it stands for itself.
    return " ".join(words_of(text)) or text.strip()


def _key(row: RawQuestion) -> tuple[str, ...]:
    texts = (row.question, row.context or "")
    return (row.part, *map(_plain, texts), *sorted(map(_plain, row.options)))


def _accepted(row: RawQuestion) -> frozenset[str]:
    if row.answer_type != "choice":
        return frozenset(map(_plain, row.references))
    return frozenset(_plain(row.options[OPTION_LETTERS.index(x)]) for x in row.references)
