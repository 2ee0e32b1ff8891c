"""The verdict store: every verdict of a judge, kept once, under the hash of what it is about.

Append-only. Any number of processes may write at the same time, each to a segment of its own, and
may be killed at any byte: a verdict is stored whole or not at all.
"""

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from calibrant.errors import CalibrantError
from calibrant.files import sha256_bytes
from calibrant.judging.case import Case
from calibrant.judging.store_files import (
    SegmentWriter,
    StoredVerdict,
    json_bytes,
    read_segment,
    segments,
)


def key_of(judge: str, prompt_version: str, case: Case) -> str:
    """Return the key of a verdict: SHA-256 of canonical JSON, 64 hexadecimal digits.

    Args:
        judge: Identity of the judge.
        prompt_version: Version of its prompt.
        case: What it judges.
    """
    parts = [judge, prompt_version, case.question, list(case.references), case.answer]
    return sha256_bytes(json_bytes(parts))


@dataclass(frozen=True, slots=True)
class StoreStats:
    """What lies in a store.

    Attributes:
        segments: Number of segment files.
        bytes: Their size.
        records: Sound records, repeated ones included.
        verdicts: Distinct keys, per pair of judge and prompt version.
        clashes: Records that contradict an earlier one of the same key, which wins.
        torn: Segments whose last line a kill cut short.
        damaged: Complete lines whose checksum does not fit: the file was changed.
    """

    segments: int
    bytes: int
    records: int
    verdicts: dict[tuple[str, str], int]
    clashes: int
    torn: int
    damaged: int


@dataclass(slots=True)
class _Place:
    """How far a segment was read; a purge gives it another inode."""

    inode: int
    end: int


class VerdictStore:
    """A folder of verdicts. Close it, or use it in ``with``: an open writer keeps a purge away.

    Args:
        folder: The folder; made when the first verdict is put.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._writer: SegmentWriter | None = None
        self._places: dict[str, _Place] = {}
        self._known: dict[str, tuple[str, str, int, StoredVerdict]] = {}

    def get(self, keys: Iterable[str]) -> dict[str, StoredVerdict]:
        """Return the stored verdicts among ``keys``, of all writers up to now.

        Of contradicting verdicts the one given first wins.
        """
        self._refresh()
        return {key: self._known[key][-1] for key in keys if key in self._known}

    def all(self) -> list[StoredVerdict]:
        """Return every verdict that counts, by time and key."""
        self._refresh()
        found = [entry[-1] for entry in self._known.values()]
        return sorted(found, key=lambda record: (record.time, record.key))

    def put(self, records: Iterable[StoredVerdict], sync: bool = True) -> None:
        """Store verdicts; each outlives a kill of this process as soon as this returns.

        Args:
            records: The verdicts.
            sync: Whether they also outlive a power cut; else call ``sync`` later.

        Raises:
            CalibrantError: If a key does not belong to its record, a probability is none, or the
                folder cannot be written.
        """
        batch = list(records)
        for record in batch:
            _check(record)
        if not batch:
            return
        try:
            self._open_writer().append(batch)
        except OSError as error:
            # Half a line may lie at the end of the segment, so nothing may follow it.
            self.close()
            raise CalibrantError(
                f"cannot write: {error.strerror or error}",
                where=self.folder,
                repair="Check that the folder is writable and has space, then run again",
            ) from error
        if sync:
            self.sync()

    def sync(self) -> None:
        """Make all that was put survive a power cut.

        Raises:
            CalibrantError: If the disk refuses.
        """
        if self._writer is not None:
            try:
                self._writer.sync()
            except OSError as error:
                raise CalibrantError(
                    f"cannot write: {error.strerror}", where=self.folder
                ) from error

    def close(self) -> None:
        """Let go of this process's segment; the store can still be read and written."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def stats(self) -> StoreStats:
        """Read everything and count."""
        paths = segments(self.folder)
        parts = [read_segment(path) for path in paths]
        records = [record for part in parts for record in part.records]
        first = {record.key: record for record in self.all()}
        return StoreStats(
            segments=len(paths),
            bytes=sum(path.stat().st_size for path in paths),
            records=len(records),
            verdicts=dict(Counter((r.judge, r.prompt_version) for r in first.values())),
            clashes=sum(_differ(record, first[record.key]) for record in records),
            torn=sum(part.torn for part in parts),
            damaged=sum(part.damaged for part in parts),
        )

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()

    def _open_writer(self) -> SegmentWriter:
        if self._writer is not None and self._writer.pid != os.getpid():
            # After a fork the segment is the parent's.
            self._writer = None
        if self._writer is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._writer = SegmentWriter(self.folder)
        return self._writer

    def _refresh(self) -> None:
        paths = {path.name: path for path in segments(self.folder)}
        status = {}
        for name, path in paths.items():
            with suppress(FileNotFoundError):
                status[name] = path.stat()
        for name, place in self._places.items():
            found = status.get(name)
            if found is None or found.st_ino != place.inode or found.st_size < place.end:
                # A purge went over the store.
                self._places, self._known = {}, {}
                break
        for name, found in status.items():
            place = self._places.setdefault(name, _Place(found.st_ino, 0))
            if found.st_size > place.end:
                part = read_segment(paths[name], place.end)
                self._remember(name, place.end, part.records)
                place.end = part.end

    def _remember(self, name: str, start: int, records: list[StoredVerdict]) -> None:
        for number, record in enumerate(records):
            entry = (record.time, name, start + number, record)
            known = self._known.get(record.key)
            if known is None or entry[:3] < known[:3]:
                self._known[record.key] = entry


def _differ(one: StoredVerdict, other: StoredVerdict) -> bool:
    return (one.correct, one.probability) != (other.correct, other.probability)


def _check(record: StoredVerdict) -> None:
    case = Case(record.question, record.references, record.answer)
    if record.key != key_of(record.judge, record.prompt_version, case):
        raise CalibrantError("the key does not belong to the record", where=f"verdict {record.key}")
    if not 0 <= record.probability <= 1:
        raise CalibrantError(
            f"{record.probability!r} is not a probability",
            where=f"verdict {record.key} of judge {record.judge}",
        )
