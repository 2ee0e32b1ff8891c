"""Where what was recorded differs from what is computed again."""

import math
from pathlib import Path
from typing import Any

from calibrant.files import read_json
from calibrant.lineage.findings import refused_content

TOLERANCE = 1e-9


def file_difference(recorded: Path, computed: Path, *, shared: bool = False) -> str | None:
    """Return the first place where two files differ, in words, or None.

    Args:
        recorded: Parquet and JSON files are compared leaf by leaf, others byte by byte.
        computed: The other, whose name has the same ending.
        shared: Leave out what is in only one of both.

    Raises:
        CalibrantError: If a file cannot be read.
    """
    old, new = recorded.read_bytes(), computed.read_bytes()
    if old == new:
        return None
    if recorded.suffix not in (".json", ".parquet"):
        return _line_difference(old, new)
    read = read_json if recorded.suffix == ".json" else _rows
    return first_difference(read(recorded), read(computed), shared=shared)


def _rows(path: Path) -> list[dict[str, Any]]:
    # Whoever asks for --quick need not wait for it.
    import pyarrow.parquet as pq

    with refused_content():
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def _line_difference(recorded: bytes, computed: bytes) -> str:
    both = zip(recorded.split(b"\n"), computed.split(b"\n"), strict=False)
    shorter = min(recorded.count(b"\n"), computed.count(b"\n"))
    at = next((at for at, (one, other) in enumerate(both, 1) if one != other), shorter + 2)
    return f"line {at} is another"


def first_difference(
    recorded: Any, computed: Any, pointer: str = "", *, shared: bool = False
) -> str | None:
    """Return the first place where two JSON documents differ, in words, or None.

    Numbers are equal when they differ by at most 1e-9, relative to the larger where that is more
    than 1. With ``shared``, what is in only one of both is no difference.
    """
    if isinstance(recorded, dict) and isinstance(computed, dict):
        for key in sorted(recorded.keys() & computed.keys()):
            place = f"{pointer}/{key}"
            if found := first_difference(recorded[key], computed[key], place, shared=shared):
                return found
        alone = [] if shared else sorted(recorded.keys() ^ computed.keys())
        return f"{pointer}/{alone[0]} is in only one of both" if alone else None
    if isinstance(recorded, list) and isinstance(computed, list):
        # A longer list differs from a shorter one as an object with more keys does.
        for at, both in enumerate(zip(recorded, computed, strict=False)):
            if found := first_difference(*both, f"{pointer}/{at}", shared=shared):
                return found
        at = min(len(recorded), len(computed))
        is_same = shared or len(recorded) == len(computed)
        return None if is_same else f"{pointer}/{at} is in only one of both"
    return None if _equal(recorded, computed) else f"{pointer} is {recorded!r}, but {computed!r}"


def _equal(recorded: Any, computed: Any) -> bool:
    are_numbers = all(type(item) in (int, float) for item in (recorded, computed))
    if are_numbers:
        return math.isclose(recorded, computed, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(recorded) is type(computed) and bool(recorded == computed)
