"""How a sentence opens: what stands before a hedge, and what becomes of the first capital."""

import re
from functools import cache

from calibrant.wording.word_lists import opens_sentences, word_list

_PHRASES = (
    "in addition",
    "in contrast",
    "in short",
    "in summary",
    "in general",
    "in particular",
    "for example",
    "for instance",
    "on the other hand",
    "as a result",
    "by contrast",
    "in fact",
)
LIST_MARK = r"(?:(?:[-*\u2022\u2013]|\(?[0-9]{1,3}[.)])[ \t]+)"
_FIRST_WORDS = re.compile(r"([A-Z][a-z]*)(?=[\s,])(?:,?\s+(\S+))?")
_AROUND = ".,;:!?'\"()\u201c\u201d\u2018\u2019"


@cache
def marker_pattern() -> str:
    """Return a pattern of what ties a sentence to the last one, with its comma ("However, ")."""
    words = "|".join(
        f"{word[0].upper()}{re.escape(word[1:])}"
        for word in (*_PHRASES, *sorted(word_list("markers")))
    )
    return rf"(?:(?:{words}),\s+)"


@cache
def lead_in() -> re.Pattern[str]:
    """Return a pattern of what a hedge stands behind; it matches nothing where there is none.

    The mark of a list item, then a word that ties the sentence to the last one.
    """
    return re.compile(rf"{LIST_MARK}?{marker_pattern()}?")


def takes_clause(sentence: str) -> bool:
    """Return whether a sentence can follow "that": no question, answer, request or fragment."""
    words = re.findall(r"[\w'\u2019.-]+", sentence)
    if len(words) <= 3 or sentence.rstrip(_AROUND.replace("?", "")).endswith("?"):
        return False
    first = words[0].lower().replace("\u2019", "'").strip("'.-")
    if first == "no":
        # "No, it is not" answers; "No patient died" claims.
        return not re.match(r"\W*no\s*[,.;:!]", sentence, re.IGNORECASE)
    return first not in word_list("no_clause")


def lowered(sentence: str) -> str:
    """Return the sentence with a small first letter if its first word is surely no name.

    Names, acronyms, ``I``, numbers, quotes and every unknown word stay as they are. Before another
    capital ("A Farewell to Arms", "Snow White") a word stays too, unless it is a preposition or the
    like; "the" becomes small there as well, as English writes it before most names.
    """
    match = _FIRST_WORDS.match(sentence)
    if not match or not opens_sentences(match.group(1)):
        return sentence
    word, following = match.group(1).lower(), (match.group(2) or "").strip(_AROUND)
    acronym = len(following) > 1 and following.isupper()
    if following[:1].isupper() and following != "I" and not acronym:
        if word == "the" and following in word_list("with_article"):
            return sentence
        if word != "the" and word not in word_list("before_names"):
            return sentence
    return sentence[0].lower() + sentence[1:]
