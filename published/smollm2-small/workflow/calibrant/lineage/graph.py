"""The graph of a study: which stage wrote each file, and which stages read it.

It is built from the records alone. Paths in records begin with the study's folder as the stage was
given it (``results/STUDY``); here they are taken from that folder on, so the records of a folder
that was copied elsewhere, or renamed, give the same graph.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from calibrant.errors import CalibrantError
from calibrant.files import sha256_bytes
from calibrant.lineage.record import (
    RECORDS,
    InputEntry,
    OutputEntry,
    Record,
    find_records,
    read_record,
)
from calibrant.lineage.record_shape import check_shape

State = Literal["made", "altered", "lost", "source"]


@dataclass(frozen=True)
class StageRun:
    """One run of a stage, as its record tells it.

    Attributes:
        record: The record.
        digest: SHA-256 of the record file.
        prefix: The study's folder as the record's paths have it.
        places: The outputs, from the study's folder on, whose record files hold this record.
    """

    record: Record
    digest: str
    prefix: str
    places: tuple[str, ...]

    @property
    def name(self) -> str:
        """Stage and subject, as messages name it."""
        return " ".join(filter(None, (self.record["stage"], self.record["subject"])))

    @cached_property
    def outputs(self) -> dict[str, OutputEntry]:
        """Its outputs, by their path from the study's folder on."""
        found = ((self.inner(entry["path"]), entry) for entry in self.record["outputs"])
        return {inner: entry for inner, entry in found if inner is not None}

    def began_after(self, other: "StageRun") -> bool:
        """Return whether it started when another had finished; False where a time is none."""
        try:
            started = datetime.fromisoformat(self.record["started"])
            return started > datetime.fromisoformat(other.record["finished"])
        except (TypeError, ValueError):
            return False

    def inner(self, path: str) -> str | None:
        """Return a recorded path from the study's folder on, or None for one outside of it."""
        start = f"{self.prefix}/"
        return path.removeprefix(start) if path.startswith(start) else None


@dataclass(frozen=True, slots=True)
class Link:
    """How a stage came by an input.

    Attributes:
        entry: The input.
        inner: Its path from the study's folder on, or None for a file outside of it.
        run: The stage that wrote it, or None where no record says.
        state: ``made`` where a record has that path with these bytes, ``altered`` where the record
            has other bytes for the path, ``lost`` where there was a record once, ``source`` for a
            file that no stage wrote.
    """

    entry: InputEntry
    inner: str | None
    run: StageRun | None
    state: State


class Graph:
    """The runs of a study, linked by path and SHA-256 of what they read and wrote.

    Args:
        root: Folder of the study.
        runs: All runs.
    """

    def __init__(self, root: Path, runs: Iterable[StageRun]) -> None:
        self.root = root
        self.runs = list(runs)
        self._at = {place: run for run in self.runs for place in run.places}
        self._writers: dict[str, list[StageRun]] = {}
        self._readers: dict[str, list[StageRun]] = {}
        for run in self.runs:
            for inner in run.outputs:
                self._writers.setdefault(inner, []).append(run)
            # A file given to two inputs of one stage is read by it once.
            read = dict.fromkeys(run.inner(entry["path"]) for entry in run.record["inputs"])
            for name in filter(None, read):
                self._readers.setdefault(name, []).append(run)

    @cached_property
    def written(self) -> list[str]:
        """All paths that a record says were written, from the study's folder on."""
        return sorted(self._writers)

    def writer(self, inner: str) -> StageRun | None:
        """Return the run that wrote a file: the one whose record stands at its place."""
        return self._at.get(inner) or next(iter(self._writers.get(inner, [])), None)

    def readers(self, inner: str) -> list[StageRun]:
        """Return the runs that read a file."""
        return self._readers.get(inner, [])

    def links(self, run: StageRun) -> list[Link]:
        """Return where each input of a run came from, in the order of its record."""
        return [self._link(run, entry) for entry in run.record["inputs"]]

    def outdated(self, run: StageRun) -> dict[str, StageRun]:
        """Return who wrote which inputs of a run anew after it had finished, by recorded path.

        That is no contradiction: whoever stopped a study half way has such files.
        """
        return {
            link.entry["path"]: link.run
            for link in self.links(run)
            if link.state == "altered" and link.run is not None and link.run.began_after(run)
        }

    def behind(self, ends: Iterable[StageRun]) -> list[StageRun]:
        """Return runs and all those that their inputs came from, each once."""
        found: dict[int, StageRun] = {}
        waiting = list(ends)
        while waiting:
            run = waiting.pop()
            if id(run) not in found:
                found[id(run)] = run
                waiting += [link.run for link in self.links(run) if link.run]
        return list(found.values())

    def _link(self, run: StageRun, entry: InputEntry) -> Link:
        inner = run.inner(entry["path"])
        if inner is None:
            return Link(entry, None, None, "source")
        writers = self._writers.get(inner, [])
        # Not by the record's digest in the input: a stage that ran again and gave the same bytes
        # has another record, and whoever read those bytes is none the worse for it.
        same = [item for item in writers if item.outputs[inner]["sha256"] == entry["sha256"]]
        if same:
            at_place = self._at.get(inner)
            return Link(entry, inner, at_place if at_place in same else same[0], "made")
        if writers:
            return Link(entry, inner, self.writer(inner), "altered")
        return Link(entry, inner, None, "source" if entry["record"] is None else "lost")


def read_graph(root: Path, broken: list[CalibrantError] | None = None) -> Graph:
    """Read the records of a study's folder.

    Args:
        root: The folder, which holds ``records``.
        broken: Gets an error for every record that cannot be read; None raises the first.

    Raises:
        CalibrantError: If there are no records, or one cannot be read and ``broken`` is None.
    """
    files = find_records(root)
    if not files:
        raise CalibrantError(
            "holds no records",
            where=root / RECORDS,
            repair="Name the folder of a study that has run, such as results/quickstart",
        )
    known: dict[str, Record] = {}
    places: dict[tuple[str, str], list[str]] = {}
    for file in files:
        try:
            digest = _read(file, known)
            inner = file.relative_to(root / RECORDS).as_posix().removesuffix(".json")
            places.setdefault((digest, _prefix(known[digest], inner, file)), []).append(inner)
        except CalibrantError as error:
            if broken is None:
                raise
            broken.append(error)
    return Graph(
        root,
        [
            StageRun(known[digest], digest, prefix, tuple(inners))
            for (digest, prefix), inners in places.items()
        ],
    )


def _read(file: Path, known: dict[str, Record]) -> str:
    """Read a record once for all its copies and return its digest."""
    try:
        digest = sha256_bytes(file.read_bytes())
    except OSError as error:
        raise CalibrantError(f"cannot read: {error.strerror}", where=file) from error
    if digest not in known:
        record = read_record(file)
        check_shape(record, file)
        known[digest] = record
    return digest


def _prefix(record: Record, inner: str, file: Path) -> str:
    """Return the study's folder as the record has it, which its own place tells."""
    for entry in record["outputs"]:
        if entry["path"].endswith(f"/{inner}"):
            return entry["path"].removesuffix(f"/{inner}")
    raise CalibrantError("stands at the place of a file that its stage did not write", where=file)
