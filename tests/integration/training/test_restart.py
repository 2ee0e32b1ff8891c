"""A killed training goes on to the same end."""

import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.integration.training.jobs import (
    FILES,
    Moment,
    make_job,
    result,
    run_job,
    start_job,
)
from tests.integration.training.small_training import settings

from calibrant.training.train import Job

TRAINER = "calibrant.training.trainer"
WATCH = "calibrant.training.monitors:Watch"
MOMENTS = {
    "before the first round": [Moment(f"{WATCH}.on_train_begin", after=True)],
    "before the first checkpoint": [Moment(f"{WATCH}.on_log", after=True)],
    "as the first checkpoint gets its critic": [
        Moment("calibrant.training.critic_step:CriticStep.save")
    ],
    "before the first manifest": [Moment(f"{TRAINER}:seal_checkpoint")],
    "after the first manifest": [Moment(f"{TRAINER}:seal_checkpoint", after=True)],
    "before the second manifest": [Moment(f"{TRAINER}:seal_checkpoint", 2)],
    "after the second manifest": [Moment(f"{TRAINER}:seal_checkpoint", 2, after=True)],
    "as an old checkpoint is removed": [Moment("calibrant.training.checkpoints:shutil.rmtree")],
    "between two rounds": [Moment(f"{WATCH}.on_log", 3, after=True)],
    "in a line of the curve": [Moment(f"{WATCH}._write", 7, torn='{"kind": "tra')],
    "before the outcome": [Moment("calibrant.training.worker:write_json")],
    "again and again": [
        Moment(f"{TRAINER}:seal_checkpoint"),
        Moment(f"{WATCH}.on_log", 3, after=True),
        # After a restart this is the first round of the process, and the fourth checkpoint's.
        Moment(f"{WATCH}.on_log", after=True),
        Moment(f"{TRAINER}:seal_checkpoint"),
        Moment(f"{WATCH}.finish", after=True),
        Moment("calibrant.training.worker:write_json"),
    ],
    "as the curve is cut back": [
        Moment(f"{WATCH}.on_log", 3, after=True),
        Moment("io:open", after=True, only=r"curve\.jsonl.*'wb?'"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def job(taught: Path, tmp_path_factory: pytest.TempPathFactory) -> Job:
    chosen = settings(
        {"estimator": "ppo", "credit": "exact"}, rounds=6, questions=8, minibatches=2,
        learning_rate=0.002, validation={"every": 2, "questions": 16},
    )  # fmt: skip
    return make_job(tmp_path_factory.mktemp("rows"), taught, chosen)


@pytest.fixture(scope="module")
def uninterrupted(job: Job, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    work = tmp_path_factory.mktemp("uninterrupted") / "work"
    assert run_job(job, work) == 0
    return result(work)


def test_a_training_leaves_its_best_and_its_last_checkpoint(uninterrupted: dict[str, Any]) -> None:
    outcome, rows = uninterrupted["outcome"], uninterrupted["curve"]
    kinds = [(row["kind"], row.get("round")) for row in rows]
    assert kinds == [
        ("validation", 0), ("train", 1), ("train", 2), ("validation", 2), ("train", 3), ("train", 4),
        ("validation", 4), ("train", 5), ("train", 6), ("validation", 6), ("end", None),
    ]  # fmt: skip
    steps = {outcome["best_step"], 6 * 2 * 2}
    assert set(uninterrupted["weights"]) == {
        f"checkpoint-{n}/{file}" for n in steps for file in FILES
    }
    rewards = {row["round"]: row["reward"] for row in rows if row["kind"] == "validation"}
    assert outcome["best_reward"] == rewards[outcome["best_round"]]
    assert outcome["best_reward"] == max(rewards[n] for n in (2, 4, 6))
    assert outcome["rollouts"] == 6 * 8 * 2 and outcome["reason"] == "finished"


def test_the_same_job_learns_the_same_again(
    job: Job, uninterrupted: dict[str, Any], tmp_path: Path
) -> None:
    assert run_job(job, tmp_path / "work") == 0
    assert result(tmp_path / "work") == uninterrupted


@pytest.mark.parametrize("moments", MOMENTS.values(), ids=MOMENTS)
def test_a_training_killed_at_a_moment_ends_as_one_that_was_not(
    job: Job, uninterrupted: dict[str, Any], tmp_path: Path, moments: list[Moment]
) -> None:
    work = tmp_path / "work"
    for moment in moments:
        assert run_job(job, work, moment) == -signal.SIGKILL
        assert not (work / "outcome.json").exists()
    assert run_job(job, work) == 0
    assert result(work) == uninterrupted


def test_a_training_killed_from_outside_while_it_writes_ends_as_one_that_was_not(
    job: Job, uninterrupted: dict[str, Any], tmp_path: Path
) -> None:
    work = tmp_path / "work"
    process = start_job(job, work)
    while not list(work.glob("checkpoint-*/model.safetensors")) and process.is_alive():
        time.sleep(0.001)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert run_job(job, work) == 0
    assert result(work) == uninterrupted


def test_a_finished_training_is_not_run_again(
    job: Job, uninterrupted: dict[str, Any], tmp_path: Path
) -> None:
    work = tmp_path / "work"
    assert run_job(job, work) == 0
    assert run_job(job, work, Moment("calibrant.training.train:run_worker")) == 0
    assert result(work) == uninterrupted


@pytest.mark.parametrize("name", ["learning_rate", "rounds"])
def test_other_settings_begin_anew(job: Job, tmp_path: Path, name: str) -> None:
    change = {"learning_rate": 0.003} if name == "learning_rate" else {"rounds": 4}
    training = job.settings.training.model_copy(update=change)
    other = replace(job, settings=job.settings.model_copy(update={"training": training}))
    work = tmp_path / "work"
    assert run_job(job, work, Moment("calibrant.training.worker:write_json")) != 0
    assert run_job(other, work) == 0
    assert run_job(other, tmp_path / "fresh") == 0
    assert result(work) == result(tmp_path / "fresh")
