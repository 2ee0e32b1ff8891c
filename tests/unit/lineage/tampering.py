"""Ways to change a finished study, as its forger would."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from calibrant.files import canonical_json, read_json, sha256_file, sha256_text, write_json
from calibrant.lineage.record import record_text
from calibrant.rows import Prediction, read_rows, write_rows

CELL = "taught/seed1/sums"
PREDICTIONS = f"predictions/{CELL}.parquet"
MEASURES = f"measures/{CELL}.json"
COMPLETIONS = f"predictions/{CELL}.completions.parquet"


def record_file(root: Path, inner: str) -> Path:
    """Return the record file of an output."""
    return root / f"records/{inner}.json"


def edit_record(root: Path, inner: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a record, in all its copies."""
    record = read_json(record_file(root, inner))
    change(record)
    prefix = "results/small/"
    for entry in record["outputs"]:
        place = record_file(root, entry["path"].removeprefix(prefix))
        place.write_text(record_text(record), encoding="utf-8")


def describe_again(root: Path, inner: str) -> None:
    """Give the record of a file the digest and the size that the file has now."""
    path = root / inner

    def change(record: dict[str, Any]) -> None:
        for entry in record["outputs"]:
            if entry["path"].endswith(inner):
                entry |= {"sha256": sha256_file(path), "bytes": path.stat().st_size}

    edit_record(root, inner, change)


def read_again(root: Path, inner: str, read: str) -> None:
    """Give the record of a file the digest that one of its inputs has now."""
    path = root / read

    def change(record: dict[str, Any]) -> None:
        for entry in record["inputs"]:
            if entry["path"].endswith(read):
                entry |= {"sha256": sha256_file(path), "bytes": path.stat().st_size}

    edit_record(root, inner, change)


def edit_json(path: Path, change: Callable[[Any], None]) -> None:
    """Change a JSON file."""
    content = read_json(path)
    change(content)
    write_json(path, content)


def edit_number(root: Path, **fields: Any) -> None:
    """Change the ECE of the cell in ``numbers.json``."""

    def change(content: Any) -> None:
        number = next(item for item in content["numbers"] if item["id"] == NUMBER)
        number.update(fields)

    edit_json(root / "report/numbers.json", change)


NUMBER = "tiny/17/sums/graded/ece"


def edit_prediction(root: Path) -> None:
    """Make one wrong answer right."""
    rows = list(read_rows(root / PREDICTIONS, Prediction))
    at = next(index for index, row in enumerate(rows) if row.correct is False)
    rows[at] = replace(rows[at], correct=True)
    write_rows(root / PREDICTIONS, rows, Prediction)


def flip_byte(path: Path) -> None:
    """Change one byte in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    """Cut a file in half."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def swap(first: Path, second: Path) -> None:
    """Exchange two files."""
    aside = first.with_name("aside")
    shutil.move(first, aside)
    shutil.move(second, first)
    shutil.move(aside, second)


def set_settings(record: dict[str, Any], settings: dict[str, Any]) -> None:
    """Change settings, their digest and the command line that gave them."""
    record["settings"] = settings
    record["settings_sha256"] = sha256_text(canonical_json(settings))
    command = record["command"]
    command[command.index("--settings") + 1] = json.dumps(settings)
