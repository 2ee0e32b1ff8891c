"""One training process: alone, or one of several that accelerate started.

Run as ``python -m calibrant.training.worker JOB`` by ``accelerate launch``.
"""

import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibrant.data.sealed_rows import check_rows
from calibrant.elicitation.prompts import build_messages
from calibrant.engines.quiet import quieten
from calibrant.errors import CalibrantError, report_errors
from calibrant.files import read_json, write_json
from calibrant.rows import Question, Split, read_rows
from calibrant.stage_settings.train import TrainSettings
from calibrant.training.checkpoints import last_checkpoint
from calibrant.training.first_questions import first_of_each
from calibrant.training.labels import Labels, SimulatedJudge, graded_labels
from calibrant.training.scorer import Scorer
from calibrant.training.settings import Training

if TYPE_CHECKING:
    from calibrant.training.monitors import Watch
    from calibrant.training.second_query import SecondQuery

OUTCOME = "outcome.json"
_MOST_SAMPLES = 8
"""More completions of a validation question say little more about it."""


def run_worker(job_file: Path) -> None:
    """Train as a job file says, going on from its last checkpoint, and write the outcome.

    The job holds ``model`` (folder), ``training`` and ``validation`` (Parquet files), ``settings``,
    ``seed``, ``judge`` (its files, if one labels answers) and ``curve``; checkpoints and outcome go
    into the folder of the job file.

    Raises:
        CalibrantError: If nothing can be trained on, or training went wrong before anything good was
            saved.
    """
    job = read_json(job_file)
    work = job_file.parent
    settings = TrainSettings(**job["settings"])
    if "WORLD_SIZE" not in os.environ:
        # A process alone would spread over all devices it sees in a way that no loss here allows for.
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")
    trainer, watch = _build(job, settings, work)
    # One process tidies up; the others look when it has.
    with trainer.accelerator.main_process_first():
        checkpoint = last_checkpoint(work)
    if checkpoint is not None:
        watch.resume(checkpoint.state)
    elif trainer.accelerator.is_main_process:
        Path(job["curve"]).unlink(missing_ok=True)
    if checkpoint is None or not (
        checkpoint.state["stopped"] or _is_last(checkpoint.state, settings)
    ):
        trainer.train(resume_from_checkpoint=str(checkpoint.folder) if checkpoint else None)
    if trainer.accelerator.is_main_process:
        _write_outcome(watch, work)


def _is_last(state: dict[str, Any], settings: TrainSettings) -> bool:
    rounds: int = state["round"]
    return rounds >= settings.training.rounds


def _write_outcome(watch: Any, work: Path) -> None:
    state = watch.state
    outcome = {
        "reason": state["stopped"] or "finished",
        **{name: state[name] for name in ("best_round", "best_step", "best_reward", "rollouts")},
        "rounds": state["round"],
        "seconds": state["seconds"],
    }
    if state["best_step"] is None:
        raise CalibrantError(
            f"training stopped before any checkpoint was good: {outcome['reason']}",
            repair="Lower the learning rate or raise `entropy`; the log shows the curve so far",
        )
    watch.finish(outcome)
    write_json(work / OUTCOME, outcome)


def _build(job: dict[str, Any], settings: TrainSettings, work: Path) -> tuple[Any, Any]:
    from transformers import AutoTokenizer, PrinterCallback

    quieten()
    tokenizer = AutoTokenizer.from_pretrained(
        job["model"], local_files_only=True, padding_side="left", truncation_side="left"
    )
    # One for both, so that a judge is loaded once.
    labels = _labels(job, settings)
    trainer = _trainer(job, settings, work, tokenizer, labels)
    watch = _watch(job, settings, trainer, tokenizer, labels)
    trainer.watch = watch
    # Its lines are for a terminal of its own; the curve holds the same figures.
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(watch)
    return trainer, watch


def _trainer(
    job: dict[str, Any], settings: TrainSettings, work: Path, tokenizer: Any, labels: Labels
) -> Any:
    from datasets import Dataset

    from calibrant.training.adapters import adapter_config
    from calibrant.training.trainer import PolicyConfig, PolicyTrainer
    from calibrant.training.trainer_arguments import trainer_arguments

    folder = Path(job["model"])
    training = settings.training
    policy = _load_policy(folder)
    questions = _learnt_from(Path(job["training"]), "train", settings)
    arguments = trainer_arguments(settings.trained, training, work, job["seed"], training.processes)
    trainer = PolicyTrainer(
        scorer=_scorer(questions, settings, labels),
        method=settings.trained,
        training=training,
        tokens=_tokens(tokenizer, settings),
        starting_folder=folder,
        second_query=_second_query(questions, settings, tokenizer),
        model=policy,
        args=PolicyConfig(**arguments),
        train_dataset=Dataset.from_list(_rows(questions, settings, job["seed"])),
        processing_class=tokenizer,
        peft_config=None if training.lora is None else adapter_config(training.lora, policy),
    )
    _check_processes(trainer, training)
    return trainer


def _scorer(questions: list[Question], settings: TrainSettings, labels: Labels) -> Scorer:
    asked = settings.elicitation
    return Scorer(questions, settings.reward, asked.scale, labels, layout=asked.format)


def _labels(job: dict[str, Any], settings: TrainSettings) -> Labels:
    if settings.trained.noise is not None:
        return SimulatedJudge(settings.trained.noise, job["seed"])
    if settings.judge is None:
        return graded_labels
    from calibrant.training.judged_labels import open_judged_labels

    return open_judged_labels(
        settings.judge, job["judge"], settings.judged, correct=settings.trained.correct_labels
    )


def _second_query(
    questions: list[Question], settings: TrainSettings, tokenizer: Any
) -> "SecondQuery | None":
    if settings.trained.self_judgement is None:
        return None
    from calibrant.training.second_query import SecondQuery

    return SecondQuery(questions, settings.elicitation, settings.trained.self_judgement, tokenizer)


def _tokens(tokenizer: Any, settings: TrainSettings) -> Any:
    from calibrant.training.statement_tokens import confidence_tokens

    training = settings.training
    if settings.trained.credit == "exact" or max(training.entropy, training.last_entropy) > 0:
        return confidence_tokens(tokenizer, settings.elicitation.scale)
    return None


def _check_processes(trainer: Any, training: Training) -> None:
    processes = trainer.accelerator.num_processes
    if processes != training.processes:
        raise CalibrantError(
            f"{processes} processes train, `processes` says {training.processes}",
            where="training: processes",
            repair="Make `processes` and the file of `accelerate` agree",
        )
    if trainer.tokens is not None and trainer.is_fsdp_enabled:
        # The last layer is called on its own there, and its weights are in pieces.
        raise CalibrantError(
            "exact credit and a bonus for entropy do not work under FSDP",
            where="training: accelerate",
            repair="Use DDP or DeepSpeed, or `credit: sampled` with `entropy` and `last_entropy` 0",
        )


def _watch(
    job: dict[str, Any], settings: TrainSettings, trainer: Any, tokenizer: Any, labels: Labels
) -> "Watch":
    from calibrant.training.monitors import Watch
    from calibrant.training.validation import Validator

    validation = validation_questions([Path(path) for path in job["validation"]], settings)
    prompts = [
        tokenizer.apply_chat_template(
            build_messages(question, settings.elicitation),
            add_generation_prompt=True,
            return_dict=False,
        )
        for question in validation
    ]
    scorer = _scorer(validation, settings, labels)
    # Faithfulness is a matter of several completions.
    samples = min(settings.training.samples, _MOST_SAMPLES) if settings.reward.faithfulness else 1
    scorer.group = samples
    return Watch(
        settings.training, trainer, Validator(scorer, prompts, trainer, samples),
        Path(job["curve"]), scorer.looks_at_confidence,
    )  # fmt: skip


def _load_policy(folder: Path) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    # Master weights in float32: small steps vanish in bfloat16, and a CPU is slow in it.
    return AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, use_safetensors=True, local_files_only=True
    )


def _rows(questions: list[Question], settings: TrainSettings, seed: int) -> list[dict[str, Any]]:
    """Return the prompts of all rounds in order: every pass over the questions in an order of its own.

    Written out at length instead of drawn by a sampler, whose order a restart would begin anew.
    """
    if not questions:
        raise CalibrantError("there is no question to train on", where="datasets.train")
    wanted = settings.training.rounds * settings.training.questions
    generator = random.Random(seed)
    order: list[int] = []
    while len(order) < wanted:
        order += generator.sample(range(len(questions)), len(questions))
    return [
        {"prompt": build_messages(questions[index], settings.elicitation), "row": index}
        for index in order[:wanted]
    ]


def _learnt_from(file: Path, split: Split, settings: TrainSettings) -> list[Question]:
    """Return the questions of a file that are of the datasets that the method learns from."""
    questions = read_rows(file, Question)
    check_rows(questions, split, settings.learnt_from, file)
    names = settings.trained.datasets
    return [row for row in questions if names is None or row.dataset in names]


def validation_questions(files: list[Path], settings: TrainSettings) -> list[Question]:
    """Return the first questions of the validation split of every training dataset.

    Raises:
        CalibrantError: If there are none, or a row is of another split or dataset.
    """
    rows = [row for file in files for row in _learnt_from(file, "validation", settings)]
    chosen = first_of_each(rows, settings.training.validation.questions)
    if not chosen:
        raise CalibrantError(
            "no training dataset has a validation split, from which the checkpoint is chosen",
            where="datasets.train",
            repair="Give one of them a share in `fractions`",
        )
    return chosen


def main() -> int:
    """Run one process."""
    run_worker(Path(sys.argv[1]))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
