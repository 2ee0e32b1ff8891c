"""Grading a short text: a name, a date, a few words."""

from calibrant.grading.normalise import words
from calibrant.grading.stated import stated_answer
from calibrant.grading.verdict import Grade
from calibrant.rows import Question

GRADER = "short_text"


def grade_short_text(answer: str, question: Question) -> Grade:
    """Return whether ``answer`` is one of the references, word for word in normal form.

    The normal form is that of ``normalise.words``, tried with punctuation left out (``U.S.`` is
    ``US``) and with punctuation as a space (``Jean-Paul`` is ``Jean Paul``). The words "the answer
    is" before the answer are passed over.

    An answer that contains a reference with other words around it is wrong: ``the Eiffel Tower in
    Paris`` against ``Paris`` shows that containment says nothing. Where such answers matter, use
    the answer type ``open`` and a judge.

    Returns:
        Correct, wrong, or ungraded with ``ambiguous`` ("The answer is not Paris" is wrong, but "I
        doubt the answer is Paris" says nothing) or ``unreadable_reference``.
    """
    references = {form for reference in question.references for form in _forms(reference)}
    if not references:
        return Grade.ungraded("unreadable_reference", GRADER)
    stated = stated_answer(answer)
    if stated is None:
        return Grade.ungraded("ambiguous", GRADER)
    given = _forms(answer) | _forms(stated)
    return Grade.decided(not given.isdisjoint(references), GRADER)


def _forms(text: str) -> set[str]:
    forms = {" ".join(words(text, joiner)) for joiner in (" ", "")} - {""}
    # A text of punctuation only, such as the name of the band "!!!", stands for itself.
    return forms or ({text.strip()} - {""})
