"""A table of the report: cells that are numbers, quoted names, or our own words."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose cells are number ids, or texts where ``quoted`` says so.

    Attributes:
        heads: Column heads.
        rows: Rows of cells; a cell is ``("num", id)``, ``("quoted", text)`` or ``("text", text)``.
        quoted_heads: True where heads hold names or settings, in which digits may stand.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[tuple[str, str]]]
    quoted_heads: bool = False
