"""Grading the choice of one option.

An answer is read in three steps, and the first that finds something decides:

1. The whole answer is the text of one option (case, punctuation and articles aside), or a bare
   letter.
2. Letters: ``b.``, ``(B)``, ``B)``, ``C: bank``, ``C - bank``, ``Option C``, ``The answer is D``.
   A letter that may be a word (``A bank``, ``I think``) is none. Text beside the letter must name
   that option and no other, spelling slips aside: ``C) bank`` is ambiguous when bank is option A,
   and when it is no option at all. What follows ``because`` is not looked at.
3. The text of exactly one option occurs as whole words. Where an option is contained in another
   one (``machine`` in ``slot machine``) both occur, which is ambiguous.

Two different letters are ambiguous, unless the answer begins with one option in full and lists
others after it (``B) shelf and E) cabinet``): then the first one counts, so that naming more
options gains nothing. A negation (``not B``, ``B is wrong``) that is not part of the option's own
text is ambiguous in steps 2 and 3, and so is a retraction (``B) shelf. Wait, E) cabinet``). Options
with the same text are the same option.
"""

import re

from calibrant.grading.negation import RETRACTION
from calibrant.grading.options import Options
from calibrant.grading.stated import stated_answer
from calibrant.grading.verdict import Grade
from calibrant.rows import Question

GRADER = "choice"

_MARKUP = re.compile(r"\*\*|[`$]|\\(?:text|mathrm|textbf)\b")
_BARE = re.compile(r"[(\[{\"'\s]*([A-Za-z])[)\]}\"'.:,\s]*")
_LETTER = re.compile(
    r"(?<![\w'])\(?\s?(?P<bracket>[A-Za-z])\s?\)"
    r"|\b(?i:option|choice|letter)\s+\(?(?P<named>[A-Za-z])\b\)?"
    r"|\A\W*(?P<first>[A-Za-z])\s?(?:[.,\-\u2013\u2014](?=\S|\s)(?![A-Za-z]\.)|[:;/|>])"
    r"|\A[\[{\"'](?P<quoted>[A-Za-z])[\]}\"']"
    r"|\A\W*(?P<alone>[B-HJ-Z]|[A-Z](?=\s(?:is|because|since|as)\b))(?=\s)"
    r"|\b(?:is|be)\s+\(?(?P<last>[A-Z])\W*\Z"
)
_BARE_LIST = re.compile(r"\W*[A-Za-z](?:\W+(?:(?:and|or)\W+)?[A-Za-z]\b)+\W*")
_EXPLANATION = re.compile(r"\b(?:because|since|as)\b.*", re.IGNORECASE | re.DOTALL)
_FILLER = {"answer", "is", "option", "choice", "letter", "correct", "right", "best", "final"}
_FILLER |= {"i", "choose", "pick", "my", "would", "be", "1"}


def grade_choice(answer: str, question: Question) -> Grade:
    """Return whether ``answer`` picks the option of a reference, by the rules of this file.

    A reference is the letter of an option, or else the text of one.

    Returns:
        Correct, wrong, or ungraded with ``ambiguous``, ``not_an_option`` or
        ``unreadable_reference``.
    """
    options = Options(question.options)
    right = {_reference(reference, options) for reference in question.references} - {None}
    if not right:
        return Grade.ungraded("unreadable_reference", GRADER)
    stated = _read(answer, options)
    if isinstance(stated, str):
        return Grade.ungraded(stated, GRADER)
    return Grade.decided(stated in right, GRADER)


def _reference(reference: str, options: Options) -> int | None:
    letter = len(reference) == 1 and "A" <= reference <= "Z"
    index = options.by_letter(reference) if letter else None
    return options.by_text(reference) if index is None else index


def _read(answer: str, options: Options) -> int | str:
    """Return the position of the option picked, or the reason why none was read."""
    whole = _MARKUP.sub("", answer).strip()
    stated = stated_answer(whole)
    if stated is None:
        exact = options.by_text(whole)
        return "ambiguous" if exact is None else exact
    chosen = {options.by_text(whole), options.by_text(stated)} - {None}
    bare = _BARE.fullmatch(stated)
    if bare:
        chosen.add(options.by_letter(bare.group(1)))
    if not chosen:
        return _read_sentence(stated, options)
    if len(chosen) > 1:
        return "ambiguous"
    only = chosen.pop()
    return "not_an_option" if only is None else only


def _read_sentence(text: str, options: Options) -> int | str:
    """Return the option of a text that is neither a bare letter nor the text of an option."""
    marks = list(_LETTER.finditer(text))
    first = _first_of_list(text, marks, options)
    if first is not None:
        doubtful = options.denied_in(text, first) or RETRACTION.search(text)
        return "ambiguous" if doubtful else first
    letters = {options.by_letter(_letter(mark)) for mark in marks}
    if len(letters) > 1 or _BARE_LIST.fullmatch(text):
        return "ambiguous"
    beside = _LETTER.sub(" ", text)
    # Where options say "because" or "as far as" themselves, it is no explanation of the choice.
    own = any(_EXPLANATION.search(option) for option in options.texts)
    rest = beside if own else _EXPLANATION.sub("", beside)
    if letters:
        return _check_letter(letters.pop(), rest, options)
    mentioned = options.mentioned_in(rest)
    if not mentioned:
        return "not_an_option"
    only = mentioned.pop()
    return "ambiguous" if mentioned or options.denied_in(text, only) else only


def _first_of_list(text: str, marks: list[re.Match[str]], options: Options) -> int | None:
    """Return the option that the text begins with in full, where other letters follow it."""
    if len(marks) < 2 or marks[0].start() > 0:
        return None
    first = options.by_letter(_letter(marks[0]))
    beside = text[marks[0].end() : marks[1].start()]
    return first if first is not None and options.begins(beside, first) else None


def _letter(mark: re.Match[str]) -> str:
    return next(letter for letter in mark.groups() if letter)


def _check_letter(letter: int | None, rest: str, options: Options) -> int | str:
    """Return ``letter`` if the text beside it names its option and no other, or names nothing."""
    if letter is None:
        return "not_an_option"
    if options.by_text(rest) == letter:
        return letter
    mentioned = options.mentioned_in(rest)
    if letter in mentioned:
        agrees = mentioned <= options.contained_in(letter)
    elif mentioned:
        agrees = False
    else:
        filler = _FILLER.issuperset(options.normal(rest))
        agrees = filler or options.empty or options.nearest(rest) == letter
    return letter if agrees and not options.denied_in(rest, letter) else "ambiguous"
