"""The numbers of a report as ``numbers.json`` holds them."""

from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.files import read_json
from calibrant.reporting.numbers import SCHEMA, Number, Numbers, Place

NUMBERS = "report/numbers.json"
PAGE = "report/report.html"
LINEAGE_PAGE = "report/lineage.html"


class PublishedNumbers(Numbers):
    """The numbers of a report, read back.

    Args:
        path: The file ``numbers.json``.

    Raises:
        CalibrantError: If it is absent, not such a file, or has one id twice.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        content = read_json(path)
        if not isinstance(content, dict) or content.get("schema") != SCHEMA:
            raise CalibrantError(f"is not a file of numbers of schema {SCHEMA}", where=path)
        listed = content.get("numbers")
        for position, entry in enumerate(listed if isinstance(listed, list) else [None]):
            try:
                number = _number(entry)
            except (TypeError, KeyError) as error:
                raise CalibrantError(
                    f"entry {position} is no number: {error}", where=path
                ) from error
            if number.id in self:
                raise CalibrantError(f"has two numbers with the id {number.id}", where=path)
            self._keep(number)


def _number(entry: Any) -> Number:
    others = tuple(Place(**place) for place in entry["others"])
    number = Number(**{**entry, "others": others})
    texts = [number.id, number.printed, number.file, number.pointer]
    texts += [text for place in others for text in (place.file, place.pointer)]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text is not a text")
    figures = (number.value, number.low, number.high)
    if not all(figure is None or type(figure) in (int, float) for figure in figures):
        raise TypeError("a figure is not a number")
    return number
