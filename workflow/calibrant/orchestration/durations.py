"""How long planned jobs may take, guessed from earlier runs of the same stages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from calibrant.lineage.record import find_records, read_record
from calibrant.orchestration.planned_job import PlannedJob

Seconds = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A rough duration of all planned jobs.

    Attributes:
        seconds: From start to end, in seconds; of the known jobs only.
        unknown: Number of jobs of stages that never ran in this study.
    """

    seconds: float
    unknown: int


def recorded_seconds(root: Path) -> dict[tuple[str, str], float]:
    """Return how long every stage took at its last run, by stage and subject.

    Raises:
        CalibrantError: If a record cannot be read.
    """
    records = map(read_record, find_records(root))
    return {(record["stage"], record["subject"]): record["seconds"] for record in records}


def job_seconds(job: PlannedJob, recorded: Seconds) -> float | None:
    """Return the seconds of the same job before, else the median of its stage, else None."""
    same = recorded.get((job.rule, job.subject))
    if same is not None:
        return same
    others = [seconds for (stage, _), seconds in recorded.items() if stage == job.rule]
    return median(others) if others else None


def estimate(jobs: Sequence[PlannedJob], seconds: Sequence[float | None], cores: int) -> Estimate:
    """Return how long the jobs take together on some cores, roughly.

    It is the longer of two bounds: all work spread evenly over the cores, and the longest chain of
    jobs that wait for each other. Starting processes and waiting for other programs are not in it.

    Args:
        jobs: The planned jobs.
        seconds: How long each takes, or None; one per job.
        cores: Number of cores.
    """
    known = [value or 0.0 for value in seconds]
    work = sum(
        value * min(job.threads, cores) / cores for job, value in zip(jobs, known, strict=True)
    )
    return Estimate(max(work, _longest_chain(jobs, known)), sum(value is None for value in seconds))


def _longest_chain(jobs: Sequence[PlannedJob], seconds: Sequence[float]) -> float:
    maker = {path: position for position, job in enumerate(jobs) for path in job.outputs}
    ends: dict[int, float] = {}

    def end(position: int) -> float:
        if position not in ends:
            before = {maker[path] for path in jobs[position].inputs if path in maker}
            ends[position] = seconds[position] + max(map(end, before), default=0.0)
        return ends[position]

    return max(map(end, range(len(jobs))), default=0.0)
