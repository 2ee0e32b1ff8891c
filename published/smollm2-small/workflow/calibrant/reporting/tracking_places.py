"""Where the outputs of a record lie now, and whether they are still what it describes."""

from collections.abc import Callable, Iterator
from pathlib import Path

from calibrant.files import sha256_file
from calibrant.lineage.record import Record


def unchanged_output(
    record: Record, root: Path, wanted: Callable[[str], bool], say: Callable[[str], None]
) -> Iterator[Path]:
    """Yield the outputs of a record whose path is wanted.

    One that is gone, or is no longer the one the record describes, is said and left out.

    Args:
        record: The record.
        root: Folder of the study's results.
        wanted: Tells of a recorded path whether it is asked for.
        say: Prints a line.
    """
    for entry in record["outputs"]:
        if not wanted(entry["path"]):
            continue
        path = _local_path(entry["path"], root)
        if path.is_file() and sha256_file(path) == entry["sha256"]:
            yield path
        else:
            say(f"{path}: is not the file that its record describes, left out")


def _local_path(recorded: str, root: Path) -> Path:
    """Return where an output lies, whose record says ``results/STUDY/...`` or an absolute path."""
    path = Path(recorded)
    parts = path.parts
    for start in range(len(parts) - 1):
        # The results may have been moved, or be reached from another folder.
        if parts[start] == root.name:
            moved = root.joinpath(*parts[start + 1 :])
            if moved.is_file():
                return moved
    return path
