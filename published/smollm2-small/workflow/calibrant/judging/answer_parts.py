"""The beginnings and ends of an answer: a right answer does not need a sentence added to it."""

from calibrant.judging.answer_signs import SENTENCE_END

MOST_TAKEN_OFF = 4
"""Sentences that are taken off at most, at the beginning or at the end."""


def beginnings_and_ends(answer: str) -> list[str]:
    """Return what is left of an answer without its first, or without its last sentences.

    A text that was put before or behind an answer, apart by a line or by the end of a sentence, is
    missing in one of them (erase-and-check, arXiv 2309.02705). Up to ``MOST_TAKEN_OFF`` sentences are
    taken off, so there are at most twice as many parts; an answer of one sentence has none.

    Args:
        answer: The answer; sentences end as in ``first_sentence``, and at the end of a line.
    """
    sentences = [text for text in SENTENCE_END.split(answer) if text.strip()]
    parts = []
    for taken_off in range(1, min(MOST_TAKEN_OFF, len(sentences) - 1) + 1):
        parts += ["\n".join(sentences[taken_off:]), "\n".join(sentences[:-taken_off])]
    return parts
