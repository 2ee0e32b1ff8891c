"""Checks of files: every output, and every file that a checkpoint's manifest lists."""

import hashlib
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from calibrant.errors import CalibrantError
from calibrant.files import read_json
from calibrant.lineage.environment import usable_cpus
from calibrant.lineage.findings import Findings, listed
from calibrant.lineage.graph import Graph
from calibrant.lineage.hops import hop
from calibrant.lineage.record import RECORDS

Say = Callable[[str], None]

CHECKPOINT = "calibrant-checkpoint/1"
# Reading is hashing's equal at about four threads; more only compete for the disk.
_MOST_THREADS = 4
_BIG = 1 << 28
# Whatever lies here is a result, so something must have made it.
_MUST_BE_EXPLAINED = (
    "predictions", "measures", "report", "comparisons", "certificates", "cards", "rewards", "labels",
    "data", "train",
)  # fmt: skip
# What a stage writes until it has finished; see ``outputs``.
_UNFINISHED = ".partial-"


@dataclass(frozen=True, slots=True)
class _Expected:
    """What a file must be; ``hop`` says who wrote and who reads it."""

    sha256: str
    bytes: int
    hop: str


def check_files(graph: Graph, findings: Findings, say: Say) -> None:
    """Hash every file that a record or a manifest describes, and list those that none does.

    Args:
        graph: The records.
        findings: Gets the faults, the files without explanation and the speed.
        say: Prints progress where files are big.
    """
    outputs: dict[str, _Expected] = {}
    for inner in graph.written:
        run = graph.writer(inner)
        if run is not None:
            entry = run.outputs[inner]
            outputs[inner] = _Expected(entry["sha256"], entry["bytes"], hop(graph, inner))
    _check_all(graph.root, outputs, findings, say)
    members = _checkpoint_files(graph, findings)
    _check_all(graph.root, members, findings, say)
    findings.checked["outputs"] = len(outputs)
    findings.checked["files of checkpoints"] = len(members)
    _list_unexplained(graph, outputs.keys() | members.keys(), findings)


def _check_all(root: Path, files: Mapping[str, _Expected], findings: Findings, say: Say) -> None:
    there = {}
    for inner, expected in files.items():
        path = root / inner
        if not path.is_file():
            findings.missing(inner, f"is not there ({expected.hop})")
        elif path.stat().st_size != expected.bytes:
            findings.altered(
                inner,
                f"has {path.stat().st_size} bytes instead of {expected.bytes} ({expected.hop})",
            )
        else:
            there[inner] = expected
            if expected.bytes >= _BIG:
                say(f"hashing {inner}, {expected.bytes / 1e6:,.0f} MB")
    start = time.perf_counter()
    with ThreadPoolExecutor(min(_MOST_THREADS, usable_cpus())) as pool:
        found = dict(zip(there, pool.map(lambda inner: _sha256(root / inner), there), strict=True))
    findings.hashed_seconds += time.perf_counter() - start
    findings.hashed_bytes += sum(expected.bytes for expected in there.values())
    for inner, expected in there.items():
        if found[inner] != expected.sha256:
            findings.altered(inner, f"has other bytes than recorded ({expected.hop})")


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise CalibrantError(f"cannot read: {error.strerror}", where=path) from error


def _checkpoint_files(graph: Graph, findings: Findings) -> dict[str, _Expected]:
    files: dict[str, _Expected] = {}
    for inner in graph.written:
        path = graph.root / inner
        run = graph.writer(inner)
        # The account of a dataset called manifest has this file name and another name.
        if run is None or run.outputs[inner]["name"] != "manifest" or not path.is_file():
            continue
        if PurePosixPath(inner).name != "manifest.json":
            continue
        with findings.altered_if_refused(inner):
            for name, digest, size in _listed(path):
                member = str(PurePosixPath(inner).parent / name)
                files[member] = _Expected(digest, size, f"in {inner}, {hop(graph, inner)}")
    return files


def _listed(manifest: Path) -> list[tuple[str, str, int]]:
    content = read_json(manifest)
    try:
        if content["schema"] != CHECKPOINT:
            raise ValueError(f"schema {content['schema']!r}")
        listed = [
            (str(entry["path"]), str(entry["sha256"]), int(entry["bytes"]))
            for entry in content["files"]
        ]
    except (TypeError, KeyError, ValueError) as error:
        raise CalibrantError(
            f"is no manifest of a checkpoint: {error!r}", where=manifest
        ) from error
    for name, _, _ in listed:
        if ".." in PurePosixPath(name).parts or name.startswith("/"):
            raise CalibrantError(f"lists {name}, which is not in its folder", where=manifest)
    return listed


def _list_unexplained(graph: Graph, explained: set[str], findings: Findings) -> None:
    unfinished = []
    for path in sorted(graph.root.rglob("*")):
        inner = path.relative_to(graph.root).as_posix()
        parts = inner.split("/")
        first = parts[0]
        if inner in explained or not path.is_file():
            continue
        if any(part.startswith(_UNFINISHED) for part in parts):
            unfinished.append(inner)
            continue
        if first == RECORDS:
            continue
        # No stage reads a hidden file: it is what a file manager or an editor left.
        is_hidden = any(part.startswith(".") for part in parts)
        # A file that a stage read has lost its record, which the links say.
        if first in _MUST_BE_EXPLAINED and not is_hidden and not graph.readers(inner):
            findings.altered(inner, "no record accounts for it")
        else:
            findings.unexplained.append(inner)
    if unfinished:
        findings.note(f"left by a stage that has not finished: {listed(unfinished)}")
