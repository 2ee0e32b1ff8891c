"""Normal forms of short texts, after the evaluation script of SQuAD (arXiv 1606.05250)."""

import re
import unicodedata

from calibrant.grading.latex import superscripts
from calibrant.grading.number_context import NUMBER_WORDS

_DIGITS = {word: str(value) for word, value in NUMBER_WORDS.items()}
# The letter A with a sign behind it ("A) bank", "A - bank") or nothing ("vitamin A") is no article.
_ARTICLE = re.compile(r"(?<!\w)(?:(?:an|the)(?!\w)|a(?=\s+[\"'\u201c\u2018(]*\w))", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PERCENT = re.compile(r"%|\b(?:percent|per\s+cent)\b", re.IGNORECASE)
_KEPT = re.compile(
    r"(?<=\d)\.(?=\d)|(?<![\w.])\.(?=\d)"  # 1.5, .5
    r"|(?<![\w)])-(?=\.?\d)"  # -5
    r"|(?<=\d)/(?=\d)|(?<=\w)\^(?=[-+]?\d)|[#%]"  # 1/2, x^2, C#, 5%
)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\D(?=\d)")
_VULGAR_FRACTION = re.compile("[\u00bc-\u00be\u2150-\u215e]")
_SIGNS = str.maketrans(
    {**dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"), "\u2044": "/", "\uff05": "%"}
)


def words(text: str, joiner: str = " ", fold_case: bool = True) -> tuple[str, ...]:
    """Return the words of ``text`` in normal form.

    Case is folded, Latin letters lose their accents, the articles a, an, the are dropped unless
    nothing else is there, and the numbers zero to twenty become digits. Punctuation is replaced by
    ``joiner``. Unlike SQuAD's script this keeps ``+ < = > # %``, superscripts as ``^2``, the point
    and the sign of a number and the stroke of a fraction, and splits at other signs between
    digits: ``1.5`` and ``3,5`` are not ``15`` and ``35``. Marks of other scripts stay, since they
    make other letters.

    Args:
        text: The text.
        joiner: ``" "`` splits ``Jean-Paul`` in two; ``""`` makes ``U.S.`` into ``us``, as SQuAD
            does.
        fold_case: Whether upper and lower case are the same.
    """
    text = _VULGAR_FRACTION.sub(r" \g<0>", superscripts(text))
    text = _without_accents(unicodedata.normalize("NFKD", text)).translate(_SIGNS)
    text = _PERCENT.sub(" % ", _THOUSANDS.sub("", text.casefold() if fold_case else text))
    tokens = _without_punctuation(_ARTICLE.sub(" ", text), joiner).split()
    tokens = tokens or _without_punctuation(text, joiner).split()
    return tuple(_DIGITS.get(token.lower(), token) for token in tokens)


def _without_punctuation(text: str, joiner: str) -> str:
    kept = {match.start() for match in _KEPT.finditer(text)}
    between_digits = {match.start() for match in _BETWEEN_DIGITS.finditer(text)}
    return "".join(
        char
        if index in kept or not _is_punctuation(char)
        else (" " if index in between_digits else joiner)
        for index, char in enumerate(text)
    )


def _without_accents(decomposed: str) -> str:
    characters: list[str] = []
    base = ""
    for char in decomposed:
        if not unicodedata.combining(char):
            base = char
        elif base and unicodedata.name(base, "").startswith("LATIN"):
            continue
        characters.append(char)
    return "".join(characters)


def _is_punctuation(char: str) -> bool:
    # These are symbols in Unicode, but SQuAD drops them.
    return char in "$^`|~" or unicodedata.category(char).startswith("P")
