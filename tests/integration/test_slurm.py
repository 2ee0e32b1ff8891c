"""The study ``tiny`` as jobs of a real Slurm of one node, killed in the middle and finished."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.killed_workflow import finish, kill_in_the_middle, records
from tests.integration.one_node_slurm import OneNodeSlurm, can_run, cancel, jobs_of_calibrant

# A site's own values, given as the manual says: what this Slurm lacks, and shorter waits.
SITE = (
    "--profile", "workflow/profiles/slurm", "--slurm-no-account", "--slurm-status-command", "squeue",
    "--slurm-init-seconds-before-status-checks", "2", "--seconds-between-status-checks", "3",
    "--latency-wait", "10",
)  # fmt: skip
REASON = can_run()
PLUGIN = importlib.util.find_spec("snakemake_executor_plugin_slurm")

pytestmark = [
    pytest.mark.whole,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(REASON is not None, reason=str(REASON)),
    pytest.mark.skipif(PLUGIN is None, reason="snakemake-executor-plugin-slurm is not installed"),
]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneNodeSlurm]:
    with OneNodeSlurm(tmp_path_factory.mktemp("slurm")) as running:
        yield running


def test_a_workflow_killed_in_the_middle_is_finished_by_the_next(
    slurm: OneNodeSlurm, project: Path
) -> None:
    kill_in_the_middle(project, *SITE)
    orphans = jobs_of_calibrant()
    assert orphans, "a job of Slurm outlives the Snakemake that submitted it"
    # As the manual says: what the killed run submitted is cancelled before the next begins.
    cancel(orphans)
    kept = records(project)

    finish(project, *SITE)

    made = records(project)
    jobs = {record["slurm_job"] for record in made.values()}
    assert all(job and re.fullmatch(r"\d+", job) for job in jobs)
    assert not jobs & set(orphans)
    assert {path: made[path] for path in kept} == kept
    # The groups of the profile: both datasets are graded in one job, and measured in one.
    for stage in ("grade", "measure"):
        cells = [record["slurm_job"] for record in made.values() if record["stage"] == stage]
        assert len(cells) == 2
        assert len(set(cells)) == 1


def test_a_failing_stage_is_submitted_again_with_more(slurm: OneNodeSlurm, project: Path) -> None:
    (project / "own.csv").write_text("question,answer,id\nHow much?,,a\n", encoding="utf-8")
    before = len(slurm.completed.read_text().splitlines())
    with pytest.raises(AssertionError, match=r"prepare"):
        finish(project, *SITE, "--until", "prepare")
    ended = slurm.completed.read_text().splitlines()[before:]
    limits = [int(found[1]) for line in ended if (found := re.search(r"TimeLimit=(\d+)", line))]
    # Minutes of the first, second and third attempt.
    assert sorted(limits)[-3:] == [60, 120, 180]
