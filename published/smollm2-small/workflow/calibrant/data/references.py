"""What can be an accepted answer of each answer type."""

import re

from calibrant.rows import AnswerType

_YES_NO = {"yes": "yes", "no": "no", "true": "yes", "false": "no"}


def as_reference(answer: str, answer_type: AnswerType) -> str | None:
    """Return ``answer`` as a reference of this type, or None if it clearly is not one.

    A reference that no grader can read would make every answer to its question ungraded, which is
    better said where the data comes from.

    Args:
        answer: An answer as its source writes it, without space at the ends.
        answer_type: ``yes_no`` and ``yes_no_maybe`` become lower-case words, and true and false
            become yes and no; ``number`` must hold a digit; other types are taken as they are.
            ``choice`` needs the options and is not for this function.
    """
    if not answer:
        return None
    if answer_type in ("yes_no", "yes_no_maybe"):
        word = answer.lower()
        if word == "maybe" and answer_type == "yes_no_maybe":
            return word
        return _YES_NO.get(word)
    if answer_type == "number" and not re.search(r"\d", answer):
        return None
    return answer
