"""Features that compare an answer with its references."""

import re

from calibrant.grading.numerals import read_number
from calibrant.judging.answer_signs import NEGATIVE, yes_or_no
from calibrant.judging.prepared_text import PreparedCase, Text
from calibrant.judging.text_overlap import (
    closest,
    common_subsequence,
    find,
    gram_overlap,
    letter_pairs,
    overlap,
)

_PER_REFERENCE = (
    ("exact", 1),  # the same words
    ("reference_in_answer", 1),  # all words of the reference stand in the answer, in one run
    ("reference_in_opening", 1),  # the same of the first sentence
    (
        "squeezed_in_answer",
        1,
    ),  # the same without spaces, for references of four characters and more
    ("answer_in_reference", 0),  # all words of the answer stand in the reference, in one run
    ("recall", 1),  # share of the reference's stems in the answer
    ("precision", 1),  # share of the answer's stems in the reference
    ("f1", 1),  # harmonic mean of the two
    ("opening_f1", 1),  # the same of the first sentence
    ("news_recall", 1),  # share of the reference's content that the question lacks in the answer
    ("news_f1", 1),  # F1 of the content of both sides that the question lacks
    ("fuzzy_recall", 1),  # mean over news of the similarity to the closest word of the answer
    ("in_order", 1),  # longest common subsequence, share of the reference
    ("character_recall", 1),  # share of the reference's runs of 3 characters in the answer
    ("character_dice", 1),  # Dice coefficient of these runs
    ("first_word", 1),  # the first word of the reference stands in the answer
    ("last_word", 1),  # the last one does: the family name of a person, the year of a date
    ("initials", 1),  # one side abbreviates the other: UN, United Nations
    ("number_recall", 1),  # share of the reference's numbers in the answer
    ("same_number", 1),  # both state one number, the same
    ("unmatched_news", -1),  # share of the answer's news that the reference lacks
)
_ACROSS = (
    ("news_precision", 1),  # share of the answer's news in any reference
    ("mean_news_recall", 1),  # mean over references
    ("mean_dice", 1),  # mean over references
    ("match_place", -1),  # place of the first news of any reference, share of the answer; 1 none
    ("number_conflict", -1),  # references give numbers, the answer others, none of theirs
    ("number_absent", -1),  # references give numbers, the answer none
    ("denied", 0),  # share of references with a denial
    ("denial_differs", -1),  # the answer denies and the closest reference does not, or the reverse
    ("denied_match", -1),  # a denial within four words before the first news of a reference
    ("yes_no_agrees", 1),  # 1 both begin with the same of yes and no, -1 with the opposite, else 0
)
MATCH_FEATURES: tuple[tuple[str, int], ...] = _PER_REFERENCE + _ACROSS
"""Name of every feature, and its sign: 1 speaks for an answer, -1 against it, 0 either way."""

_NAMES = [name for name, _ in _PER_REFERENCE]
_F1, _NEWS, _DICE = map(_NAMES.index, ("f1", "news_recall", "character_dice"))
_MOST_SOUGHT = 20
_SHORT = 200
_LETTER = re.compile(r"[^\W\d_]")


def match_features(case: PreparedCase) -> list[float]:
    """Return ``MATCH_FEATURES`` of a case, all in [-1, 1]; the best reference counts unless said."""
    table = [_against(case, reference) for reference in case.references]
    if not table:
        return [0.0] * len(MATCH_FEATURES)
    best = [max(column) for column in zip(*table, strict=True)]
    best[-1] = min(row[-1] for row in table)
    closest_one = case.references[max(range(len(table)), key=lambda at: table[at][_F1])]
    means = [sum(row[at] for row in table) / len(table) for at in (_NEWS, _DICE)]
    return [*best, *_across(case, means, closest_one)]


def _against(case: PreparedCase, reference: Text) -> list[float]:
    answer, opening = case.answer, case.opening
    recall, precision, f1 = overlap(reference.stems, answer.stems)
    news, answer_news = _news(reference, case.question), _news(answer, case.question)
    shared = len(news & answer_news)
    order = common_subsequence(reference.stems, answer.stems)
    runs = gram_overlap(reference.runs, answer.runs)
    numbers = len(reference.numbers & answer.numbers) / max(len(reference.numbers), 1)
    squeezed = len(reference.squeezed) >= 4 and reference.squeezed in answer.squeezed
    return [
        float(reference.words == answer.words),
        float(find(reference.words, answer.words) >= 0),
        float(find(reference.words, opening.words) >= 0),
        float(squeezed),
        float(find(answer.words, reference.words) >= 0),
        recall,
        precision,
        f1,
        overlap(reference.stems, opening.stems)[2],
        shared / max(len(news), 1),
        2 * shared / max(len(news) + len(answer_news), 1),
        _fuzzy(news, answer),
        order / max(len(reference.stems), 1),
        *runs,
        float(reference.words[:1] != () and reference.words[0] in answer.words),
        float(reference.words[-1:] != () and reference.words[-1] in answer.words),
        float(_abbreviates(reference, answer) or _abbreviates(answer, reference)),
        numbers,
        _same_number(reference, opening),
        1 - shared / max(len(answer_news), 1),
    ]


def _news(text: Text, question: Text) -> frozenset[str]:
    """Return the content that ``text`` adds to the question, or all of it where it adds nothing."""
    return text.content - question.content or text.content


def _fuzzy(sought: frozenset[str], answer: Text) -> float:
    pairs = [letter_pairs(word) for word in answer.content]
    found = [
        1.0 if word in answer.content else closest(word, pairs)
        for word in sorted(sought)[:_MOST_SOUGHT]
    ]
    return sum(found) / max(len(found), 1)


def _abbreviates(short: Text, long: Text) -> bool:
    """Return whether the one word of ``short`` is made of the initials of words of ``long``."""
    if not 2 <= len(short.squeezed) <= 6 or not _LETTER.match(short.squeezed):
        return False
    initials = "".join(word[:1] for word in long.words)
    return len(long.words) > 1 and short.squeezed in initials


def _same_number(reference: Text, opening: Text) -> float:
    if not reference.numbers or not opening.numbers:
        return 0.0
    first, second = read_number(reference.raw[:_SHORT]), read_number(opening.raw[:_SHORT])
    same = first.value == second.value and first.unit == second.unit
    return float(first.value is not None and same)


def _across(case: PreparedCase, means: list[float], nearest: Text) -> list[float]:
    references, answer = case.references, case.answer
    known = frozenset[str]().union(*(reference.content for reference in references))
    news = _news(answer, case.question)
    sought = known - case.question.content or known
    place = next((at for at, root in enumerate(answer.stems) if root in sought), -1)
    numbers = frozenset[str]().union(*(reference.numbers for reference in references))
    others = answer.numbers - case.question.numbers
    absent = bool(numbers) and not numbers & answer.numbers
    denials = [bool(NEGATIVE.search(reference.raw)) for reference in references]
    stance = bool(NEGATIVE.search(case.opening.raw))
    before = " ".join(answer.words[max(place - 4, 0) : max(place, 0)])
    sides = [yes_or_no(reference.raw) for reference in references]
    own = yes_or_no(answer.raw)
    return [
        len(news & known) / max(len(news), 1),
        *means,
        place / len(answer.stems) if place >= 0 else 1.0,
        float(absent and bool(others)),
        float(absent and not others),
        sum(denials) / len(denials),
        float(stance != bool(NEGATIVE.search(nearest.raw))),
        float(bool(NEGATIVE.search(before))),
        float(own != 0 and own in sides) - float(own != 0 and -own in sides and own not in sides),
    ]
