"""Made-up source files in the forms of the real ones, and a loader's reading of them."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from calibrant.data.loading import load_dataset
from calibrant.data.raw import Loaded
from calibrant.stage_settings.sources import PublicSource


class Sources:
    """Writes made-up source files and reads them with a loader."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, Path] = {}

    def text(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
        self.files[name] = path

    def json(self, name: str, value: Any) -> None:
        self.text(name, json.dumps(value))

    def lines(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        self.text(name, "".join(json.dumps(row) + "\n" for row in rows))

    def table(self, name: str, rows: Sequence[Sequence[str]], delimiter: str = ",") -> None:
        self.text(name, "")
        with self.files[name].open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=delimiter).writerows(rows)

    def arrow(self, name: str, rows: list[dict[str, Any]]) -> None:
        self.text(name, "")
        table = pa.Table.from_pylist(rows)
        with pa.ipc.new_stream(str(self.files[name]), table.schema) as stream:
            stream.write_table(table)

    def load(self, loader: str, seed: int = 17, **options: str | int | bool) -> Loaded:
        entry = PublicSource(
            loader=loader, options=options, parts={}, domain="any", answer_type="number"
        )
        return load_dataset(entry, self.files, seed)


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(tmp_path)
