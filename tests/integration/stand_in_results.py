"""Results of a study without running it: stand-ins for the files, everything else as in a real run.

Every planned job gets outputs of a line each and the record that its stage would have left, and then
``snakemake --touch`` takes them for its own. So a plan of any later change is Snakemake's real one.
"""

from pathlib import Path

from tests.integration.small_project import run_snakemake

from calibrant.lineage.code import code_closure
from calibrant.lineage.command import StageArguments
from calibrant.lineage.finished import Protocol, finished_record
from calibrant.lineage.record import describe_input, record_path, record_text
from calibrant.lineage.snapshot import Snapshot
from calibrant.orchestration.dry_run import dry_run
from calibrant.orchestration.planned_job import PlannedJob


def make_stand_ins(study: str) -> list[PlannedJob]:
    """Make all results of a study in the current folder, and return the jobs that they stand for."""
    jobs = dry_run(study, 2).jobs
    for job in jobs:
        _finish(job)
    # Without force there is nothing to touch: the files are there.
    run_snakemake(Path.cwd(), study, "--touch", "--forceall")
    return jobs


def _finish(job: PlannedJob) -> None:
    outputs = {
        f"output_{position}": Path(path)
        for position, path in enumerate(job.outputs)
        if Path(path) != job.record
    }
    for path in outputs.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{path}\n", encoding="utf-8")
    name, digest = job.lock
    arguments = StageArguments(
        subject=job.subject,
        root=job.root,
        inputs={"input": tuple(map(Path, job.inputs))},
        outputs=outputs,
        settings=job.settings,
        seed=job.seed,
        planned_code=job.code,
        planned_lock={"name": name, "sha256": digest},
    )
    snapshot = Snapshot(
        modules=code_closure(job.script, Path("workflow/calibrant")),
        lock=arguments.planned_lock,
        inputs=[describe_input("input", Path(path), job.root) for path in job.inputs],
    )
    record = finished_record(job.rule, arguments, snapshot, Protocol([str(job.script)]), outputs)
    for path in outputs.values():
        file = record_path(path, job.root)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(record_text(record), encoding="utf-8")
