"""Jobs of a workflow as commands to run by hand, on a machine with neither Snakemake nor a network."""

import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.files import read_json
from calibrant.lineage.file_checks import CHECKPOINT
from calibrant.lineage.record import record_path
from calibrant.orchestration.planned_job import PlannedJob, makers

# A stage imports the package and checks its lock.
_ALWAYS = ("workflow", "envs")
_PREFIX = "set -euo pipefail\nexport PYTHONPATH=workflow OMP_WAIT_POLICY=PASSIVE\n"


@dataclass(frozen=True, slots=True)
class ByHand:
    """What is needed to run some jobs elsewhere. All paths start at the project's folder.

    Attributes:
        script: Shell script that runs the jobs one after the other.
        carry: Files and folders that they need.
        bring: Files and folders that they leave behind.
        jobs: Names of the jobs.
        outputs: The outputs that their rules declare, which is what Snakemake remembers runs by.
    """

    script: str
    carry: tuple[str, ...]
    bring: tuple[str, ...]
    jobs: tuple[str, ...]
    outputs: tuple[str, ...]


def by_hand(jobs: Sequence[PlannedJob], rules: Collection[str]) -> ByHand:
    """Return the commands of all planned jobs of some rules.

    Args:
        jobs: The jobs of a dry run.
        rules: Names of the rules.

    Raises:
        CalibrantError: If no job of a rule is planned, or an input is still to be made by another.
    """
    for rule in rules:
        if rule not in {job.rule for job in jobs}:
            planned = ", ".join(dict.fromkeys(job.rule for job in jobs)) or "none"
            raise CalibrantError(
                f"no job of the rule {rule!r} is to be done",
                where="--rule",
                repair=f"Rules with jobs: {planned}",
            )
    chosen = _in_order([job for job in jobs if job.rule in rules])
    _check_inputs(chosen, jobs)
    made = makers(chosen)
    carry = [name for job in chosen for path in job.inputs if path not in made for name in
             _with_files(path, job.root)]  # fmt: skip
    bring = [name for job in chosen for name in _left(job)]
    return ByHand(
        script=_PREFIX + "".join(map(_command, chosen)),
        carry=(*_ALWAYS, *sorted(set(carry))),
        bring=tuple(sorted(set(bring))),
        jobs=tuple(job.name for job in chosen),
        outputs=tuple(path for job in chosen for path in job.outputs),
    )


def _in_order(jobs: Sequence[PlannedJob]) -> list[PlannedJob]:
    """Return the jobs so that what one reads is written before."""
    written_by = makers(jobs)
    ordered: list[PlannedJob] = []

    def add(job: PlannedJob) -> None:
        if job in ordered:
            return
        for path in job.inputs:
            if path in written_by:
                add(written_by[path])
        ordered.append(job)

    for job in jobs:
        add(job)
    return ordered


def _check_inputs(chosen: Sequence[PlannedJob], jobs: Sequence[PlannedJob]) -> None:
    written_by, made = makers(jobs), makers(chosen)
    for job in chosen:
        for path in job.inputs:
            if path in written_by and path not in made:
                first = written_by[path].rule
                raise CalibrantError(
                    f"{job.name} waits for {path}, which {first} has yet to make",
                    where="--rule",
                    repair=f"Run it first (snakemake --until {first}), or name {first} as well",
                )


def _command(job: PlannedJob) -> str:
    folders = sorted({str(Path(path).parent) for path in _logs(job)})
    return f"\n# {job.name}\nmkdir -p {' '.join(folders) or job.root}\n{job.command.strip()}\n"


def _logs(job: PlannedJob) -> list[str]:
    start = f"{job.root.as_posix()}/logs/"
    return [word for word in job.command.split() if word.startswith(start)]


def _with_files(path: str, root: Path) -> list[str]:
    """Return an input, its record, and the files that it lists if it is a checkpoint's manifest."""
    found = [path]
    if Path(path).is_relative_to(root):
        record = record_path(Path(path), root)
        found += [record.as_posix()] if record.is_file() else []
    if Path(path).name == "manifest.json":
        content: Any = read_json(Path(path))
        # A dataset called manifest has files of this name too.
        if isinstance(content, dict) and content.get("schema") == CHECKPOINT:
            listed = content["files"]
            found += [(Path(path).parent / entry["path"]).as_posix() for entry in listed]
    return found


def _left(job: PlannedJob) -> list[str]:
    records = f"{job.root.as_posix()}/records/"
    found = _logs(job)
    for path in job.outputs:
        if path.startswith(records):
            continue
        # A manifest lists files beside it, whose names are known only afterwards.
        found.append(Path(path).parent.as_posix() if _is_checkpoint(path, job) else path)
        found.append(record_path(Path(path), job.root).as_posix())
    return found


def _is_checkpoint(path: str, job: PlannedJob) -> bool:
    # Files of a dataset called manifest have this name too; what fetches it even calls its list so.
    named = ("--manifest", path) in pairwise(shlex.split(job.command))
    return named and Path(path).name == "manifest.json" and job.rule != "fetch"
