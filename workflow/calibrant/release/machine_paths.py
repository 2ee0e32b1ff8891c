"""What a release would tell of the machine a study ran on: its folders."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.lineage.record import find_records
from calibrant.release.contents import holds_rows
from calibrant.release.plan import Plan

# Where records keep paths: those of inputs and outputs, and of own files and models in settings.
_PATH_KEYS = ("path", "file")
_MOST_SHOWN = 300


def check_no_machine_paths(plan: Plan) -> None:
    """Check that nothing to be released names a folder outside the project, or where that lies.

    Looked at are all records (an absolute path of an input, an output, an own file or a model) and
    all files but rows (the folder of the user or of the project, or the absolute address of an
    SQLite file, anywhere in the bytes). What stands in rows is text of datasets and answers of models.

    Raises:
        CalibrantError: If a file does, naming the first and what it says.
    """
    found = list(_places(plan))
    if found:
        place, path = found[0]
        files = {where for where, _ in found}
        more = f", the first of {len(files)} files that do" if len(files) > 1 else ""
        raise CalibrantError(
            f"names a path of this machine, {path[:_MOST_SHOWN]}{more}",
            where=place,
            repair="Move the file into the project, name it from there in the study and run that "
            "again, or release it as it is with --allow-paths",
        )


def _places(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Yield each file and the paths that it names."""
    root = plan.graph.root
    folders = _folders(Path.home(), Path.cwd())
    for record in find_records(root):
        data = record.read_bytes()
        for path in (*_absolute_paths(json.loads(data)), *_mentions(data, folders)):
            yield record, path
    for file in plan.files:
        if file.left_out is None and not holds_rows(file.path):
            for path in _mentions((root / file.path).read_bytes(), folders):
                yield root / file.path, path


def _absolute_paths(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _absolute_paths(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in _PATH_KEYS and isinstance(item, str) and item.startswith(("/", "~")):
                yield item
            else:
                yield from _absolute_paths(item)


def _folders(*folders: Path) -> re.Pattern[bytes]:
    """Return what finds a path in one of the folders, as text or escaped in JSON.

    It also finds the absolute address of an SQLite file, which studies published to MLflow before
    addresses were written from the study's folder on, wherever the project lay then.
    """
    # In a container the home can be the root, under which everything lies.
    names = {str(folder) for folder in folders if folder != Path(folder.anchor)}
    spelled = names | {json.dumps(name)[1:-1] for name in names}
    either = "|".join(re.escape(name) for name in ("sqlite:///", *sorted(spelled)))
    return re.compile(rf"(?<![\w.+-])(?:{either})/[^\s\"'<>\\]+".encode())


def _mentions(data: bytes, folders: re.Pattern[bytes]) -> list[str]:
    return [match.decode("utf-8", "replace") for match in folders.findall(data)]
