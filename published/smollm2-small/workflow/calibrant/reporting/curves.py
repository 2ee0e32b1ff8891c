"""Training curves: one file of JSON Lines per training, written round by round."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.reporting.document import Document

CURVE_ENDING = ".curve.jsonl"
_NAME = re.compile(r"seed(\d+)\.curve\.jsonl")


@dataclass(frozen=True, slots=True)
class Curve:
    """The curve of one training.

    Attributes:
        method: Name of the trained method.
        seed: Seed of the training.
        document: The file; its content is the list of its lines.
    """

    method: str
    seed: int
    document: Document

    def of_kind(self, kind: str) -> list[tuple[int, dict[str, Any]]]:
        """Return the lines of a kind (train, validation, end) with their position from 0."""
        return [
            (at, line) for at, line in enumerate(self.document.content) if line.get("kind") == kind
        ]


def read_curve(path: Path) -> Curve:
    """Read a curve; method and seed are in its path, ``train/METHOD/seedN.curve.jsonl``.

    Raises:
        CalibrantError: If the file is absent, not such lines, or named otherwise.
    """
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise CalibrantError("is not named seedN.curve.jsonl", where=path)
    return Curve(path.parent.name, int(named[1]), Document(path.as_posix(), read_lines(path)))


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a curve.

    Raises:
        CalibrantError: If the file is absent or a line is not a JSON object; names the line.
    """
    try:
        texts = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CalibrantError(f"cannot read: {error.strerror}", where=path) from error
    lines = []
    for number, text in enumerate(texts, 1):
        try:
            line = json.loads(text)
        except ValueError as error:
            raise CalibrantError(
                f"not valid JSON: {error}", where=f"{path}, line {number}"
            ) from error
        if not isinstance(line, dict):
            raise CalibrantError("is not a JSON object", where=f"{path}, line {number}")
        lines.append(line)
    return lines


def finite(line: Mapping[str, Any], key: str) -> float | None:
    """Return the number under a key, or None where it is absent, null or not finite."""
    value = line.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def numbers_by_round(
    lines: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[str, int, float]]:
    """Yield (``kind/key``, round, value) of every number of rounds, for a tracking server."""
    for line in lines:
        number = finite(line, "round")
        if number is None or line.get("kind") not in ("train", "validation"):
            continue
        for key in line:
            value = finite(line, key)
            if key != "round" and value is not None:
                yield f"{line['kind']}/{key}", int(number), value
