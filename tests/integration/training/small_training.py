"""A training small enough for tests: a made model, laboratory questions, and written completions."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from calibrant.data.lab import PART, lab_questions
from calibrant.data.prepare import to_questions
from calibrant.data.settings import LabDataset
from calibrant.elicitation.prompts import build_messages
from calibrant.elicitation.settings import Elicitation
from calibrant.model_settings import MadeModel
from calibrant.rewards.settings import Reward
from calibrant.rows import Question
from calibrant.stage_settings.train import TrainSettings
from calibrant.training.settings import TrainedMethod, Training

MODEL = MadeModel(kind="made", layers=1, width=32, heads=2, feed_forward=32)
ELICITATION = Elicitation(format="answer_confidence", scale="percent", examples=0)
SEED = 7


def lab(size: int = 40, **shares: float) -> list[Question]:
    """Return questions about the weather, all of them to train on unless told otherwise."""
    loaded = lab_questions("sky", LabDataset(wording="weather", size=size), SEED)
    return to_questions("sky", loaded, {PART: shares or {"train": 1.0}})[0]


def settings(
    method: dict[str, Any] | None = None, reward: dict[str, Any] | None = None, **training: Any
) -> TrainSettings:
    """Return settings of a training of 4 x 2 completions per round."""
    small = {"rounds": 2, "questions": 4, "samples": 2, "epochs": 2, "learning_rate": 0.01,
             "entropy": 0.0, "last_entropy": 0.0}  # fmt: skip
    return TrainSettings(
        method="taught",
        trained=TrainedMethod(**{"kind": "trained", "reward": "rlcr"} | (method or {})),
        training=Training(**small | training),
        reward=Reward(**reward or {}),
        elicitation=ELICITATION,
        learnt_from=["sky"],
    )


def written(prompt: str, number: int) -> str:
    """Return a completion that depends on nothing but the prompt and its number in the group.

    Lengths differ. One in eight states no confidence, and one in eight states one of several tokens.
    """
    digest = hashlib.sha256(json.dumps([prompt, number]).encode()).digest()
    answer = ("yes", "no")[digest[0] % 2]
    confidence = digest[1] % 101
    texts = {
        0: f"<answer>{answer}</answer>",
        1: f"<answer> {answer} </answer> <confidence>{confidence}</confidence>",
        2: f"<answer>{answer}</answer><confidence>{confidence % 100}.5</confidence>",
    }
    return texts.get(
        digest[2] % 8, f"<answer>{answer}</answer><confidence>{confidence}</confidence>"
    )


def write_completions(prompts: list[Any], trainer: Any) -> dict[str, Any]:
    """Return written completions, as TRL's ``rollout_func`` has to."""
    tokenizer = trainer.processing_class
    seen: dict[str, int] = {}
    output: dict[str, Any] = {"prompt_ids": [], "completion_ids": [], "logprobs": None}
    for prompt in prompts:
        text = tokenizer.apply_chat_template(prompt, tokenize=False, add_generation_prompt=True)
        seen[text] = seen.get(text, -1) + 1
        reply = written(text, seen[text]) + tokenizer.eos_token
        for name, part in (("prompt_ids", text), ("completion_ids", reply)):
            output[name].append(tokenizer(part, add_special_tokens=False)["input_ids"])
    return output


def load(folder: Path) -> tuple[Any, Any]:
    """Return model and tokenizer of a checkpoint."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32", local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(
        folder, local_files_only=True, padding_side="left", truncation_side="left"
    )
    return model, tokenizer


def rows(questions: list[Question]) -> list[dict[str, Any]]:
    """Return the training rows: a prompt, and the number of the question it asks."""
    return [
        {"prompt": build_messages(question, ELICITATION), "row": index}
        for index, question in enumerate(questions)
    ]


def make_trainer(
    folder: Path, chosen: TrainSettings, work: Path, *,
    rollouts: Callable[..., Any] | None = write_completions, peft: Any = None, processes: int = 1,
) -> Any:  # fmt: skip
    """Return a trainer of the model in ``folder``.

    Args:
        folder: Checkpoint.
        chosen: Settings.
        work: Folder for the trainer's own files.
        rollouts: Where completions come from; without it the model writes them.
        peft: Configuration of adapters.
        processes: Processes that train together.
    """
    from datasets import Dataset

    from calibrant.training.scorer import Scorer
    from calibrant.training.statement_tokens import confidence_tokens
    from calibrant.training.trainer import PolicyConfig, PolicyTrainer
    from calibrant.training.trainer_arguments import trainer_arguments

    model, tokenizer = load(folder)
    training, method = chosen.training, chosen.trained
    questions = lab()
    wanted = training.rounds * training.questions
    needed = method.credit == "exact" or training.entropy > 0
    arguments = trainer_arguments(method, training, work, SEED, processes)
    return PolicyTrainer(
        scorer=Scorer(questions, chosen.reward, ELICITATION.scale),
        method=method,
        training=training,
        tokens=confidence_tokens(tokenizer, ELICITATION.scale) if needed else None,
        starting_folder=folder,
        model=model,
        args=PolicyConfig(**arguments),
        train_dataset=Dataset.from_list(rows(questions)[:wanted]),
        processing_class=tokenizer,
        rollout_func=rollouts,
        peft_config=peft,
    )


def first_batch(trainer: Any) -> dict[str, Any]:
    """Return what the trainer makes of the first completions, before it is cut into minibatches."""
    trainer.current_gradient_accumulation_steps = trainer.args.gradient_accumulation_steps
    trainer.model.train()
    inputs = next(iter(trainer.get_train_dataloader()))
    batch: dict[str, Any] = trainer._generate_and_score_completions(inputs)
    return batch
