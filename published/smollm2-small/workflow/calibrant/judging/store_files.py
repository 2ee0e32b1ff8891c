"""The files of a verdict store: segments of checked lines that only grow.

Every writing process has a segment of its own, ``PID-RANDOM.jsonl``. A line is the SHA-256 of a JSON
object, a space and the object, so a line that a kill or a full disk cut short is known as such.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_bytes

_DIGEST = 64


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """One verdict with all that it was based on.

    Attributes:
        key: ``key_of`` the rest: what makes two verdicts the same.
        judge: Identity of the judge.
        prompt_version: Version of its prompt.
        question: The question answered.
        references: Accepted answers.
        answer: The answer as the judge saw it.
        correct: Whether the judge takes it for correct.
        probability: Its probability that it is, in [0, 1].
        time: When the verdict was given, UTC, ISO 8601 with microseconds.
    """

    key: str
    judge: str
    prompt_version: str
    question: str
    references: tuple[str, ...]
    answer: str
    correct: bool
    probability: float
    time: str


@dataclass(frozen=True, slots=True)
class SegmentPart:
    """What was read of a segment.

    Attributes:
        records: The sound records, in order.
        damaged: Complete lines whose checksum does not fit.
        torn: Whether the last line is cut short.
        end: Where the next read begins: behind the last complete line (bytes).
    """

    records: list[StoredVerdict]
    damaged: int
    torn: bool
    end: int


def json_bytes(value: Any) -> bytes:
    """Return canonical JSON in UTF-8; halves of surrogate pairs, which models write, are kept."""
    return canonical_json(value).encode("utf-8", errors="surrogatepass")


def line_of(record: StoredVerdict) -> bytes:
    """Return the line of a record, with its line break."""
    body = json_bytes(asdict(record))
    return sha256_bytes(body).encode() + b" " + body + b"\n"


def read_segment(path: Path, start: int = 0) -> SegmentPart:
    """Read a segment from byte ``start``, the beginning of a line; its writer may be at work.

    Raises:
        CalibrantError: If the file cannot be read, or a sound line is no record of ours.
    """
    try:
        with open(path, "rb") as handle:
            handle.seek(start)
            data = handle.read()
    except OSError as error:
        raise CalibrantError(f"cannot read: {error.strerror}", where=path) from error
    *lines, tail = data.split(b"\n")
    found = [_record(line, path) for line in lines if line]
    # All of a record but its line break is a whole record.
    last = _record(tail, path)
    records = [record for record in [*found, last] if record is not None]
    return SegmentPart(
        records, found.count(None), bool(tail) and last is None, start + len(data) - len(tail)
    )


def _record(line: bytes, path: Path) -> StoredVerdict | None:
    digest, body = line[:_DIGEST], line[_DIGEST + 1 :]
    if line[_DIGEST : _DIGEST + 1] != b" " or sha256_bytes(body).encode() != digest:
        return None
    try:
        fields = json.loads(body.decode("utf-8", errors="surrogatepass"))
        return StoredVerdict(**{**fields, "references": tuple(fields["references"])})
    except (ValueError, TypeError, KeyError) as error:
        raise CalibrantError(
            "holds a line that is no verdict",
            where=path,
            repair="Read it with the version of Calibrant that wrote it, or move the file away",
        ) from error


def segments(folder: Path) -> list[Path]:
    """Return the segments of a store, by name."""
    return sorted(folder.glob("*-*.jsonl"))


def sync_folder(folder: Path) -> None:
    """Make names of files in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FolderLock:
    """The lock of a store: many writers, or one purge. A kill releases it.

    Args:
        folder: The folder of the store.
        alone: Whether nobody else may hold it.

    Raises:
        CalibrantError: If ``alone`` and a writer is at work. Without it, waits for a purge to end.
    """

    def __init__(self, folder: Path, alone: bool) -> None:
        self._handle = open(folder / ".lock", "ab")  # noqa: SIM115
        mode = fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH
        try:
            fcntl.flock(self._handle, mode)
        except BlockingIOError as error:
            self._handle.close()
            raise CalibrantError(
                "a process is writing to this store",
                where=folder,
                repair="Wait until it has ended",
            ) from error

    def release(self) -> None:
        """Give the lock back."""
        self._handle.close()


class SegmentWriter:
    """Appends records to a new segment of this process.

    Args:
        folder: The folder of the store, which must exist.
    """

    def __init__(self, folder: Path) -> None:
        self.pid = os.getpid()
        self._lock = FolderLock(folder, alone=False)
        self.path = folder / f"{self.pid}-{secrets.token_hex(8)}.jsonl"
        # Unbuffered: what append has returned from outlives a kill of this process.
        self._handle: BinaryIO = open(self.path, "xb", buffering=0)  # noqa: SIM115
        sync_folder(folder)

    def append(self, records: Iterable[StoredVerdict]) -> None:
        """Hand the records to the operating system.

        Raises:
            OSError: If they cannot be written whole; the segment must not be used any more.
        """
        data = memoryview(b"".join(map(line_of, records)))
        while data:
            data = data[self._handle.write(data) :]

    def sync(self) -> None:
        """Make what was appended survive a power cut."""
        os.fsync(self._handle.fileno())

    def close(self) -> None:
        """Close the segment and release the lock."""
        self._handle.close()
        self._lock.release()
