"""Two processes learn what one learns from the same completions, and can be killed like one."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from safetensors.torch import load_file
from tests.integration.training import one_of_several
from tests.integration.training.jobs import make_job, result
from tests.integration.training.small_training import settings

from calibrant.errors import CalibrantError
from calibrant.files import read_json, write_json
from calibrant.training.train import Job, train
from calibrant.training.worker import run_worker

METHODS = {
    "ppo-exact": {"estimator": "ppo", "credit": "exact"},
    "ppo-own-critic": {"estimator": "ppo"},
    "grpo": {"estimator": "grpo"},
    "grpo-exact-group": {"estimator": "grpo", "credit": "exact", "scale": "group"},
    "rlmf": {"estimator": "grpo", "feedback": "rlmf_symmetric"},
}
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def ends(untaught: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the folders of weights after training in one process, and in two."""
    alone, together = tmp_path_factory.mktemp("alone"), tmp_path_factory.mktemp("together")
    methods = list(METHODS.values())
    one_of_several.train_all(untaught, alone, methods)
    finished = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2",
         one_of_several.__file__, str(untaught), str(together), json.dumps(methods)],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'workflow'}:{ROOT}", "ACCELERATE_USE_CPU": "true",
             "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"},
        capture_output=True, text=True, check=False, cwd=together,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return alone, together


@pytest.mark.parametrize("method", METHODS)
def test_two_processes_learn_the_weights_that_one_learns(
    ends: tuple[Path, Path], method: str
) -> None:
    alone, together = ends
    number = list(METHODS).index(method)
    expected = load_file(alone / f"{number}-0.safetensors")
    first, second = (load_file(together / f"{number}-{rank}.safetensors") for rank in (0, 1))
    assert any(name.startswith("critic.") for name in expected) == ("ppo" in method)
    apart = {name: float((value - first[name]).abs().max()) for name, value in expected.items()}
    assert max(apart.values()) <= 1e-4, apart
    for name, value in first.items():
        assert value.equal(second[name]), name


def job_of_two(folder: Path, taught: Path) -> Job:
    chosen = settings(
        {"estimator": "ppo", "credit": "exact"}, rounds=4, questions=8, processes=2,
        learning_rate=0.002, validation={"every": 2, "questions": 8},
    )  # fmt: skip
    return make_job(folder, taught, chosen)


def kill_workers_once_there_is(file: str, work: Path) -> None:
    """Kill the training processes that this process started, not what started them."""
    while not list(work.glob(file)):
        time.sleep(0.002)
    for child in psutil.Process().children(recursive=True):
        command = child.cmdline()
        if "calibrant.training.worker" in command and "torch.distributed.run" not in command:
            child.kill()


@pytest.mark.slow
def test_two_processes_that_are_killed_go_on_to_the_same_end(
    taught: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "workflow"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    job = job_of_two(tmp_path, taught)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    train(job, whole, print)
    saved = max(whole.glob("checkpoint-*/checkpoint.json"))
    assert {"rng_state_0.pth", "rng_state_1.pth"} <= set(read_json(saved)["files"])
    killer = threading.Thread(
        target=kill_workers_once_there_is,
        args=("checkpoint-*/checkpoint.json", killed),
        daemon=True,
    )
    killer.start()
    with pytest.raises(CalibrantError, match="a training process ended"):
        train(job, killed, print)
    killer.join()
    assert not (killed / "outcome.json").exists()
    # As a kill while it is written would leave it.
    (killed / "checkpoint-99").mkdir()
    train(job, killed, print)
    assert result(killed) == result(whole)


def test_fewer_processes_than_asked_for_are_refused(taught: Path, tmp_path: Path) -> None:
    job = job_of_two(tmp_path, taught)
    work = tmp_path / "work"
    work.mkdir()
    write_json(work / "job.json", job.to_json(work))
    with pytest.raises(CalibrantError, match="processes"):
        run_worker(work / "job.json")
