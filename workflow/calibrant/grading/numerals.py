r"""Reading the one number that a text states.

What is read, after LaTeX and typographic signs are made plain:

* Decimals with ASCII or full-width digits: ``12``, ``12.5``, ``.5``, ``12.``; signs ``+ -`` and the
  typographic minus.
* Thousands as ``1,234,567``, ``1 234 567`` and, in the Indian way, ``12,34,567``. A comma that
  groups nothing (``0,5``, ``1,23``) may be a decimal comma or a list: ambiguous.
* Fractions ``3/4``, mixed numbers ``1 1/2``, powers of ten ``1.2e3`` and ``1.2 x 10^3``.
* English words from zero to twenty, where the text has no digits and begins with one.
* Currency signs, and words before or after (``about 12 apples``, ``12 km``), change nothing.
  A percent sign and the words hundred to trillion and dozen are kept as the unit.

Where the text has several numbers, the last ``\boxed`` decides, then what follows "answer is",
then what follows the last ``=``. Two different numbers after that are ambiguous, and so are limits
and negations (``more than 12``, ``x > 3``, ``not 5``). Expressions that are not a single number
(roots, pi, powers, variables such as ``2x``, another base as in ``52_8``) are not numbers.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from calibrant.grading.latex import plain_text
from calibrant.grading.magnitudes import Magnitude, find_magnitudes
from calibrant.grading.stated import stated_answer

NUMBER_WORDS: dict[str, int] = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    "twenty": 20,
}
"""English words of the numbers 0 to 20."""

_CURRENCY = re.compile(r"([-+]?)\s*(?:\b(?:US|CA|AU|NZ|HK))?[$€£¥₹]\s*")
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
_LIMIT = re.compile(
    r"[<>≤≥≠±]|\+/-|\b(?:not|between|(?:more|less|greater|fewer)\s+than)\b", re.IGNORECASE
)
_ASSIGNED = re.compile(r"\b[A-Za-z]\s*=\s*([^\s;]+)")
_LARGER_THAN_ITS_FIRST_WORD = re.compile(
    r"\b(?:and|or|to|half|halves|thirds?|quarters?|fourths?|fifths?|sixths?|eighths?|tenths?|point"
    rf"|hundred|thousand|million|billion|trillion|dozen|{'|'.join(NUMBER_WORDS)})\b",
    re.IGNORECASE,
)


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


def read_number(text: str) -> Numeral:
    """Return the one number that ``text`` states, by the rules at the top of this file."""
    stated = _CURRENCY.sub(r" \1", stated_answer(plain_text(text)))
    segment = _decisive(stated)
    if _ALGEBRA.search(stated) or _EXPRESSION.search(segment):
        return Numeral(None, status="not_a_number")
    found = [_numeral(segment, magnitude) for magnitude in find_magnitudes(segment)]
    if not found:
        return _from_words(segment)
    if _LIMIT.search(segment):
        return Numeral(None, status="ambiguous")
    for status in ("not_a_number", "ambiguous"):
        if any(numeral.status == status for numeral in found):
            return Numeral(None, status=status)
    if len({(numeral.value, numeral.unit) for numeral in found}) > 1:
        return Numeral(None, status="ambiguous")
    return found[-1]


def _decisive(text: str) -> str:
    """Return what follows the last ``=``, unless it does not decide."""
    if len({value.rstrip(".,") for value in _ASSIGNED.findall(text)}) > 1:
        # x = 3 or x = 5: two solutions, not a chain of steps.
        return text
    before, equals, after = text.rpartition("=")
    if equals and not before.endswith(("<", ">", "!")) and any(find_magnitudes(after)):
        return after
    return text


def _numeral(text: str, magnitude: Magnitude) -> Numeral:
    if magnitude.value is None:
        return Numeral(None, status=magnitude.status)
    if _POWER.match(text, magnitude.end):
        return Numeral(None, status="not_a_number")
    unit = _UNIT.match(text, magnitude.end)
    word = unit.group("word") if unit else None
    return Numeral(
        -magnitude.value if _negative(text[: magnitude.start]) else magnitude.value,
        unit="" if unit is None else word.lower() if word else "percent",
        decimals="." in text[magnitude.start : magnitude.end],
    )


def _negative(before: str) -> bool:
    """Return whether ``before`` ends in a minus that is a sign, not a subtraction or a hyphen."""
    rest = before.rstrip()
    if not rest.endswith("-"):
        return False
    adjacent = before.endswith("-")
    rest = rest[:-1]
    if adjacent:
        return not (rest[-1:].isalnum() or rest[-1:] in {")", "%"})
    return not rest.strip() or rest.rstrip().endswith(("=", "(", ":"))


def _from_words(text: str) -> Numeral:
    first = re.match(r"\W*([A-Za-z]+)", text)
    value = NUMBER_WORDS.get(first.group(1).lower()) if first else None
    if first is None or value is None:
        return Numeral(None, status="not_a_number")
    if _LIMIT.search(text) or _LARGER_THAN_ITS_FIRST_WORD.search(text, first.end()):
        return Numeral(None, status="ambiguous")
    return Numeral(Fraction(value))
