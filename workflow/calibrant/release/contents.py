"""Which files of a study a release holds, and why it leaves the others out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from calibrant.files import read_json
from calibrant.lineage.file_checks import CHECKPOINT
from calibrant.lineage.graph import Graph, StageRun
from calibrant.release.origins import Origin, dataset_of
from calibrant.reporting.curves import CURVE_ENDING


@dataclass(frozen=True, slots=True)
class StudyFile:
    """A file that a record or a checkpoint's manifest describes.

    Attributes:
        path: From the study's folder on.
        sha256: Its digest.
        bytes: Its size.
        datasets: Datasets whose rows it holds, sorted; empty where it holds none.
        manifest: The manifest that lists it, or None for an output of a stage.
        left_out: Why it is not in the release, or None where it is.
    """

    path: str
    sha256: str
    bytes: int
    datasets: tuple[str, ...]
    manifest: str | None
    left_out: str | None


def choose_files(graph: Graph, origins: dict[str, Origin], most_bytes: int) -> list[StudyFile]:
    """Return every described file of a study that was found sound, by path.

    Figures, accounts, curves, certificates, manifests and the report are always in, for numbers
    are checked against them. Rows and weights are in where they are small, and rows only where
    every dataset they come from may be published again.

    Args:
        graph: The records of the study.
        origins: Its datasets (see ``read_origins``).
        most_bytes: Largest size of a file of rows or weights.

    Raises:
        CalibrantError: If a manifest cannot be read.
    """
    held = _datasets_held(graph)
    files: dict[str, StudyFile] = {}
    for inner in graph.written:
        run = graph.writer(inner)
        assert run is not None
        entry = run.outputs[inner]
        reason = _reason(inner, entry["bytes"], held.get(inner, ()), origins, most_bytes)
        files[inner] = StudyFile(
            inner, entry["sha256"], entry["bytes"], held.get(inner, ()), None, reason
        )
        if PurePosixPath(inner).name == "manifest.json" and entry["name"] == "manifest":
            members = _members(graph, inner, most_bytes)
            files |= {file.path: file for file in members}
    return [files[path] for path in sorted(files)]


def rows_left_out(files: Sequence[StudyFile], origin: Origin) -> str | None:
    """Return why no file of rows of a dataset is in the release, or None where one is.

    Args:
        files: The described files of the study.
        origin: The dataset.
    """
    held = [file for file in files if origin.name in file.datasets and holds_rows(file.path)]
    if origin.refusal or not held or any(file.left_out is None for file in held):
        return origin.refusal
    return "every file of them is too large"


def holds_rows(path: str) -> bool:
    """Return whether a file, by its name, holds rows of data instead of figures."""
    is_lines = path.endswith(".jsonl") and not path.endswith(CURVE_ENDING)
    return is_lines or path.endswith(".parquet")


def _reason(
    path: str, size: int, datasets: tuple[str, ...], origins: dict[str, Origin], most_bytes: int
) -> str | None:
    if not holds_rows(path):
        return None
    for name in datasets:
        if origins[name].refusal:
            return f"licence: rows of {name}, and {origins[name].refusal}"
    return _size_reason(size, most_bytes)


def _size_reason(size: int, most_bytes: int) -> str | None:
    return f"size: more than {most_bytes / 1e6:g} MB" if size > most_bytes else None


def _members(graph: Graph, manifest: str, most_bytes: int) -> list[StudyFile]:
    content = read_json(graph.root / manifest)
    # A dataset may be called manifest, and then its manifest of sources has this name.
    if content.get("schema") != CHECKPOINT:
        return []
    folder = PurePosixPath(manifest).parent
    return [
        StudyFile(
            str(folder / entry["path"]), entry["sha256"], entry["bytes"], (), manifest,
            _size_reason(entry["bytes"], most_bytes),
        )
        for entry in content["files"]
    ]  # fmt: skip


def _datasets_held(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Return the datasets behind each file of rows, by following rows through the stages.

    Weights and figures made from rows are not rows, so the trail ends there.
    """
    found: dict[str, frozenset[str]] = {}

    def of_run(run: StageRun) -> frozenset[str]:
        if run.digest in found:
            return found[run.digest]
        # Records cannot form a circle, but a folder with two writers of a file could look so.
        found[run.digest] = frozenset()
        name = dataset_of(run)
        names = frozenset(() if name is None else (name,))
        for link in graph.links(run):
            if link.run is not None and link.inner is not None:
                fetched = link.run.record["stage"] == "fetch"
                if fetched or holds_rows(link.inner):
                    names |= of_run(link.run)
        found[run.digest] = names
        return names

    return {
        inner: tuple(sorted(of_run(run)))
        for run in graph.runs
        for inner in run.outputs
        if holds_rows(inner)
    }
