"""Every number a report prints: its value, its interval, its printed form and where it comes from.

The page prints a number by its id and in no other way, so that each digit can be traced to a place
in a file and checked again.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.reporting.document import Document
from calibrant.reporting.seed_summary import SeedSummary, summarise_seeds

SCHEMA = "calibrant-numbers/1"
NOT_DEFINED = "not defined"

_FORMATS = {
    "count": "{:,.0f}",
    "figure": "{:.3f}",
    "signed": "{:+.3f}",
    "share": "{:.1%}",
    "level": "{:.4g}",
    "difference": "{:.1e}",
    "duration": "{:,.1f}",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file.

    Attributes:
        file: The file; one of JSON Lines counts as the array of its lines.
        pointer: Place in that file (JSON pointer, RFC 6901).
    """

    file: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Number:
    """One published number.

    Attributes:
        id: Its name, such as ``RLCR/17/rlcr_commonsenseqa/graded/ece``.
        value: The value, or None where it is not defined.
        low: Lower end of its interval, or the lowest of the seeds; None without one.
        high: Upper end, or the highest of the seeds.
        printed: Exactly what the page shows.
        undefined: Why there is no value, or no interval of a value that has one elsewhere, else
            None.
        file: The file it comes from.
        pointer: Place in that file (JSON pointer, RFC 6901).
        computed: How the value follows from what stands there and at the other places, or None for
            what stands there as it is.
        others: The other places it comes from, one per further seed.
    """

    id: str
    value: float | None
    low: float | None
    high: float | None
    printed: str
    undefined: str | None
    file: str
    pointer: str
    computed: str | None = None
    others: tuple[Place, ...] = ()


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

    def all(self) -> list[Number]:
        """Return the numbers in their order."""
        return list(self._numbers.values())

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
            style: A key of the formats: count, figure, signed, share, level, difference, duration.

        Raises:
            CalibrantError: If no such thing stands at that place.
        """
        entry = _entry(document, pointer)
        value, low, high = entry["value"], entry.get("low"), entry.get("high")
        printed = NOT_DEFINED if value is None else _print(value, style)
        if value is not None and low is not None and high is not None:
            # A no-break space keeps the interval on one line.
            printed += f" [{_print(low, style)},\N{NO-BREAK SPACE}{_print(high, style)}]"
        undefined = entry.get("undefined") or ("it has no value" if value is None else None)
        return self._keep(
            Number(name, value, low, high, printed, undefined, document.path, pointer)
        )

    def add_over_seeds(
        self, name: str, documents: Sequence[Document], pointer: str, style: str, *, absent: int = 0
    ) -> str:
        """Add the median over seeds of the numbers at one place of their documents.

        A single document gives the number as it stands, with its own interval.

        Args:
            name: Its id.
            documents: One per seed, at least one.
            pointer: JSON pointer into each of them.
            style: As for ``add``.
            absent: Seeds that have no document of this kind.

        Raises:
            CalibrantError: If no number stands at that place of a document.
        """
        if len(documents) == 1 and not absent:
            return self.add(name, documents[0], pointer, style)
        values = [_entry(document, pointer)["value"] for document in documents]
        places = [Place(document.path, pointer) for document in documents]
        return self.add_summary(name, summarise_seeds(values, absent=absent), places, style)

    def add_summary(
        self, name: str, summary: SeedSummary, places: Sequence[Place], style: str
    ) -> str:
        """Add a number that was computed from one place per seed.

        Args:
            name: Its id.
            summary: Its value and the lowest and highest of the seeds.
            places: The place per seed, at least one.
            style: As for ``add``.
        """
        printed = NOT_DEFINED if summary.value is None else _print(summary.value, style)
        if summary.low is not None and summary.high is not None:
            ends = f"{_print(summary.low, style)} to {_print(summary.high, style)}"
            some = f"; {summary.defined} of {summary.seeds} seeds"
            behind = ends + (some if summary.defined < summary.seeds else "")
            printed += f" ({behind})".replace(" to ", "\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}")
        number = Number(
            name, summary.value, summary.low, summary.high, printed, summary.undefined,
            places[0].file, places[0].pointer, summary.computed, tuple(places[1:]),
        )  # fmt: skip
        return self._keep(number)

    def document(self) -> dict[str, Any]:
        """Return the content of ``numbers.json``."""
        listed = [
            {**asdict(item), "others": list(map(asdict, item.others))}
            for item in self._numbers.values()
        ]
        return {"schema": SCHEMA, "numbers": listed}

    def _keep(self, number: Number) -> str:
        if self._numbers.setdefault(number.id, number) != number:
            raise ValueError(f"two different numbers have the id {number.id}")
        return number.id


def _print(value: float, style: str) -> str:
    # The median of an even number of counts may lie between two of them.
    if style == "count" and value != int(value):
        return f"{value:,.1f}"
    return _FORMATS[style].format(value)


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
