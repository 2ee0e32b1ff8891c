"""Asking Snakemake what it would run, in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from calibrant.checked_study import load_checked_study
from calibrant.errors import CalibrantError
from calibrant.orchestration.planned_job import PlannedJob, planned_job
from calibrant.study_file import study_path

PLUGIN_FOLDER = Path(os.path.abspath(__file__)).parent / "snakemake_plugin"
# What Snakemake says in a dry run beside a lock.
_LOCKED = "Directory cannot be locked"


@dataclass(frozen=True, slots=True)
class DryRun:
    """What Snakemake would run.

    Attributes:
        jobs: The jobs of the study, in Snakemake's order.
        is_locked: Whether a run of the study holds its files, or was killed while it did.
    """

    jobs: list[PlannedJob]
    is_locked: bool


def dry_run(study: str, cores: int) -> DryRun:
    """Return the jobs that a run of a study would start now.

    Snakemake runs in the current folder with the profile it finds there, so it decides exactly as
    ``make reproduce`` would. Nothing is locked: this works beside a run.

    Args:
        study: Name in config/studies, or path of a .yaml file.
        cores: Number of cores.

    Raises:
        CalibrantError: If the folder has no workflow, the study is wrong, or Snakemake gives up.
    """
    study_path(study)
    if not Path("Snakefile").is_file():
        raise CalibrantError(
            "there is no Snakefile here",
            where=Path.cwd(),
            repair="Run this in the folder of the project",
        )
    with tempfile.TemporaryDirectory(prefix="calibrant-plan-") as folder:
        file = Path(folder) / "jobs.jsonl"
        file.touch()
        ended = _run_snakemake(study, cores, file)
        if ended.returncode:
            # Snakemake wraps our own line in its own: then better said once more, and plainly.
            load_checked_study(study_path(study))
            raise CalibrantError(f"Snakemake cannot plan this study: {_last_words(ended)}")
        lines = file.read_text(encoding="utf-8").splitlines()
    jobs = [planned_job(json.loads(line)) for line in lines]
    return DryRun([job for job in jobs if job is not None], _LOCKED in ended.stdout + ended.stderr)


def _run_snakemake(study: str, cores: int, file: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable, "-m", "snakemake", "--dry-run", "--cores", str(cores),
        "--config", f"study={study}", "--quiet", "all",
        "--logger", "planned", "--logger-planned-file", str(file),
    ]  # fmt: skip
    # The package of this folder, as for `make reproduce`, whatever else may be installed.
    paths = ["workflow", str(PLUGIN_FOLDER), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _last_words(ended: subprocess.CompletedProcess[str]) -> str:
    lines = (ended.stdout + ended.stderr).strip().splitlines()
    return " / ".join(line.strip() for line in lines[-6:]) or f"it ended with {ended.returncode}"
