"""Why a job would run: its planned digests and files against the record of its last run."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from calibrant.files import sha256_file
from calibrant.lineage.code import code_closure
from calibrant.lineage.record import Record, project_path, read_record
from calibrant.lineage.snapshot import lock_path
from calibrant.orchestration.lock_changes import package_changes
from calibrant.orchestration.planned_job import PlannedJob
from calibrant.orchestration.setting_changes import setting_changes

Kind = Literal["new", "output", "code", "setting", "lock", "seed", "input", "upstream", "snakemake"]


@dataclass(frozen=True, order=True, slots=True)
class Reason:
    """One reason to run.

    Attributes:
        kind: What it is about. ``upstream`` alone is no cause of its own: another planned job
            writes an input. ``snakemake`` is Snakemake's own word where records explain nothing.
        text: The reason in words; of ``upstream``, the rule that comes before.
    """

    kind: Kind
    text: str


def job_reasons(job: PlannedJob, makers: Mapping[str, PlannedJob]) -> list[Reason]:
    """Return why a job would run, its own causes first.

    Args:
        job: The job.
        makers: Which planned job writes a file (see ``planned_job.makers``).

    Raises:
        CalibrantError: If its record, its code or its lock cannot be read.
    """
    reasons = _missing_outputs(job)
    if job.record and job.record.is_file():
        record = read_record(job.record)
        reasons += _code(job, record) + _settings(job, record) + _lock(job, record)
        if job.seed != record["seed"]:
            reasons.append(Reason("seed", f"{record['seed']} -> {job.seed}"))
        reasons += _inputs(job, record, job.record.stat().st_mtime_ns, makers)
    upstream = {makers[path].rule for path in job.inputs if path in makers}
    reasons += [Reason("upstream", rule) for rule in sorted(upstream)]
    return reasons or [Reason("snakemake", job.snakemake)]


def _missing_outputs(job: PlannedJob) -> list[Reason]:
    missing = [path for path in job.outputs if not Path(path).exists()]
    if len(missing) == len(job.outputs):
        return [Reason("new", "never made, or removed")]
    return [Reason("output", f"{path} is missing") for path in missing]


def _code(job: PlannedJob, record: Record) -> list[Reason]:
    if record["code"]["digest"] == job.code:
        return []
    before, now = record["code"]["modules"], _closure(job.script, job.code)
    words = {
        name: "changed" if name in before and name in now else "new" if name in now else "gone"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    }
    return [Reason("code", f"{name} {word}") for name, word in words.items()]


# Some hundred jobs share one script; the digest is in the key because code can change meanwhile.
@cache
def _closure(script: Path, digest: str) -> dict[str, str]:
    return code_closure(script, Path("workflow/calibrant"))


def _settings(job: PlannedJob, record: Record) -> list[Reason]:
    return [Reason("setting", text) for text in setting_changes(record["settings"], job.settings)]


def _lock(job: PlannedJob, record: Record) -> list[Reason]:
    name, digest = job.lock
    before = record["lock"]
    if before is None:
        return [Reason("lock", f"{name}: was run by hand, without a lock")]
    if before == {"name": name, "sha256": digest}:
        return []
    path = lock_path(name)
    changes = package_changes(path, record["environment"]["packages"])
    what = ", ".join(changes) or "no version that was installed is another one now"
    return [Reason("lock", f"{path} changed: {what}")]


def _inputs(
    job: PlannedJob, record: Record, written: int, makers: Mapping[str, PlannedJob]
) -> list[Reason]:
    """Compare the files a job reads; those that another job will write are not looked at."""
    before = {entry["path"]: entry for entry in record["inputs"]}
    now = {project_path(Path(path)): Path(path) for path in job.read}
    reasons = [Reason("input", f"{name} is read no more") for name in before.keys() - now.keys()]
    for name, path in now.items():
        if name not in before:
            reasons.append(Reason("input", f"{name} is read in addition"))
        elif str(path) not in makers and _has_changed(path, before[name]["sha256"], written):
            reasons.append(Reason("input", f"{name} changed"))
    return sorted(reasons)


def _has_changed(path: Path, digest: str, written: int) -> bool:
    # As Snakemake does: what is older than the results was there when they were made.
    return path.stat().st_mtime_ns > written and sha256_file(path) != digest
