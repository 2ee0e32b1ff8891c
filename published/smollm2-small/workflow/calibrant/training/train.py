"""Stage ``train``: from a starting checkpoint to the best one of a training, restartable."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibrant.engines.checkpoint import check_manifest, describe_checkpoint
from calibrant.engines.device import has_gpu
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, read_json, sha256_file, write_json
from calibrant.stage_settings.train import TrainSettings
from calibrant.training.worker import OUTCOME, run_worker

JOB = "job.json"
# What makes an ordinary checkpoint; the rest of a restart folder belongs to the trainer.
_ORDINARY = (
    "config.json", "generation_config.json", "model*.safetensors", "model.safetensors.index.json",
    "tokenizer*", "special_tokens_map.json", "chat_template.jinja", "vocab*", "merges.txt",
    "added_tokens.json",
)  # fmt: skip


@dataclass(frozen=True)
class JudgeFiles:
    """A judge that has been measured.

    Attributes:
        judge: What it is.
        errors: Its measured errors.
        models: Manifests of the models it asks, in the order of the settings.
        store: Folder of the verdicts.
    """

    judge: Path
    errors: Path
    models: Sequence[Path]
    store: Path

    def to_json(self) -> dict[str, Any]:
        """Return the paths as JSON."""
        return {
            "judge": str(self.judge),
            "errors": str(self.errors),
            "models": [str(path) for path in self.models],
            "store": str(self.store),
        }


@dataclass(frozen=True)
class Job:
    """One training.

    Attributes:
        model: Manifest of the model that training starts from.
        training: Rows to train on.
        validation: Files with a validation split.
        settings: The stage's settings.
        seed: Seed of this training.
        code: Digest of the code; a checkpoint made with another is not gone on from.
        judge: Files of the judge that labels answers, if one does.
    """

    model: Path
    training: Path
    validation: Sequence[Path]
    settings: TrainSettings
    seed: int
    code: str
    judge: JudgeFiles | None = None

    def to_json(self, work: Path) -> dict[str, Any]:
        """Return what the worker reads, and what tells this job from another."""
        files = [self.model, self.training, *self.validation]
        if self.judge is not None:
            files += [self.judge.judge, self.judge.errors, *self.judge.models]
        if self.settings.training.accelerate is not None:
            files.append(Path(self.settings.training.accelerate))
        return {
            "model": str(self.model.parent),
            "training": str(self.training),
            "validation": [str(path) for path in self.validation],
            "settings": self.settings.model_dump(mode="json"),
            "seed": self.seed,
            "judge": None if self.judge is None else self.judge.to_json(),
            "curve": str(work / "curve.jsonl"),
            "inputs": [sha256_file(path) for path in files],
            "code": self.code,
        }


def train(job: Job, work: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Train, or go on where a killed training of the same job left off.

    Args:
        job: What to train.
        work: Folder for checkpoints to restart from; kept until the stage has succeeded.
        say: Prints progress.

    Returns:
        The outcome: ``reason``, ``best_round``, ``best_step``, ``best_reward``, ``rounds``,
        ``rollouts``, ``seconds``. The best checkpoint lies in ``work``, and so does the curve.

    Raises:
        CalibrantError: If a process fails; its own message is in the log.
    """
    check_manifest(job.model, job.model.parent)
    _prepare_work(work, job.to_json(work), say)
    if not (work / OUTCOME).is_file():
        _launch(work / JOB, job.settings)
    outcome: dict[str, Any] = read_json(work / OUTCOME)
    return outcome


def _prepare_work(work: Path, job: dict[str, Any], say: Callable[[str], None]) -> None:
    file = work / JOB
    if file.is_file() and canonical_json(read_json(file)) == canonical_json(job):
        say("going on where the last run left off")
        return
    if work.exists():
        shutil.rmtree(work)
    work.mkdir(parents=True)
    write_json(file, job)


def _launch(job: Path, settings: TrainSettings) -> None:
    training = settings.training
    if training.processes == 1 and training.accelerate is None:
        run_worker(job)
        return
    environment = dict(os.environ)
    if training.accelerate:
        command = ["accelerate.commands.launch", "--config_file", training.accelerate]
        command += ["--num_processes", str(training.processes)]
    else:
        # Not accelerate's launcher: without GPUs it starts one process, whatever it is told.
        command = ["torch.distributed.run", "--standalone"]
        command += ["--nproc_per_node", str(training.processes)]
        if not has_gpu():
            environment["ACCELERATE_USE_CPU"] = "true"
            threads = int(environment.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
            environment["OMP_NUM_THREADS"] = str(max(1, threads // training.processes))
    finished = subprocess.run(
        [sys.executable, "-m", *command, "-m", "calibrant.training.worker", str(job)],
        check=False, env=environment,
    )  # fmt: skip
    if finished.returncode:
        raise CalibrantError(
            f"a training process ended with {finished.returncode}",
            where=job.parent,
            repair="Its message stands above; run again to go on from the last checkpoint",
        )


def export_best(work: Path, outcome: dict[str, Any], job: Job, folder: Path) -> dict[str, Any]:
    """Write the best checkpoint as an ordinary one, adapters merged, and return its manifest.

    Args:
        work: Where it lies.
        outcome: As ``train`` returned it.
        job: What was trained.
        folder: Where it goes.
    """
    start = job.model.parent
    best = work / f"checkpoint-{outcome['best_step']}"
    folder.mkdir(parents=True, exist_ok=True)
    if job.settings.training.lora is not None:
        _merge(best, start, folder)
    else:
        for pattern in _ORDINARY:
            for file in best.glob(pattern):
                shutil.copyfile(file, folder / file.name)
    for pattern in _ORDINARY:
        # Tokenizer and template are those of the start, unless the trainer wrote its own.
        for file in start.glob(pattern):
            if not file.name.startswith("model") and not (folder / file.name).exists():
                shutil.copyfile(file, folder / file.name)
    return describe_checkpoint(folder)


def _merge(adapter: Path, start: Path, folder: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    base = AutoModelForCausalLM.from_pretrained(
        start, dtype="float32", use_safetensors=True, local_files_only=True
    )
    merged: Any = PeftModel.from_pretrained(base, adapter).merge_and_unload()
    merged.save_pretrained(folder)
    AutoTokenizer.from_pretrained(start, local_files_only=True).save_pretrained(folder)
