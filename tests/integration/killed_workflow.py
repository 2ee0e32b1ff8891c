"""A workflow killed in the middle, and what is true of its results once another has finished it."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from calibrant.files import sha256_file

REPORT = "results/tiny/report/report.html"
# The log of a stage appears when it starts: a model is answering, and nothing is graded yet.
MIDDLE = "results/tiny/logs/generate/**/*.log"
# These stages give the same bytes wherever they run.
SAME_BYTES = ("*.parquet", "numbers.json", "report.html", "manifest.json", "overlap.json")


def kill_in_the_middle(project: Path, *options: str) -> int:
    """Start a workflow, kill Snakemake alone with SIGKILL, and return its process group.

    The jobs it had given away are left as they are.
    """
    with (project / "killed.log").open("w") as log:
        snakemake = subprocess.Popen(
            command(*options), cwd=project, env=environment(), stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    wait_for(lambda: any(project.glob(MIDDLE)), 400, project / "killed.log", snakemake)
    assert not (project / REPORT).exists()
    snakemake.kill()
    assert snakemake.wait() == -signal.SIGKILL
    return snakemake.pid


def command(*options: str) -> list[str]:
    """Return the command line that makes the report of the study ``tiny``."""
    return ["snakemake", *options, "--config", "study=tiny", "--", REPORT]


def environment() -> dict[str, str]:
    """Return the environment in which the workflow runs."""
    # What is there already may name the folder of an executor plugin.
    path = os.pathsep.join(filter(None, ("workflow", os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "OMP_WAIT_POLICY": "PASSIVE"}


def wait_for(
    happened: Callable[[], bool],
    seconds: float,
    log: Path,
    process: subprocess.Popen[bytes] | None = None,
) -> None:
    """Wait until something is so; fail with the log when it takes too long or ``process`` ends."""
    end = time.monotonic() + seconds
    while not happened():
        ended = process is not None and process.poll() is not None
        assert not ended and time.monotonic() < end, log.read_text()
        time.sleep(0.2)


def group_is_empty(group: int) -> bool:
    """Tell whether no process of a process group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def finish(project: Path, *options: str) -> None:
    """Unlock the folder and run the workflow to its end."""
    for options_now in ((*options, "--unlock"), options):
        finished = subprocess.run(
            command(*options_now), cwd=project, env=environment(), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stdout + finished.stderr


def records(project: Path) -> dict[str, dict[str, Any]]:
    """Return the record beside every output, after the checks that make them one whole.

    Every output has one record that describes its bytes; every input of a record that a stage made
    names the record of that stage as it is now; and no partial file is left.
    """
    root = project / "results/tiny"
    found = {}
    for file in (root / "records").rglob("*.json"):
        output = f"results/tiny/{file.relative_to(root / 'records').with_suffix('')}"
        found[output] = json.loads(file.read_text())
        digests = {part["path"]: part["sha256"] for part in found[output]["outputs"]}
        assert digests[output] == sha256_file(project / output), output
    made = {path: sha256_file(_record_of(root, path)) for path in found}
    for record in found.values():
        for source in record["inputs"]:
            assert source["record"] == made.get(source["path"]), source
    jobs = {(record["stage"], record["subject"], record["started"]) for record in found.values()}
    assert len({job[:2] for job in jobs}) == len(jobs), "a stage left outputs of two runs"
    assert not list(root.rglob(".partial-*"))
    return found


def _record_of(root: Path, output: str) -> Path:
    return root / "records" / f"{Path(output).relative_to('results/tiny')}.json"


def same_bytes(project: Path) -> dict[str, str]:
    """Return the digests of what has the same bytes wherever it is made."""
    root = project / "results/tiny"
    files = [file for kind in SAME_BYTES for file in root.rglob(kind)]
    return {
        str(file.relative_to(root)): sha256_file(file)
        for file in files
        if file.relative_to(root).parts[0] not in ("records", "mlflow-artifacts")
    }
