"""Cells of a table whose numbers stand side by side in a document, or in one per seed."""

from collections.abc import Mapping, Sequence

from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers


def number_cells(  # noqa: PLR0913 (a place and how it is shown)
    numbers: Numbers,
    documents: Sequence[Document],
    base: str,
    place: str,
    styles: Mapping[str, str],
    *,
    absent: int = 0,
) -> list[tuple[str, str]]:
    """Enter the numbers of one table row and return its cells.

    Args:
        numbers: Where they are entered.
        documents: One document, or one per seed.
        base: How their ids begin.
        place: JSON pointer of the object that holds them.
        styles: Key in that object to style.
        absent: Seeds without a document of this kind.
    """
    return [
        (
            "num",
            numbers.add_over_seeds(
                f"{base}/{key}", documents, f"{place}/{key}", style, absent=absent
            ),
        )
        for key, style in styles.items()
    ]
