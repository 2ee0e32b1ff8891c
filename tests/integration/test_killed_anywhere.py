"""A study of every kind of stage, killed twenty times with all its jobs, and finished."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.all_kinds_study import RESULTS, write_study
from tests.integration.kill_anywhere import (
    compared_files,
    finish_run,
    kill_at,
    random_moments,
    unlock,
)
from tests.integration.killed_workflow import environment
from tests.integration.small_project import copy_project

KILLS = 20
SEED = 20261127

# One run undisturbed, and one in twenty-one pieces: some seven minutes on two free cores.
pytestmark = [pytest.mark.whole, pytest.mark.timeout(2400)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project in which the study ran from beginning to end."""
    project = copy_project(tmp_path_factory.mktemp("undisturbed") / "project")
    write_study(project)
    finish_run(project)
    return project


def test_whenever_it_is_killed_the_end_is_the_same_to_the_byte(
    undisturbed: Path, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "project")
    write_study(project)
    killed = 0
    for moment in random_moments(undisturbed, KILLS, SEED):
        killed += kill_at(project, moment)
        unlock(project)
    # The last moments may come after the end, when this run is faster than the other.
    assert killed >= KILLS - 3
    finish_run(project)

    expected, made = compared_files(undisturbed), compared_files(project)
    assert made.keys() == expected.keys()
    assert {name for name in expected if made[name] != expected[name]} == set()
    weights = {name for name in expected if name.endswith(".safetensors")}
    assert {Path(name).parts[0] for name in weights} == {"model", "train"}
    assert {"report/report.html", "report/numbers.json", "judging/strings/judge.json"} <= set(made)
    verified = verify(project)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert verified.stdout.endswith("sound\n")


def verify(project: Path) -> "subprocess.CompletedProcess[str]":
    """Run ``calibrant verify`` on the study's results."""
    return subprocess.run(
        [sys.executable, "-m", "calibrant.cli", "verify", str(RESULTS)],
        cwd=project, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
