"""``calibrant plan STUDY``: what a run of the workflow would do now, why, and how long roughly."""

import argparse
import json
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.lineage.environment import usable_cpus
from calibrant.orchestration.dry_run import DryRun, dry_run
from calibrant.orchestration.durations import estimate, job_seconds, recorded_seconds
from calibrant.orchestration.plan_document import ExplainedJob, Plan, plan_document, plan_text
from calibrant.orchestration.planned_job import makers
from calibrant.orchestration.reasons import job_reasons
from calibrant.study_file import study_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant plan``."""
    parser.add_argument("study", help="name in config/studies, or path of a .yaml file")
    parser.add_argument("--cores", type=_cores, default=usable_cpus(), help="cores of the run")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace) -> int:
    """Print the plan; nothing is run and nothing is written."""
    found = dry_run(args.study, args.cores)
    plan = explain(study_path(args.study).stem, found, args.cores)
    if args.format == "json":
        print(json.dumps(plan_document(plan), indent=1, ensure_ascii=False))
    else:
        print(plan_text(plan))
    return 0


def explain(study: str, found: DryRun, cores: int) -> Plan:
    """Put together what is planned: every job with its reasons and its seconds.

    Args:
        study: Name of the study.
        found: The dry run.
        cores: Number of cores.

    Raises:
        CalibrantError: If a record, a module or a lock cannot be read.
    """
    jobs = found.jobs
    recorded = recorded_seconds(jobs[0].root if jobs else Path("results") / study)
    written_by = makers(jobs)
    seconds = [job_seconds(job, recorded) for job in jobs]
    explained = [
        ExplainedJob(job, job_reasons(job, written_by), value)
        for job, value in zip(jobs, seconds, strict=True)
    ]
    return Plan(study, cores, explained, estimate(jobs, seconds, cores), found.is_locked)


def _cores(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise CalibrantError(f"{text!r} is not a number of cores", where="--cores")
    return int(text)
