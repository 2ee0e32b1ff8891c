"""Whole trainings in processes of their own, which can be killed at a chosen moment."""

import importlib
import json
import multiprocessing
import os
import re
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.training.small_training import SEED, lab

# Loaded once by the server that the processes are forked from: these imports take ten seconds.
import calibrant.training.trainer
import calibrant.training.validation  # noqa: F401
from calibrant.files import read_json
from calibrant.rows import Question, write_rows
from calibrant.stage_settings.train import TrainSettings
from calibrant.training.train import Job, train

FILES = ("model.safetensors", "critic.safetensors")


@dataclass(frozen=True)
class Moment:
    """A moment to be killed at: before or after a call of a function of the package.

    Attributes:
        place: Module and name, such as ``calibrant.training.monitors:Watch.on_log``.
        call: Which call of it, from 1.
        after: Whether the call is finished first.
        torn: What is first added to the curve, as if a line were cut in two.
        only: Only calls count whose arguments, written out, match this regular expression.
    """

    place: str
    call: int = 1
    after: bool = False
    torn: str = ""
    only: str = ""


def make_job(folder: Path, model: Path, chosen: TrainSettings) -> Job:
    """Write training and validation rows and return the job."""
    questions = lab(80, train=0.6, validation=0.4)
    files = []
    for split in ("train", "validation"):
        files.append(folder / f"{split}.parquet")
        write_rows(files[-1], [row for row in questions if row.split == split], Question)
    return Job(model / "checkpoint.json", files[0], files[1:], chosen, SEED, "code")


def run_job(job: Job, work: Path, moment: Moment | None = None) -> int:
    """Train in a process of its own and return its exit code."""
    process = start_job(job, work, moment)
    process.join()
    code: int = process.exitcode
    return code


def start_job(job: Job, work: Path, moment: Moment | None = None) -> Any:
    """Start a training in a process of its own and return the process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_train, args=(job, work, moment))
    process.start()
    return process


def _train(job: Job, work: Path, moment: Moment | None) -> None:
    if moment is not None:
        _arm(moment, work)
    train(job, work, print)


def _arm(moment: Moment, work: Path) -> None:
    module, _, path = moment.place.partition(":")
    owner: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    setattr(owner, name, _deadly(getattr(owner, name), moment, work / "curve.jsonl"))


def _deadly(function: Callable[..., Any], moment: Moment, curve: Path) -> Callable[..., Any]:
    calls = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += bool(re.search(moment.only, repr(args)))
        if calls < moment.call:
            return function(*args, **kwargs)
        if moment.after:
            function(*args, **kwargs)
        if moment.torn:
            with curve.open("a", encoding="utf-8") as file:
                file.write(moment.torn)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")

    return call


def folders(work: Path) -> Sequence[str]:
    """Return the names of the checkpoints there are."""
    return sorted(folder.name for folder in work.glob("checkpoint-*"))


def curve(work: Path) -> list[dict[str, Any]]:
    lines = (work / "curve.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows:
        row.pop("seconds", None)
    return rows


def result(work: Path) -> dict[str, Any]:
    """Return all that must not depend on a kill."""
    outcome = read_json(work / "outcome.json")
    seconds = outcome.pop("seconds")
    assert seconds > 0
    weights = {
        f"{name}/{file}": (work / name / file).read_bytes()
        for name in folders(work)
        for file in FILES
    }
    return {"outcome": outcome, "curve": curve(work), "weights": weights}
