"""The answer as a judge may see it: no stated confidence, no reasoning, no tags.

A judge that sees how sure the author is, or how it argues, judges that instead of the answer.
"""

from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.scales import SCALES, Scale
from calibrant.judging.markup import with_plain_tags, without_invisible, without_markup
from calibrant.judging.stated_confidence import without_stated_confidence

_MOST_PASSES = 8
# Decides nothing but how repeated answers are read: different ones are no answer.
_STRICT = SCALES["unit"]


def answer_view(
    completion_text: str, scale: Scale | None, finish_reason: str = "stop"
) -> str | None:
    """Return what a judge may see of a completion in the project's format, or None for no answer.

    The answer is found by the rules of ``elicitation.parse``, but with every spelling of a tag
    (attributes, ``&lt;``, full-width brackets) counting as the tag: reasoning stays hidden however
    it was marked. So there are texts whose answer is graded but never shown to a judge.

    Args:
        completion_text: All that the model wrote.
        scale: How its confidence is written; with None repeated answers must be equal.
        finish_reason: ``length`` if the text was cut at the token limit.

    Returns:
        The answer, never empty, or None if there is none or it was only a confidence.
    """
    text = with_plain_tags(without_invisible(completion_text))
    answer = parse_completion(text, scale or _STRICT, finish_reason).answer
    return (clean_answer(answer) or None) if answer else None


def clean_answer(text: str) -> str:
    """Return a text that is an answer already, without what a judge may not see.

    Takes time in proportion to the text. A text without tags, control characters and stated
    confidence is returned as it is, without the white space around it.

    Args:
        text: An answer in free words, such as one of a set of human verdicts.

    Returns:
        The answer; empty if nothing remains, or if what is to be removed is wrapped into itself more
        than eight times, which only a text made to deceive does.
    """
    text = without_invisible(text).strip()
    for _ in range(_MOST_PASSES):
        cleaner = without_stated_confidence(without_markup(text)).strip()
        if cleaner == text:
            return text
        text = cleaner
    return ""
