r"""Reading the one number that a text states.

What is read, after LaTeX and typographic signs are made plain:

* Decimals with ASCII or full-width digits: ``12``, ``12.5``, ``.5``, ``12.``; signs ``+ -`` and the
  typographic minus.
* Thousands as ``1,234,567``, ``1 234 567`` and, in the Indian way, ``12,34,567``. A comma that
  groups nothing (``0,5``, ``1,23``) may be a decimal comma or a list: ambiguous.
* Fractions ``3/4``, mixed numbers ``1 1/2``, powers of ten ``1.2e3`` and ``1.2 x 10^3``.
* English words from zero to twenty, where the text has no digits and begins with one.
* The words "negative" and "minus" as a sign.
* Currency signs, known words before (``about``, ``the total is``) and any unit after (``12 apples``,
  ``12 km``) change nothing. A percent sign and the words hundred to trillion and dozen are kept as
  the unit.

Where the text has several numbers, the last ``\boxed`` decides, then what follows "answer is",
then what follows the last ``=``. Two different numbers after that are ambiguous, and so is all that
``number_context`` does not know to be harmless: sums, limits and negations (``12 + 12``, ``x 12``,
``12K``, ``12 or more``, ``isn't 12``). Expressions that are not a single number
(roots, pi, powers, variables such as ``2x``, another base as in ``52_8``) are not numbers.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from calibrant.grading.latex import plain_text
from calibrant.grading.magnitudes import Magnitude, find_magnitudes
from calibrant.grading.negation import negated
from calibrant.grading.number_context import (
    NUMBER_WORDS,
    keeps_after,
    keeps_before,
    other_number_words,
    reckons,
    restates,
    split_sign,
)
from calibrant.grading.stated import stated_answer

_CURRENCY = re.compile(
    r"([-+]?)\s*(?:(?:\b(?:US|CA|AU|NZ|HK))?[$€£¥₹]|\b(?:USD|EUR|GBP|INR|Rs\.?)(?=\s?\d))\s*"
)
_UNIT = re.compile(
    r"\s*(?:(?P<percent>%|percent\b|per\s+cent\b|pct\b)"
    r"|-?(?P<word>dozen|hundred|thousand|million|billion|trillion)s?\b)",
    re.IGNORECASE,
)
_EXPRESSION = re.compile(
    r"\b(?:sqrt|log|ln|sin|cos|tan|pi|root|infinity)\b|[√∛π∞_\\]", re.IGNORECASE
)
# A letter right after a number is a variable unless it can be a unit (12m, 5g, 3h), and a single
# letter in a sum or a power is one (x - 1, R^2), unless it is the metre.
_ALGEBRA = re.compile(
    r"\d(?!x\s*\d)[abijknpqrtuvwxyz](?![A-Za-z])"
    r"|(?<![A-Za-z])[A-Za-ln-z]\s*\^|(?<![A-Za-z\d.])[A-Za-z]\s*[-+*/]\s*\d"
)
_POWER = re.compile(r"\s*\^|!(?=\S)")
_ASSIGNED = re.compile(r"\b[A-Za-z]\s*=\s*([^\s;]+)")
_REPEATED = re.compile(
    r"\b(\d{1,2})\s*\(\s*([A-Za-z]+)\s*\)|\b([A-Za-z]+)\s*\(\s*(\d{1,2})\s*\)", re.ASCII
)
_FIRST_WORD = re.compile(r"\W*?((?:(?:negative|minus)\s+|-\s*)?)([A-Za-z]+)", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\s+(?:of|can|could|should|may|might|must|would|has|needs?)\b", re.IGNORECASE
)
_VARIABLE = re.compile(r"(?<![A-Za-z'])[A-Za-z](?![A-Za-z'])")
_MINUS_VARIABLE = re.compile(r"\W*-\s*[A-Za-z]\s*")


@dataclass(frozen=True, slots=True)
class Numeral:
    """What was read.

    Attributes:
        value: The number as written, exact, without its unit; None unless ``status`` is ``ok``.
        unit: ``percent``, ``dozen``, ``hundred``, ``thousand``, ``million``, ``billion``,
            ``trillion`` or empty.
        decimals: Whether it was written with a decimal point.
        status: ``ok``, ``not_a_number`` or ``ambiguous``.
    """

    value: Fraction | None
    unit: str = ""
    decimals: bool = False
    status: str = "ok"


_AMBIGUOUS = Numeral(None, status="ambiguous")
_NOT_A_NUMBER = Numeral(None, status="not_a_number")


def read_number(text: str) -> Numeral:
    """Return the one number that ``text`` states, by the rules at the top of this file."""
    stated = stated_answer(text)
    if stated is None:
        return _AMBIGUOUS
    stated = _REPEATED.sub(_without_the_word, _CURRENCY.sub(r" \1", plain_text(stated)))
    before, segment = _split_at_equals(stated)
    if _ALGEBRA.search(stated) or _EXPRESSION.search(segment):
        return _NOT_A_NUMBER
    magnitudes = list(find_magnitudes(segment))
    numeral = _one_number(segment, magnitudes) if magnitudes else _one_word(segment)
    return _AMBIGUOUS if numeral.value is not None and _misleads(before, numeral) else numeral


def _without_the_word(match: re.Match[str]) -> str:
    """Return the digits of ``12 (twelve)`` and ``twelve (12)``, anything else as it is."""
    digits, word = match[1] or match[4], match[2] or match[3]
    return digits if NUMBER_WORDS.get(word.lower()) == int(digits) else match[0]


def _split_at_equals(text: str) -> tuple[str, str]:
    """Return what comes before and after the last ``=``; nothing before where it does not decide."""
    if len({value.rstrip(".,") for value in _ASSIGNED.findall(text)}) > 1:
        # x = 3 or x = 5: two solutions, not a chain of steps.
        return "", text
    before, equals, after = text.rpartition("=")
    if equals and not before.endswith(("<", ">", "!")) and any(find_magnitudes(after)):
        return before, after
    return "", text


def _misleads(before: str, numeral: Numeral) -> bool:
    """Return whether ``before``, left of the ``=``, says that ``numeral`` is not what is stated."""
    left = before.rpartition("=")[2].strip()
    if negated(before) or _MINUS_VARIABLE.fullmatch(left):
        return True
    whole = [found for found in find_magnitudes(left) if found.end - found.start == len(left)]
    if whole and not numeral.unit:
        return whole[0].value != numeral.value
    of_something = _VARIABLE.search(left) or not any(map(str.isdigit, left))
    return bool(of_something) and reckons(left)


def _one_number(text: str, magnitudes: list[Magnitude]) -> Numeral:
    """Return the number that ``text`` states once, or twice with "that is" between."""
    for status in ("not_a_number", "ambiguous"):
        if any(magnitude.status == status for magnitude in magnitudes):
            return Numeral(None, status=status)
    if any(_POWER.match(text, magnitude.end) for magnitude in magnitudes):
        return _NOT_A_NUMBER
    numerals: list[Numeral] = []
    end = 0
    for magnitude in magnitudes:
        before, sign = split_sign(text[end : magnitude.start])
        if not (restates(before) if numerals else keeps_before(before)):
            return _AMBIGUOUS
        value = Fraction(0) if magnitude.value is None else sign * magnitude.value
        end, unit = _unit(text, magnitude.end)
        decimals = "." in text[magnitude.start : magnitude.end]
        numerals.append(Numeral(value, unit, decimals))
    agree = len({(numeral.value, numeral.unit) for numeral in numerals}) == 1
    # Beside digits "one" is mostly a pronoun.
    words = other_number_words(text[: magnitudes[0].start] + text[end:]) - {"one", "ones"}
    return numerals[-1] if agree and not words and keeps_after(text[end:]) else _AMBIGUOUS


def _one_word(text: str) -> Numeral:
    first = _FIRST_WORD.match(text)
    value = NUMBER_WORDS.get(first.group(2).lower()) if first else None
    if first is None or value is None:
        return _NOT_A_NUMBER
    end, unit = _unit(text, first.end())
    rest = text[end:]
    if other_number_words(rest) or not keeps_after(rest) or (value == 1 and _PRONOUN.match(rest)):
        return _AMBIGUOUS
    return Numeral(Fraction(-value if first.group(1) else value), unit)


def _unit(text: str, start: int) -> tuple[int, str]:
    """Return where the unit that begins at ``start`` ends, and its name."""
    match = _UNIT.match(text, start)
    if match is None:
        return start, ""
    word = match.group("word")
    return match.end(), word.lower() if word else "percent"
