"""Grading yes or no, and yes, no or maybe."""

import re

from calibrant.grading.negation import NEGATION, RETRACTION
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
_IDIOM = re.compile(
    r"\bno (?:doubt|question|idea|answer|information|wonder|problem|one|way to)\b|\bno\.? ?\d"
)
_YES, _NO = "(?:yes|true)", "(?:no|false)"
# Nothing between the two but signs and small words.
_BOTH = re.compile(
    r"\W*(?:{0}{2}{1}|{1}{2}{0})\b".format(
        _YES, _NO, r"\b(?:\W|\b(?:and|or|but|also|wait|well|actually|rather|maybe|perhaps)\b)*\b"
    )
)
# The word itself is spoken about: "Yes is wrong", "'true' cannot be right".
_SPOKEN_ABOUT = re.compile(
    rf"\W*(?:{_YES}|{_NO})[\"'*)\]]* (?:(?:is|was|seems|would|could|can|might|may|must|as)\b|\w+n't)"
)


def grade_yes_no(answer: str, question: Question) -> Grade:
    """Return whether ``answer`` says what a reference says.

    The question's answer type, ``yes_no`` or ``yes_no_maybe``, says what may be answered. True
    and false count as yes and no; maybe, perhaps, it depends, uncertain, unknown, unclear,
    inconclusive and "cannot be determined" count as maybe, and only where maybe is allowed.

    The first words decide: ``No, although some say yes`` is no. Otherwise one of the meanings must
    occur as a whole word and no other. Ambiguous are ``yes and no`` and any other two meanings
    that follow each other, a first word that is taken back (``Yes. Wait, no``) or denied (``Yes is
    wrong``), and a negation in a text that does not begin with yes or no (``hardly true``).

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
    stated = stated_answer(answer)
    if stated is None:
        return "ambiguous"
    text = " ".join(stated.casefold().replace("\u2019", "'").split())
    negated = NEGATION.search(text)
    text = _IDIOM.sub(" ", text).strip()
    if _BOTH.match(text) or (negated and _SPOKEN_ABOUT.match(text)):
        return "ambiguous"
    found = [meaning for meaning, pattern in _MEANINGS.items() if pattern.search(text)]
    if len(found) > 1 and RETRACTION.search(text):
        return "ambiguous"
    start = re.match(r"\W*", text)
    position = start.end() if start else 0
    for meaning in allowed:
        if _MEANINGS[meaning].match(text, position):
            return meaning
    if len(found) > 1 or (negated and found != ["maybe"] and found):
        return "ambiguous"
    return found[0] if found and found[0] in allowed else "not_an_option"
