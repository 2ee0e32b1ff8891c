"""Every number a report prints: its value, its interval, its printed form and where it comes from.

The page prints a number by its id and in no other way, so that each digit can be traced to a place
in a file and checked again.
"""

from dataclasses import asdict, dataclass
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.reporting.evidence import Document

SCHEMA = "calibrant-numbers/1"
NOT_DEFINED = "not defined"

_FORMATS = {
    "count": "{:,.0f}",
    "figure": "{:.3f}",
    "signed": "{:+.3f}",
    "share": "{:.1%}",
    "level": "{:.4g}",
    "difference": "{:.1e}",
}


@dataclass(frozen=True, slots=True)
class Number:
    """One published number.

    Attributes:
        id: Its name, such as ``RLCR/17/rlcr_commonsenseqa/graded/ece``.
        value: The value, or None where it is not defined.
        low: Lower end of its interval, or None without one.
        high: Upper end.
        printed: Exactly what the page shows.
        undefined: Why there is no value, or no interval of a value that has one elsewhere, else None.
        file: The file it comes from.
        pointer: Place in that file (JSON pointer, RFC 6901).
    """

    id: str
    value: float | None
    low: float | None
    high: float | None
    printed: str
    undefined: str | None
    file: str
    pointer: str


class Numbers:
    """The numbers of one report, in the order in which they were added."""

    def __init__(self) -> None:
        self._numbers: dict[str, Number] = {}

    def __len__(self) -> int:
        """Return how many numbers there are."""
        return len(self._numbers)

    def __getitem__(self, name: str) -> Number:
        """Return a number by its id."""
        return self._numbers[name]

    def __contains__(self, name: object) -> bool:
        """Return whether there is a number of that id."""
        return name in self._numbers

    def add(self, name: str, document: Document, pointer: str, style: str) -> str:
        """Add the number at a place of a document and return its id.

        The place holds a number, null, or an object with ``value``, ``low``, ``high`` and, where
        the value is null, ``undefined``.

        Args:
            name: Its id; added twice it must be the same number.
            document: Where it stands.
            pointer: JSON pointer.
            style: A key of the formats: count, figure, signed, share, level, difference.

        Raises:
            CalibrantError: If no such thing stands at that place.
        """
        entry = _entry(document, pointer)
        value, low, high = entry["value"], entry.get("low"), entry.get("high")
        form = _FORMATS[style]
        printed = NOT_DEFINED if value is None else form.format(value)
        if value is not None and low is not None and high is not None:
            # A no-break space keeps the interval on one line.
            printed += f" [{form.format(low)},\N{NO-BREAK SPACE}{form.format(high)}]"
        undefined = entry.get("undefined") or ("it has no value" if value is None else None)
        number = Number(name, value, low, high, printed, undefined, document.path, pointer)
        if self._numbers.setdefault(name, number) != number:
            raise ValueError(f"two different numbers have the id {name}")
        return name

    def document(self) -> dict[str, Any]:
        """Return the content of ``numbers.json``."""
        return {"schema": SCHEMA, "numbers": [asdict(item) for item in self._numbers.values()]}


def _entry(document: Document, pointer: str) -> dict[str, Any]:
    """Return what stands at a place, as an object with ``value``."""
    found: Any = document.content
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        else:
            raise _wrong_document(document, f"has nothing at {pointer}")
    entry = found if isinstance(found, dict) else {"value": found}
    figures = [entry.get("value", ""), entry.get("low"), entry.get("high")]
    if any(isinstance(item, bool) or not isinstance(item, int | float | None) for item in figures):
        raise _wrong_document(document, f"has no number at {pointer}")
    return entry


def _wrong_document(document: Document, what: str) -> CalibrantError:
    return CalibrantError(
        what,
        where=document.path,
        repair="Delete it and run again: it was made by another version",
    )


def escape_pointer(key: str) -> str:
    """Return a key as it stands in a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")
