"""Whether a rewritten answer still makes the claims of the original, by rule."""

import re
from collections import Counter
from typing import Literal

from calibrant.wording.hedges import points
from calibrant.wording.openings import lead_in
from calibrant.wording.rewrite import APART, opening_pattern
from calibrant.wording.word_lists import opens_sentences

# A sign counts only before a number that no word or bracket precedes: "5-6" is a range.
_TOKEN = re.compile(
    r"(?:(?<![\w)])[-+\u2212])?[0-9]+(?:[.,:/][0-9]+)*[A-Za-z]*"
    r"|\w+(?:['.&-]\w+)*"
    r"|[%$\u20ac\u00a3\u00b0\u00b1<>=\u2264\u2265\u00d7\u00f7\u00a7]"
)
# Negations, modals and prepositions are no such words: each of them can turn a claim round.
_FUNCTION_WORDS = frozenset({"a", "an", "the", "that", "and"})

KindLost = Literal["numbers", "names", "claims"]


def claims_preserved(before: str, after: str) -> bool:
    """Return whether ``after`` says what ``before`` says, hedges that open its sentences apart.

    All numbers, names, negations and words but the commonest (a, an, the, that, and) must be there
    in the same order, and none may be added: a new "not", number or name is a new claim. A capital
    may be lost only by a word that is no name (``openings.lowered``). A change of order, tense or
    synonym counts as a lost claim, so the check refuses some rewritings that a reader would accept;
    it cannot see a change of meaning that leaves all words in place, such as punctuation.
    """
    original = claim_words(before)
    return _same(original, claim_words(unhedged(after))) or _same(original, claim_words(after))


def kind_lost(before: str, after: str) -> KindLost:
    """Return what a text that ``claims_preserved`` refuses did not keep.

    ``numbers`` if its numbers and signs are not the same in the same order; else ``names`` if it
    lacks a word with a capital, but for those that merely begin a sentence; else ``claims``.
    """
    old, new = claim_words(before), claim_words(unhedged(after))
    if _numbers(old) != _numbers(new):
        return "numbers"
    names = Counter(word for word in old if word[0].isupper() and not _may_be_small(word))
    return "names" if names - Counter(new) else "claims"


def claim_words(text: str) -> list[str]:
    """Return the words, numbers and signs of a text that carry its claims, in order."""
    tokens = _TOKEN.findall(text.replace("\u2019", "'"))
    return [token for token in tokens if token.lower() not in _FUNCTION_WORDS]


def unhedged(after: str) -> str:
    """Return the text without the hedges that open its sentences."""
    plain = after.replace("\u2019", "'")
    pieces, position = [], 0
    for match in opening_pattern().finditer(plain):
        pieces.append(plain[position : match.start("hedge")])
        position = match.end()
        if plain.startswith(f" {APART}", position):
            position += 1 + len(APART)
    return "".join([*pieces, plain[position:]])


def _numbers(words: list[str]) -> list[str]:
    return [word for word in words if any(sign.isdigit() for sign in word) or not word[0].isalnum()]


def _same(before: list[str], after: list[str]) -> bool:
    return len(before) == len(after) and all(
        old == new or (old.lower() == new and _may_be_small(old))
        for old, new in zip(before, after, strict=True)
    )


def _may_be_small(word: str) -> bool:
    tied = lead_in().match(f"{word}, ")
    opens_hedge = any(phrase.split()[0] == word.lower() for phrase in points())
    return opens_sentences(word) or opens_hedge or bool(tied and tied.end())
