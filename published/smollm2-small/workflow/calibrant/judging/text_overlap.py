"""How much two short texts share: words, their order, characters, numbers.

Every function takes words in normal form (``grading.normalise.words``) and runs in time linear in
the longer text for a text of bounded length on the other side.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

Words = Sequence[str]

_SUFFIXES = (
    "ically", "ations", "ation", "ingly", "edly", "ings", "ies", "ing", "ers", "ed", "er", "es", "ly",
    "al", "s", "y", "e",
)  # fmt: skip


def stem(word: str) -> str:
    """Return a word without one common English ending, at least three letters of it.

    A crude stem: ``banned`` and ``bans`` meet, and so do some unrelated words, which costs a
    feature less than a missed plural does.
    """
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            kept = word[: -len(suffix)]
            return kept[:-1] if len(kept) > 3 and kept[-1] == kept[-2] else kept
    return word


def overlap(reference: Words, answer: Words) -> tuple[float, float, float]:
    """Return recall, precision and F1 of the answer's words, as SQuAD counts them (1606.05250).

    Returns:
        Three numbers in [0, 1], all 0 where nothing is shared or a side is empty.
    """
    shared = sum((Counter(reference) & Counter(answer)).values())
    if not shared:
        return 0.0, 0.0, 0.0
    recall, precision = shared / len(reference), shared / len(answer)
    return recall, precision, 2 * recall * precision / (recall + precision)


def find(part: Words, whole: Words) -> int:
    """Return the position of the first run of words equal to ``part``, or -1."""
    # Words hold no space, so a run of words is a run of characters between spaces.
    text, sought = f" {' '.join(whole)} ", f" {' '.join(part)} "
    at = text.find(sought) if part else -1
    return -1 if at < 0 else text.count(" ", 0, at)


def common_subsequence(first: Words, second: Words) -> int:
    """Return the length of the longest common subsequence of two lists of words.

    One bit of an integer per word of ``first``, one step per word of ``second`` (Hyyrö 2004).
    """
    places: dict[str, int] = {}
    for index, word in enumerate(first):
        places[word] = places.get(word, 0) | 1 << index
    full = (1 << len(first)) - 1
    row = full
    for word in second:
        matched = row & places.get(word, 0)
        row = (row + matched | row - matched) & full
    return len(first) - row.bit_count()


def grams(text: str, size: int) -> Counter[str]:
    """Return the runs of ``size`` characters of a text with a space at each end."""
    padded = f" {text} "
    return Counter(padded[i : i + size] for i in range(len(padded) - size + 1))


def gram_overlap(first: Counter[str], second: Counter[str]) -> tuple[float, float]:
    """Return the share of ``first`` found in ``second``, and the Dice coefficient of the two."""
    small, large = sorted((first, second), key=len)
    shared = sum(min(count, large[gram]) for gram, count in small.items())
    sizes = first.total(), second.total()
    return shared / max(sizes[0], 1), 2 * shared / max(sum(sizes), 1)


def closest(word: str, others: Iterable[frozenset[str]]) -> float:
    """Return the highest Jaccard similarity of the letter pairs of a word to those of others.

    Args:
        word: The word, such as a name that may be misspelt.
        others: Letter pairs of other words, from ``letter_pairs``.
    """
    own = letter_pairs(word)
    return max((len(own & other) / len(own | other) for other in others), default=0.0)


@lru_cache(maxsize=50_000)
def letter_pairs(word: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters of a word, its ends marked."""
    padded = f"^{word}$"
    return frozenset(padded[i : i + 2] for i in range(len(padded) - 1))
