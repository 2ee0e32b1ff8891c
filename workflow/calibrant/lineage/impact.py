"""What depends on a file, by the records: stages, files and published numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from calibrant.lineage.graph import Graph, StageRun
from calibrant.lineage.published_numbers import NUMBERS, PublishedNumbers
from calibrant.reporting.numbers import Number


@dataclass(frozen=True, slots=True)
class Impact:
    """What depends on a file in one study.

    Attributes:
        runs: The stages, in the order in which they follow from each other.
        numbers: The published numbers that come from their outputs, or from the file itself.
    """

    runs: list[StageRun]
    numbers: list[Number]


def impact_of_result(graph: Graph, inner: str) -> Impact:
    """Return what depends on a file of the study.

    Args:
        graph: The records.
        inner: The file, from the study's folder on; one of a checkpoint stands for its manifest.
    """
    beside = str(PurePosixPath(inner).parent / "manifest.json")
    # Only the manifest is read by name; the files beside it are read through it.
    is_member = inner not in graph.written and beside in graph.written
    return _impact(graph, graph.readers(beside if is_member else inner), frozenset({inner}))


def impact_of_source(graph: Graph, path: str) -> Impact:
    """Return what depends on a file outside of the study, as records name it."""
    return _impact(
        graph, _those(graph, lambda run: path in {item["path"] for item in run.record["inputs"]})
    )


def impact_of_module(graph: Graph, name: str) -> Impact:
    """Return what ran code of a module, such as ``calibrant/files.py``, and what depends on it."""
    return _impact(graph, _those(graph, lambda run: name in run.record["code"]["modules"]))


def impact_of_lock(graph: Graph, name: str) -> Impact:
    """Return what ran in the environment of ``envs/NAME.lock``, and what depends on it."""
    return _impact(graph, _those(graph, lambda run: _lock_name(run) == name))


def _those(graph: Graph, which: Callable[[StageRun], bool]) -> list[StageRun]:
    return [run for run in graph.runs if which(run)]


def _lock_name(run: StageRun) -> str | None:
    lock = run.record["lock"]
    return None if lock is None else lock["name"]


def _impact(graph: Graph, first: list[StageRun], files: frozenset[str] = frozenset()) -> Impact:
    found: dict[str, StageRun] = {}
    waiting = list(first)
    while waiting:
        run = waiting.pop(0)
        if run.digest not in found:
            found[run.digest] = run
            waiting += [reader for inner in run.outputs for reader in graph.readers(inner)]
    runs = sorted(found.values(), key=lambda run: run.record["started"])
    touched = files | {inner for run in runs for inner in run.outputs}
    return Impact(runs, _numbers(graph, touched))


def _numbers(graph: Graph, touched: frozenset[str]) -> list[Number]:
    run = graph.writer(NUMBERS)
    path = graph.root / NUMBERS
    if run is None or not path.is_file():
        return []
    return [
        number
        for number in PublishedNumbers(path).all()
        if any(
            run.inner(file) in touched
            for file in (number.file, *(place.file for place in number.others))
        )
    ]
