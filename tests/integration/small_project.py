"""A copy of the project with a study that runs in seconds."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Snakemake does not end before the last such span is over; that of the profile is 5 s.
_SPAN = ("--max-jobs-per-timespan", "100/1s")


def copy_project(folder: Path) -> Path:
    """Copy all that the workflow needs into ``folder``."""
    folder.mkdir()
    for name in ("workflow", "config", "envs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Snakefile", folder)
    (folder / "profiles").symlink_to("workflow/profiles")
    return folder


def run_snakemake(
    project: Path, study: str, *options: str, expect: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run snakemake in a project and return the finished process."""
    finished = subprocess.run(
        ["snakemake", "--cores", "2", *_SPAN, "--config", f"study={study}", *options],
        cwd=project, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": "workflow", "OMP_WAIT_POLICY": "PASSIVE"},
    )  # fmt: skip
    assert finished.returncode == expect, finished.stdout + finished.stderr
    return finished


def write_tiny_study(project: Path, model: Path) -> Path:
    """Write a study that runs in seconds: generated sums and a file of one's own."""
    own = project / "own.csv"
    lines = [f"How much is {n} plus {n}?,{2 * n},item-{n}" for n in range(3, 15)]
    own.write_text("question,answer,id\n" + "\n".join(lines) + "\n", encoding="utf-8")
    path = project / "config/studies/tiny.yaml"
    path.write_text(
        f"""\
title: A <tiny> study
seed: 5
datasets:
  train:
    - dataset: sums
  evaluate:
    - dataset: sums
      limit: 6
    - dataset: mine
  generated:
    sums:
      task: chain_sum
      size: 60
      grades:
        - {{min_terms: 2, max_terms: 2, min_digits: 1, max_digits: 1}}
        - {{min_terms: 2, max_terms: 2, min_digits: 2, max_digits: 2}}
  own:
    mine:
      file: own.csv
      licence: CC0-1.0
      domain: math
      answer_type: number
      columns: {{id: id}}
models:
  tiny:
    kind: local
    path: {model}
generation:
  max_new_tokens: 8
rewards:
  rlcr:
    score: {{rule: brier}}
methods:
  tiny:
    kind: model
measures:
  replicates: 100
""",
        encoding="utf-8",
    )
    return path
