"""Normal forms of short texts, after the evaluation script of SQuAD (arXiv 1606.05250)."""

import re
import unicodedata

from calibrant.grading.numerals import NUMBER_WORDS

_ARTICLES = {"a", "an", "the"}
_DIGITS = {word: str(value) for word, value in NUMBER_WORDS.items()}
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_KEPT_POINT = re.compile(r"(?<=\d)\.(?=\d)|(?<![\w.])\.(?=\d)")
_KEPT_MINUS = re.compile(r"(?<![\w)])-(?=\.?\d)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\D(?=\d)")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))


def words(text: str, joiner: str = " ") -> tuple[str, ...]:
    """Return the words of ``text`` in normal form.

    Case is folded, letters are decomposed and lose their accents, the articles a, an, the are
    dropped unless nothing else is there, and the numbers zero to twenty become digits.
    Punctuation is replaced by ``joiner``. Unlike SQuAD's script this keeps ``+ < = >``, the point
    and the sign of a number, and splits at other signs between digits: ``1.5`` and ``3,5`` are not
    ``15`` and ``35``.

    Args:
        text: The text.
        joiner: ``" "`` splits ``Jean-Paul`` in two; ``""`` makes ``U.S.`` into ``us``, as SQuAD
            does.
    """
    folded = unicodedata.normalize("NFKD", text.translate(_DASHES)).casefold()
    folded = "".join(char for char in folded if not unicodedata.combining(char))
    folded = _THOUSANDS.sub("", folded)
    kept = {match.start() for match in _KEPT_POINT.finditer(folded)}
    kept |= {match.start() for match in _KEPT_MINUS.finditer(folded)}
    between_digits = {match.start() for match in _BETWEEN_DIGITS.finditer(folded)}
    characters = [
        char
        if index in kept or not _is_punctuation(char)
        else (" " if index in between_digits else joiner)
        for index, char in enumerate(folded)
    ]
    tokens = "".join(characters).split()
    content = [token for token in tokens if token not in _ARTICLES] or tokens
    return tuple(_DIGITS.get(token, token) for token in content)


def _is_punctuation(char: str) -> bool:
    # These are symbols in Unicode, but SQuAD drops them.
    return char in "$^`|~" or unicodedata.category(char).startswith("P")
