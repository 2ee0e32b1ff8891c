"""The check that a page prints no digit that is not one of its numbers.

A digit may stand in an element with ``data-num`` (the printed form of that number, exactly), in one
with ``data-quoted`` (a name, a licence or an address, taken over from data or settings), or in a
figure, a style sheet or the page's head. Anywhere else it is a number nobody can trace.
"""

import re
from html.parser import HTMLParser

from calibrant.errors import CalibrantError
from calibrant.reporting.numbers import Numbers

_EXEMPT_TAGS = frozenset({"svg", "style", "head"})
_VOID_TAGS = frozenset({"meta", "link", "br", "hr", "img", "input", "col", "wbr"})


class _Reader(HTMLParser):
    def __init__(self, numbers: Numbers) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.printed: set[str] = set()
        self._numbers = numbers
        # For every open element: its tag, its number if it prints one, whether digits are allowed.
        self._open: list[tuple[str, str | None, bool]] = []
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID_TAGS:
            return
        names = dict(attrs)
        inherited = bool(self._open) and self._open[-1][2]
        allowed = inherited or tag in _EXEMPT_TAGS or "data-quoted" in names
        self._open.append((tag, names.get("data-num"), allowed))
        self._text = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID_TAGS or not self._open:
            return
        _, number, _ = self._open.pop()
        if number is not None:
            self._check_number(number)

    def handle_data(self, data: str) -> None:
        if not self._open:
            return
        _, number, allowed = self._open[-1]
        if number is not None:
            self._text += data
        elif not allowed and re.search(r"\d", data):
            self.faults.append(f"the digits in {' '.join(data.split())[:80]!r} have no id")

    def _check_number(self, name: str) -> None:
        self.printed.add(name)
        if name not in self._numbers:
            self.faults.append(f"there is no number {name!r}")
        elif self._text != self._numbers[name].printed:
            self.faults.append(
                f"{name} prints {self._text!r} instead of {self._numbers[name].printed!r}"
            )


def check_page(page: str, numbers: Numbers) -> None:
    """Check a page against its numbers.

    Raises:
        CalibrantError: Names the first digit without an id, the first number that is printed
            otherwise than it should, or the first that is not printed at all.
    """
    reader = _Reader(numbers)
    reader.feed(page)
    reader.close()
    unprinted = [
        item["id"] for item in numbers.document()["numbers"] if item["id"] not in reader.printed
    ]
    faults = [*reader.faults, *(f"{name} is not on the page" for name in unprinted)]
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise CalibrantError(f"{faults[0]}{more}", where="report.html")
