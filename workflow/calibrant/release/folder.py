"""The folder of a release: written beside its place and renamed there, whole or not at all."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.files import sha256_file, write_json, write_text
from calibrant.lineage.findings import Findings
from calibrant.lineage.graph import Graph
from calibrant.lineage.record import RECORDS, find_records
from calibrant.lineage.verify import verify_folder
from calibrant.release.contents import StudyFile, rows_left_out
from calibrant.release.crate import README, SUMMARY, describe_release
from calibrant.release.entities import METADATA
from calibrant.release.plan import Plan
from calibrant.release.readme import write_readme

SCHEMA = "calibrant-release/1"

Say = Callable[[str], None]


def write_release(plan: Plan, out: Path, say: Say) -> dict[str, Any]:
    """Write a release and return its summary, which it holds as ``release.json``.

    Args:
        plan: What it holds (see ``plan_release``).
        out: The folder to write, which must not exist.
        say: Prints progress.

    Raises:
        CalibrantError: If ``out`` exists or lies in the study, a file changed since the study was
            verified, or a file cannot be written.
    """
    _check_place(plan.graph.root, out)
    summary = _summary(plan)
    with _whole_folder(out) as draft:
        _copy_study(plan.graph, plan.files, draft)
        for path, source in plan.code.files.items():
            _copy(source, draft / path)
        write_text(draft / README, write_readme(plan))
        write_json(draft / SUMMARY, summary)
        write_json(draft / METADATA, describe_release(plan))
        _check_draft(verify_folder(draft, say, quick=True), plan.files)
    return summary


def _check_place(folder: Path, out: Path) -> None:
    if out.exists() or out.is_symlink():
        raise CalibrantError(
            "exists already", where=out, repair="Remove it, or name another folder with --out"
        )
    if out.resolve().is_relative_to(folder.resolve()):
        raise CalibrantError(
            f"lies in the study {folder}", where=out, repair="Name a folder elsewhere with --out"
        )


@contextmanager
def _whole_folder(out: Path) -> Iterator[Path]:
    draft = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        draft.mkdir(parents=True)
        yield draft
        # A folder that came to be meanwhile is replaced only if it is empty.
        draft.rename(out)
    except OSError as error:
        raise CalibrantError(
            f"cannot write: {error.strerror or error}",
            where=out,
            repair="Check that the folder is writable and has space",
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _copy_study(graph: Graph, files: list[StudyFile], draft: Path) -> None:
    for file in files:
        if file.left_out is None:
            copied = _copy(graph.root / file.path, draft / file.path)
            if sha256_file(copied) != file.sha256:
                raise CalibrantError("changed since it was verified", where=graph.root / file.path)
    for record in find_records(graph.root):
        _copy(record, draft / RECORDS / record.relative_to(graph.root / RECORDS))


def _copy(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target


def _check_draft(findings: Findings, files: list[StudyFile]) -> None:
    """Check that nothing is wrong with a release but what it leaves out on purpose."""
    left_out = {file.path for file in files if file.left_out}
    for fault in findings.faults:
        if fault.kind != "missing" or fault.place not in left_out:
            raise CalibrantError(
                f"{fault.what} in the release, though the study is sound",
                where=fault.place,
                repair="Something wrote to the study meanwhile: wait for it and release again",
            )


def _summary(plan: Plan) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "study": plan.about.study,
        "published": plan.about.published,
        "most_bytes": plan.about.most_bytes,
        "files": sum(file.left_out is None for file in plan.files),
        "left_out": [
            {"path": file.path, "sha256": file.sha256, "bytes": file.bytes, "why": file.left_out}
            for file in plan.files
            if file.left_out
        ],
        "datasets": [
            {"name": item.name, "title": item.title, "licence": item.licence,
             "origin": item.origin, "rows_left_out": rows_left_out(plan.files, item)}
            for item in plan.origins.values()
        ],
        "code_not_as_it_ran": plan.code.absent,
    }  # fmt: skip
