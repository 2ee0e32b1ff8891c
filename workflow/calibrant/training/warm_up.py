"""Stage ``warm_up``: supervised training by TRL's SFTTrainer on the text of the warm-up."""

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from calibrant.elicitation.reader import SENTENCES
from calibrant.engines.checkpoint import check_manifest, describe_checkpoint
from calibrant.engines.device import has_gpu
from calibrant.engines.quiet import quieten
from calibrant.errors import CalibrantError
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.training.warm_up_sentences import sentence_examples
from calibrant.training.warm_up_text import warm_up_examples


def warm_up(  # noqa: PLR0913, PLR0917 (each is one thing)
    manifest: Path,
    settings: WarmUpSettings,
    seed: int,
    folder: Path,
    say: Callable[[str], None],
    examples: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Train a model on the text of the warm-up and write it as an ordinary checkpoint.

    Args:
        manifest: Manifest of the model to start from.
        settings: The warm-up and how the model is asked.
        seed: Seed of the text and of its order.
        folder: Where the checkpoint goes.
        say: Prints progress.
        examples: The conversations to learn, as ``own_reply_examples`` returns them; None makes
            those of the laboratory.

    Returns:
        The manifest of the new checkpoint.
    """
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTTrainer

    quieten()
    check_manifest(manifest, manifest.parent)
    tokenizer = AutoTokenizer.from_pretrained(manifest.parent, local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(
        manifest.parent, dtype="float32", use_safetensors=True, local_files_only=True
    )
    if examples is None:
        say(f"making {settings.warm_up.questions:,} questions")
        in_sentences = settings.elicitation.format == SENTENCES
        examples = (sentence_examples if in_sentences else warm_up_examples)(settings, seed)
    rows = tokenise(examples, tokenizer)
    rows = batches_of_like_length(rows, settings.warm_up.batch_size, seed)
    # Not beside the checkpoint: a kill would leave it among the files of the model.
    with tempfile.TemporaryDirectory() as scratch:
        trainer = SFTTrainer(
            model=model,
            args=_arguments(settings, seed, Path(scratch)),
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
        )
        trainer.train()
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return describe_checkpoint(folder)


def tokenise(examples: list[dict[str, Any]], tokenizer: Any) -> list[dict[str, list[int]]]:
    """Return token ids, and labels that are -100 on the prompt: the completion alone is learnt.

    Done here in one batch instead of by the trainer, conversation by conversation: the same rows,
    twenty times as fast.
    """
    prompts = [
        tokenizer.apply_chat_template(row["prompt"], tokenize=False, add_generation_prompt=True)
        for row in examples
    ]
    wholes = [
        tokenizer.apply_chat_template(row["prompt"] + row["completion"], tokenize=False)
        for row in examples
    ]
    strange = [w for p, w in zip(prompts, wholes, strict=True) if not w.startswith(p)]
    if strange:
        raise CalibrantError(
            "the model's chat template writes a prompt differently once there is a reply",
            repair="Use a model whose template only appends",
        )
    rests = [whole[len(prompt) :] for prompt, whole in zip(prompts, wholes, strict=True)]
    first = tokenizer(prompts, add_special_tokens=False)["input_ids"]
    second = tokenizer(rests, add_special_tokens=False)["input_ids"]
    return [
        {"input_ids": [*p, *c], "labels": [-100] * len(p) + c}
        for p, c in zip(first, second, strict=True)
    ]


def batches_of_like_length(
    rows: list[dict[str, list[int]]], batch_size: int, seed: int
) -> list[dict[str, list[int]]]:
    """Return the rows so that batches hold rows of like length and come in random order.

    A quarter of the time would go into padding otherwise. The trainer's own grouping presents fifty
    batches from long to short, and so one kind of evidence after the other, which was seen to double
    the error of what is learnt.
    """
    order = sorted(range(len(rows)), key=lambda index: len(rows[index]["input_ids"]))
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    random.Random(seed).shuffle(batches)
    return [rows[index] for batch in batches for index in batch]


def _arguments(settings: WarmUpSettings, seed: int, scratch: Path) -> Any:
    from trl import SFTConfig

    warm = settings.warm_up
    return SFTConfig(
        output_dir=str(scratch),
        seed=seed,
        num_train_epochs=1,
        per_device_train_batch_size=warm.batch_size,
        learning_rate=warm.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=0.05,
        weight_decay=0.01,
        adam_beta2=0.95,
        max_grad_norm=1.0,
        # The order of the rows is ours.
        train_sampling_strategy="sequential",
        max_length=None,
        activation_checkpointing=False,
        # TRL's default of bfloat16 is some thirty times slower on a CPU without its instructions.
        bf16=has_gpu(),
        dataloader_pin_memory=has_gpu(),
        logging_steps=50,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataset_kwargs={"skip_prepare_dataset": True},
    )
