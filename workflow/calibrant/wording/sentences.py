"""Splitting an English answer into sentences by rule."""

import re

from calibrant.wording.openings import lead_in
from calibrant.wording.word_lists import opens_sentences, word_list

_OPEN = r"[\"'\u201c\u2018(\[]*"
_CLOSE = r"[\"'\u201d\u2019)\]]*"
_END = re.compile(rf"([.!?\u2026]+)({_CLOSE})\s+(?={_OPEN}[A-Z0-9$\u00a3\u20ac\u00c0-\u00de])")
_LAST_WORD = re.compile(r"[\w.'\u2019-]*\Z")
_FIRST_WORD = re.compile(rf"{_OPEN}(\w+)")
_LIST_NUMBER = re.compile(r"[ \t]*\(?[0-9]{1,3}")
_INITIALS = re.compile(r"(?:[a-z]\.)*[a-z]")


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, in order, without the white space around them.

    A line break ends a sentence. A full stop does not end one after a title ("Dr."), an initial
    ("J. Smith"), inside a number ("3.5") or behind the number of a list item ("1."); after
    abbreviations that can stand last ("U.S.", "Inc.") it does if a word follows that often begins a
    sentence. All characters but white space are kept.
    """
    found = []
    for line in text.splitlines():
        start = 0
        for match in _END.finditer(line):
            before, after = line[start : match.start()], line[match.end() :]
            if match.group(1) != "." or match.group(2) or _ends(before, after):
                found.append(line[start : match.end()].strip())
                start = match.end()
        found.append(line[start:].strip())
    return [sentence for sentence in found if sentence]


def _ends(before: str, after: str) -> bool:
    """Return whether a full stop between the two ends a sentence."""
    if _LIST_NUMBER.fullmatch(before):
        return False
    last = _LAST_WORD.search(before)
    word = last.group().strip("'\u2019-") if last else ""
    small = word.lower()
    if small in word_list("titles"):
        return False
    if small in word_list("before_numbers"):
        return not after[:1].isdigit()
    if word != "I" and (small in word_list("may_end") or _INITIALS.fullmatch(small)):
        first = _FIRST_WORD.match(after)
        tied = lead_in().match(after)
        return bool(first and opens_sentences(first.group(1))) or bool(tied and tied.end())
    return True
