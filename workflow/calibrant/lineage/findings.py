"""What a verification has found: faults, and how much was looked at."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from calibrant.errors import CalibrantError

SOUND, ALTERED, MISSING = 0, 1, 2

_MOST_LISTED = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault.

    Attributes:
        kind: ``altered`` where two pieces of evidence contradict each other, ``missing`` where one
            is not there.
        place: File, from the study's folder on, or the place in it.
        what: What is wrong, and between which stages.
    """

    kind: Literal["altered", "missing"]
    place: str
    what: str


@dataclass(slots=True)
class Findings:
    """Everything found in one folder.

    Attributes:
        faults: The faults, in the order found.
        checked: Kind of thing to how many were checked.
        recomputed: Stage to how many of its runs had their outputs computed again.
        seconds: Stage to the wall-clock seconds that took.
        in_part: Stage to what of its outputs was checked, though not computed again.
        by_digest_alone: Stages with runs that had not, with their number.
        notes: Sentences on what could not be checked.
        unexplained: Files that no record accounts for.
        hashed_bytes: Bytes that were read and hashed.
        hashed_seconds: Wall-clock seconds that took.
    """

    faults: list[Finding] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)
    recomputed: Counter[str] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    in_part: dict[str, str] = field(default_factory=dict)
    by_digest_alone: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    hashed_bytes: int = 0
    hashed_seconds: float = 0.0

    def altered(self, place: str, what: str) -> None:
        """Add a contradiction."""
        self._add(Finding("altered", place, what))

    def missing(self, place: str, what: str) -> None:
        """Add a missing piece of evidence."""
        self._add(Finding("missing", place, what))

    def take(self, faults: Iterable[Finding]) -> None:
        """Add faults that were found apart."""
        for fault in faults:
            self._add(fault)

    def note(self, text: str) -> None:
        """Add a sentence, once."""
        if text not in self.notes:
            self.notes.append(text)

    @contextmanager
    def altered_if_refused(self, place: str) -> Iterator[None]:
        """Turn an error of a reader into a fault of the file it could not read."""
        try:
            yield
        except CalibrantError as error:
            self.altered(place, error.what)

    @property
    def exit_code(self) -> int:
        """0 where all is sound, 1 where something was altered, else 2: something is missing."""
        kinds = {fault.kind for fault in self.faults}
        return ALTERED if "altered" in kinds else MISSING if kinds else SOUND

    def _add(self, finding: Finding) -> None:
        if finding not in self.faults:
            self.faults.append(finding)


@contextmanager
def refused_content() -> Iterator[None]:
    """Turn what code raises on a file's content into an error of that content.

    For code that has read this content before, or that is not the code that did: there such an
    exception is no defect of the code.

    Raises:
        CalibrantError: Names the exception.
    """
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise CalibrantError(
            f"cannot be read as what it was: {type(error).__name__}: {said}"
        ) from error


def listed(names: Iterable[str]) -> str:
    """Return names in one line: the first five, and how many more there are."""
    every = sorted(names)
    more = f" and {len(every) - _MOST_LISTED} more" if len(every) > _MOST_LISTED else ""
    return ", ".join(every[:_MOST_LISTED]) + more
