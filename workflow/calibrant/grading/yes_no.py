"""Grading yes or no, and yes, no or maybe."""

import re

from calibrant.grading.latex import boxed
from calibrant.grading.stated import stated_answer
from calibrant.grading.verdict import Grade
from calibrant.rows import Question

_MEANINGS = {
    "yes": re.compile(r"\b(?:yes|true)\b"),
    "no": re.compile(r"\b(?:no|false)\b"),
    "maybe": re.compile(
        r"\b(?:maybe|perhaps|(?:it )?depends|uncertain|unknown|unclear|inconclusive"
        r"|can(?:not|'t) (?:say|tell|be (?:said|told|determined)))\b"
    ),
}
_ALLOWED = {"yes_no": {"yes", "no"}, "yes_no_maybe": {"yes", "no", "maybe"}}
# Here "no" does not say no.
_IDIOM = re.compile(r"\bno (?:doubt|question|idea|one|answer|information|way to)\b")
_BOTH = re.compile(
    r"\W*(?:(?:yes|true) ?(?:and|or|/) ?(?:no|false)|(?:no|false) ?(?:and|or|/) ?(?:yes|true))\b"
)
_NEGATED = re.compile(r"(?:\b(?:not|neither|nor)|n't)\b[\w ]{0,20}\b(?:yes|no|true|false)\b")


def grade_yes_no(answer: str, question: Question) -> Grade:
    """Return whether ``answer`` says what a reference says.

    The question's answer type, ``yes_no`` or ``yes_no_maybe``, says what may be answered. True
    and false count as yes and no; maybe, perhaps, it depends, uncertain, unknown, unclear,
    inconclusive and "cannot be determined" count as maybe, and only where maybe is allowed.

    The first words decide: ``No, although some say yes`` is no. Otherwise one of the meanings must
    occur as a whole word and no other. ``Yes and no``, and a negated word (``not true``) that does
    not come first, are ambiguous.

    Returns:
        Correct, wrong, or ungraded with ``ambiguous``, ``not_an_option`` or
        ``unreadable_reference``.
    """
    grader = question.answer_type
    allowed = _ALLOWED[grader]
    stated = _read(answer, allowed)
    if stated not in allowed:
        return Grade.ungraded(stated, grader)
    references = {_read(reference, allowed) for reference in question.references} & allowed
    if not references:
        return Grade.ungraded("unreadable_reference", grader)
    return Grade.decided(stated in references, grader)


def _read(answer: str, allowed: set[str]) -> str:
    """Return ``yes``, ``no``, ``maybe`` or the reason why none of those allowed was read."""
    text = " ".join(stated_answer(boxed(answer)).casefold().replace("\u2019", "'").split())
    text = _IDIOM.sub(" ", text)
    if _BOTH.match(text):
        return "ambiguous"
    start = re.match(r"\W*", text)
    position = start.end() if start else 0
    for meaning in allowed:
        if _MEANINGS[meaning].match(text, position):
            return meaning
    if _NEGATED.search(text):
        return "ambiguous"
    found = [meaning for meaning, pattern in _MEANINGS.items() if pattern.search(text)]
    if len(found) > 1:
        return "ambiguous"
    return found[0] if found and found[0] in allowed else "not_an_option"
