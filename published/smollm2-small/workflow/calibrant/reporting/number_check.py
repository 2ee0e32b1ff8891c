"""The check that a page prints no digit that is not one of its numbers.

A digit may stand in an element with ``data-num`` (the printed form of that number, exactly), in one
with ``data-quoted`` (a name, a licence or an address, taken over from data or settings), or in a
figure, a style sheet or the page's head. Anywhere else it is a number nobody can trace; that holds
for the text of pictures and hints too, which is read aloud.
"""

import unicodedata
from dataclasses import dataclass
from html.parser import HTMLParser

from calibrant.errors import CalibrantError
from calibrant.reporting.numbers import Numbers

_EXEMPT_TAGS = frozenset({"svg", "style", "head"})
_VOID_TAGS = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track"}
    | {"wbr"}
)
_READ_ALOUD = ("alt", "title", "aria-label")


@dataclass(slots=True)
class _Element:
    """An open element: the number it prints, if any, and all the text in it so far."""

    tag: str
    number: str | None
    allowed: bool
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self, numbers: Numbers) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.printed: set[str] = set()
        self._numbers = numbers
        self._open: list[_Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        inherited = bool(self._open) and self._open[-1].allowed
        allowed = inherited or tag in _EXEMPT_TAGS or "data-quoted" in names
        element = _Element(tag, names.get("data-num"), allowed)
        if element.number is None and not allowed:
            for name in _READ_ALOUD:
                self._check_text(names.get(name) or "")
        if tag not in _VOID_TAGS:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID_TAGS:
            return
        # An element left open would lend its permission to all that follows.
        if not self._open or self._open[-1].tag != tag:
            self.faults.append(f"</{tag}> closes an element that is not the last one opened")
            return
        element = self._open.pop()
        if element.number is not None:
            self._check_number(element.number, element.text)

    def handle_data(self, data: str) -> None:
        numbers = [element for element in self._open if element.number is not None]
        for element in numbers:
            element.text += data
        if not numbers and not (self._open and self._open[-1].allowed):
            self._check_text(data)

    def finish(self) -> None:
        self.close()
        self.faults += [f"<{element.tag}> is not closed" for element in self._open]

    def _check_text(self, text: str) -> None:
        # The categories of numbers hold superscripts, fractions and the digits of every script.
        if any(unicodedata.category(character).startswith("N") for character in text):
            self.faults.append(f"the digits in {' '.join(text.split())[:80]!r} have no id")

    def _check_number(self, name: str, text: str) -> None:
        self.printed.add(name)
        if name not in self._numbers:
            self.faults.append(f"there is no number {name!r}")
        elif text != self._numbers[name].printed:
            self.faults.append(f"{name} prints {text!r} instead of {self._numbers[name].printed!r}")


def check_page(page: str, numbers: Numbers) -> None:
    """Check a page against its numbers.

    Raises:
        CalibrantError: Names the first digit without an id, the first number that is printed
            otherwise than it should, the first element that is not closed, or the first number
            that is not printed at all.
    """
    reader = _Reader(numbers)
    reader.feed(page)
    reader.finish()
    unprinted = [
        item["id"] for item in numbers.document()["numbers"] if item["id"] not in reader.printed
    ]
    faults = [*reader.faults, *(f"{name} is not on the page" for name in unprinted)]
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise CalibrantError(f"{faults[0]}{more}", where="report.html")
