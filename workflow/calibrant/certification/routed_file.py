"""Routed answers as a file: the rows as they came, with three more columns."""

from collections.abc import Sequence
from pathlib import Path

from calibrant.certification.route import Routed
from calibrant.tables.extended_table import write_extended
from calibrant.tables.raw_table import RawTable

NEW_COLUMNS = ("decision", "reason", "detail")


def write_routed(path: Path, table: RawTable, routed: Sequence[Routed]) -> None:
    """Write every row with its decision, reason and detail.

    Raises:
        CalibrantError: If the ending is unknown, the rows have such a column already, or the file
            cannot be written.
    """
    write_extended(
        path, table, {name: [getattr(row, name) for row in routed] for name in NEW_COLUMNS}
    )
