"""Taking the verdicts of one prompt version out of a store."""

import os
from dataclasses import dataclass
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.files import atomic_path
from calibrant.judging.store_files import (
    FolderLock,
    StoredVerdict,
    line_of,
    read_segment,
    segments,
    sync_folder,
)


@dataclass(frozen=True, slots=True)
class Purged:
    """Counts of records: those that go and those that stay."""

    gone: int
    kept: int


def purge(
    folder: Path, prompt_version: str, judge: str | None = None, dry_run: bool = False
) -> Purged:
    """Remove the records of a prompt version, segment by segment, each atomically.

    What a kill cut short or a fault damaged goes as well, in the segments that are rewritten. Killed
    in between, the purge can be run again.

    Args:
        folder: The folder of the store.
        prompt_version: The version whose records go.
        judge: Only those of the judge with this identity; None for all judges.
        dry_run: Only count; needs no lock.

    Raises:
        CalibrantError: If a process is writing to the store, or a file cannot be rewritten.
    """
    if dry_run:
        return _purge_segments(folder, prompt_version, judge, dry_run=True)
    try:
        lock = FolderLock(folder, alone=True)
    except OSError as error:
        raise CalibrantError(f"cannot lock: {error.strerror}", where=folder) from error
    try:
        return _purge_segments(folder, prompt_version, judge, dry_run=False)
    finally:
        lock.release()


def _purge_segments(folder: Path, prompt_version: str, judge: str | None, dry_run: bool) -> Purged:
    gone = kept = 0
    for path in segments(folder):
        records = read_segment(path).records
        stay = [
            record
            for record in records
            if record.prompt_version != prompt_version or judge not in (None, record.judge)
        ]
        if len(stay) < len(records) and not dry_run:
            _rewrite(path, stay)
        gone, kept = gone + len(records) - len(stay), kept + len(stay)
    return Purged(gone, kept)


def _rewrite(path: Path, records: list[StoredVerdict]) -> None:
    try:
        if not records:
            path.unlink()
        else:
            with atomic_path(path) as temporary, open(temporary, "xb") as handle:
                handle.writelines(map(line_of, records))
                handle.flush()
                os.fsync(handle.fileno())
        sync_folder(path.parent)
    except OSError as error:
        raise CalibrantError(f"cannot rewrite: {error.strerror}", where=path) from error
