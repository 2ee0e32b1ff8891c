"""What the trainer relies on in TRL beyond its documented interface is there and works as expected."""

import inspect
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.integration.training.small_training import first_batch, make_trainer, settings

PINNED = "1.16.0"
ADVICE = (
    "TRL has changed under `calibrant.training.trainer`. Read what its GRPOTrainer now does at the "
    "place named here, change trainer.py to fit, and let the other tests of this folder prove it."
)
# Private methods that are overridden or called, and what they take.
SIGNATURES = {
    "_get_per_token_logps_and_entropies": [
        "self", "model", "input_ids", "attention_mask", "logits_to_keep", "batch_size",
        "compute_entropy", "compute_aux_loss",
    ],
    "_generate_single_turn": ["self", "prompt_ids"],
    "_generate_and_score_completions": ["self", "inputs"],
    "_compute_loss": ["self", "model", "inputs"],
    "training_step": ["self", "model", "inputs", "num_items_in_batch"],
    "_save_checkpoint": ["self", "model", "trial"],
    "_load_from_checkpoint": ["self", "resume_from_checkpoint", "model"],
    "_load_optimizer_and_scheduler": ["self", "checkpoint"],
}  # fmt: skip
# Attributes that are read, once the trainer is built.
ATTRIBUTES = {
    "eos_token_ids": list,
    "temperature": float,
    "epsilon_low": float,
    "num_generations": int,
    "max_completion_length": int,
    "_metrics": dict,
}
KEYS = {
    "prompt_ids": 2, "prompt_mask": 2, "completion_ids": 2, "completion_mask": 2,
    "old_per_token_logps": 2, "advantages": 1, "num_items_in_batch": 0,
}  # fmt: skip


@pytest.fixture
def trainer(untaught: Path, tmp_path: Path) -> Any:
    return make_trainer(untaught, settings({"estimator": "grpo"}), tmp_path)


def test_the_version_is_the_one_the_trainer_was_written_for() -> None:
    assert version("trl") == PINNED, ADVICE


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_private_method_takes_what_it_took(name: str) -> None:
    from trl import GRPOTrainer

    method = getattr(GRPOTrainer, name, None)
    assert method is not None, f"GRPOTrainer.{name} is gone. {ADVICE}"
    parameters = list(inspect.signature(method).parameters)
    expected = SIGNATURES[name]
    assert parameters[: len(expected)] == expected, f"GRPOTrainer.{name} takes others. {ADVICE}"


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_holds_what_it_held(trainer: Any, name: str) -> None:
    value = getattr(trainer, name, None)
    assert isinstance(value, ATTRIBUTES[name]), f"GRPOTrainer.{name} is {value!r}. {ADVICE}"


def test_the_trainer_sets_the_accumulation_it_reads(trainer: Any) -> None:
    assert not hasattr(trainer, "current_gradient_accumulation_steps")
    trainer.train()
    steps = trainer.current_gradient_accumulation_steps
    assert steps == trainer.args.gradient_accumulation_steps, ADVICE


def test_scored_completions_have_the_keys_and_shapes_that_are_read(trainer: Any) -> None:
    from trl import GRPOTrainer

    first_batch(trainer)
    inputs = next(iter(trainer.get_train_dataloader()))
    output = GRPOTrainer._generate_and_score_completions(trainer, inputs)
    found = {name: output[name].dim() for name in KEYS if name in output}
    assert found == KEYS, ADVICE


def test_completions_given_by_hand_are_the_ones_scored(trainer: Any) -> None:
    batch = first_batch(trainer)
    lengths = batch["completion_mask"].sum(1).tolist()
    assert [len(ids) for ids in trainer._completions] == lengths, ADVICE


def test_the_loss_takes_an_advantage_for_every_token(trainer: Any) -> None:
    from trl import GRPOTrainer

    batch = first_batch(trainer)
    # Away from ratio 1, where the loss would not depend on how the clip pairs with the advantage.
    batch["old_per_token_logps"] = batch["old_per_token_logps"] + 0.3 * torch.randn(
        batch["old_per_token_logps"].shape, generator=torch.Generator().manual_seed(1)
    )
    wide = batch | {
        "advantages": batch["advantages"][:, None].expand(batch["completion_ids"].shape)
    }
    by_row, by_token = (
        GRPOTrainer._compute_loss(trainer, trainer.model, dict(inputs)) for inputs in (batch, wide)
    )
    assert by_row.item() != 0
    assert by_token.item() == by_row.item(), ADVICE


def test_the_loss_of_a_token_is_that_of_its_own_advantage(trainer: Any) -> None:
    from trl import GRPOTrainer

    batch = first_batch(trainer)
    tokens = batch["num_items_in_batch"].item()
    advantages = torch.zeros(batch["completion_ids"].shape)
    advantages[2, 3] = 5.0
    loss = GRPOTrainer._compute_loss(trainer, trainer.model, batch | {"advantages": advantages})
    assert loss.item() == pytest.approx(-5.0 / tokens, rel=1e-5), ADVICE


def test_log_probabilities_are_of_the_tempered_distribution(untaught: Path, tmp_path: Path) -> None:
    chosen = settings({"estimator": "grpo"}, rollouts={"temperature": 0.5})
    trainer = make_trainer(untaught, chosen, tmp_path)
    batch = first_batch(trainer)
    ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], dim=1)
    mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], dim=1)
    length = batch["completion_ids"].size(1)
    logits = trainer.model(input_ids=ids, attention_mask=mask).logits[:, -length - 1 : -1]
    expected = (logits / 0.5).log_softmax(-1).gather(-1, batch["completion_ids"][..., None])[..., 0]
    real = batch["completion_mask"].bool()
    torch.testing.assert_close(
        batch["old_per_token_logps"][real], expected[real].detach(), msg=lambda text: text + ADVICE
    )
