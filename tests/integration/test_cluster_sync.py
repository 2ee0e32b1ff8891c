"""The way of a cluster, walked on this machine: jobs as scripts, Snakemake killed, and a new start."""

import importlib.util
from pathlib import Path

import pytest
from tests.integration.killed_workflow import (
    finish,
    group_is_empty,
    kill_in_the_middle,
    records,
    same_bytes,
    wait_for,
)

PROFILE = ("--profile", "workflow/profiles/cluster-sync")

pytestmark = [
    pytest.mark.whole,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        importlib.util.find_spec("snakemake_executor_plugin_cluster_sync") is None,
        reason="snakemake-executor-plugin-cluster-sync is not installed",
    ),
]


def test_a_workflow_killed_in_the_middle_is_finished_by_the_next(
    project: Path, finished: Path
) -> None:
    group = kill_in_the_middle(project, *PROFILE)
    # What was given away runs on to its end, as jobs of a cluster do.
    wait_for(lambda: group_is_empty(group), 300, project / "killed.log")
    kept = records(project)

    finish(project, *PROFILE)

    made = records(project)
    local = {path for path in records(finished) if not path.endswith("mlflow.json")}
    assert made.keys() == local
    # Only what Snakemake had not seen finished was made again: two jobs run at a time.
    again = {kept[path]["stage"] for path in kept if made[path] != kept[path]}
    assert len(again) <= 2
    assert not again & {"prepare", "base_model"}
    assert {"prepare", "base_model", "generate"} <= {one["stage"] for one in kept.values()}
    assert same_bytes(project) == same_bytes(finished)
