"""Finding published numbers by id or by what the page prints."""

from collections.abc import Iterable

from calibrant.reporting.numbers import Number


def find_numbers(numbers: Iterable[Number], text: str) -> list[Number]:
    """Return the numbers that a text means, by the first of these that gives any.

    The id exactly; all that is printed, or the value before its interval; a part of ids.

    Args:
        numbers: Where to look.
        text: What was asked for.
    """
    listed = list(numbers)
    wanted = _plain(text)
    for matches in (
        [number for number in listed if number.id == text],
        [number for number in listed if wanted in _forms(number.printed)],
        [number for number in listed if text.lower() in number.id.lower()],
    ):
        if matches:
            return matches
    return []


def _forms(printed: str) -> set[str]:
    plain = _plain(printed)
    # An interval begins with a bracket behind a space.
    return {plain, plain.split(" [")[0].split(" (")[0]}


def _plain(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
