"""The grammar of a written number: where numbers stand in a plain text and what they amount to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

# Possessive, so that 12/25/2020 cannot be read as 12/2 by giving back a digit.
_RUN = r"(?:(?<![\w.,])\.)?+\d(?:\d|[,.](?=\d))*+"
_NUMBER = re.compile(
    rf"""(?<![\w^.,])(?:
        (?P<whole>\d++)\s+(?:and\s+)?(?P<part>\d++)/(?P<of>\d++)(?!\s*/)
      | (?P<top>{_RUN})\s*/\s*(?P<bottom>{_RUN})(?!\s*/\s*\d)
      | (?P<spaced>\d{{1,3}}(?:\ \d{{3}})+(?:\.\d+)?+)(?![\d,])
      | (?P<run>{_RUN})(?:
            [eE](?P<e>[-+]?\d++)(?!\w)
          | \s*[x*]\s*10\s*(?:\^|\*\*)\s*[{{(]?\s*(?P<ten>[-+]?\d++)\s*[}})]?
        )?
    )""",
    re.VERBOSE | re.ASCII,
)
_PLAIN = re.compile(r"\d*\.?\d+", re.ASCII)
_GROUPED = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3})(?:\.\d+)?", re.ASCII)
_MAX_EXPONENT = 400
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Magnitude:
    """A number without sign and unit.

    Attributes:
        start: Where it begins in the text.
        end: Where it ends.
        value: Its exact value, or None.
        status: ``ok``; ``ambiguous`` where commas or points can be read in two ways;
            ``not_a_number`` for a division by zero, an exponent above 400 or more
            than 400 characters.
    """

    start: int
    end: int
    value: Fraction | None
    status: str


def find_magnitudes(text: str) -> Iterator[Magnitude]:
    """Yield the numbers of a text that ``latex.plain_text`` has made plain, in order."""
    for match in _NUMBER.finditer(text):
        try:
            value = _value(match)
            status = "ambiguous" if value is None else "ok"
        except (ZeroDivisionError, OverflowError):
            value, status = None, "not_a_number"
        yield Magnitude(match.start(), match.end(), value, status)


def _value(match: re.Match[str]) -> Fraction | None:
    if match.end() - match.start() > _LONGEST:
        raise OverflowError
    parts = match.groupdict()
    if parts["whole"]:
        return int(parts["whole"]) + Fraction(int(parts["part"]), int(parts["of"]))
    if parts["top"]:
        top, bottom = _decimal(parts["top"]), _decimal(parts["bottom"])
        return None if top is None or bottom is None else top / bottom
    if parts["spaced"]:
        return Fraction(parts["spaced"].replace(" ", ""))
    base = _decimal(parts["run"])
    exponent = int(parts["e"] or parts["ten"] or 0)
    if abs(exponent) > _MAX_EXPONENT:
        raise OverflowError
    return None if base is None else base * Fraction(10) ** exponent


def _decimal(run: str) -> Fraction | None:
    """Return the value of digits with commas and points, or None where it is not clear."""
    if _PLAIN.fullmatch(run):
        return Fraction(run)
    if _GROUPED.fullmatch(run):
        return Fraction(run.replace(",", ""))
    return None
