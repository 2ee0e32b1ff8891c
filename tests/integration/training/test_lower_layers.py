"""A round leaves out what it need not work out twice, and learns what it would have learnt with it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from tests.integration.training.by_hand import (
    in_full,
    largest_difference,
    policy_weights,
    spoil,
)
from tests.integration.training.small_training import (
    MODEL,
    SEED,
    first_batch,
    load,
    make_trainer,
    settings,
    write_completions,
)

from calibrant.training.adapters import adapter_config
from calibrant.training.lower_layers import LowerLayers
from calibrant.training.settings import Lora

LAYERS = 3
METHODS = (
    {"estimator": "grpo"},
    {"estimator": "ppo", "credit": "exact"},
)


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from calibrant.training.made_model import make_model

    folder = tmp_path_factory.mktemp("deep")
    make_model(MODEL.model_copy(update={"layers": LAYERS}), folder, SEED)
    return folder


def adapted(
    folder: Path, work: Path, method: dict[str, str], last_layers: int | None = 1,
    rollouts: Any = write_completions, **training: Any,
) -> Any:  # fmt: skip
    """Return a trainer of adapters that already do something."""
    adapters = adapter_config(Lora(rank=4, alpha=8, last_layers=last_layers), load(folder)[0])
    chosen = settings(method, **{"kl": 0.1, "micro_batch": 2, "rollouts": {"max_new_tokens": 6}}
                      | training)  # fmt: skip
    trainer = make_trainer(folder, chosen, work, peft=adapters, rollouts=rollouts)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, weight in trainer.model.named_parameters():
            if "lora_" in name:
                weight.copy_(0.2 * torch.randn(weight.shape, generator=generator))
    if trainer.critic is not None:
        spoil(trainer.critic)
    return trainer


def rows_through(trainer: Any) -> list[int]:
    """Return how many rows each layer has been given, a list that goes on counting."""
    counts = [0] * LAYERS

    def watch(number: int) -> Any:
        def count(_module: Any, inputs: Any, _output: Any) -> None:
            counts[number] += len(inputs[0])

        return count

    for number, layer in enumerate(trainer.model.get_base_model().model.layers):
        layer.register_forward_hook(watch(number))
    return counts


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method["estimator"])
@pytest.mark.parametrize("rollouts", [write_completions, None], ids=["written", "generated"])
def test_log_probabilities_loss_and_gradients_are_those_of_full_passes(
    deep: Path, tmp_path: Path, method: dict[str, str], rollouts: Any
) -> None:
    trainer, plain = (
        adapted(deep, tmp_path / name, method, rollouts=rollouts) for name in ("ours", "plain")
    )
    batches = []
    for each in (trainer, in_full(plain)):
        torch.manual_seed(SEED)
        batches.append(first_batch(each))
    batch, expected = batches
    assert batch["completion_ids"].equal(expected["completion_ids"])
    assert "lower_states" in batch
    for name in ("old_per_token_logps", "ref_per_token_logps"):
        torch.testing.assert_close(batch[name], expected[name], rtol=1e-5, atol=1e-5)
    assert not torch.allclose(batch["old_per_token_logps"], batch["ref_per_token_logps"])
    losses, gradients = [], []
    for each, inputs in ((trainer, batch), (plain, expected)):
        # Away from the policy that generated, and with fewer rows than were noted at once.
        inputs["old_per_token_logps"] = inputs["old_per_token_logps"] + 0.1
        inputs["advantages"] = torch.arange(-3.5, 4.5)
        some = {name: v[2:5] if v.dim() else v for name, v in inputs.items() if v is not None}
        loss = each._compute_loss(each.model, some)
        loss.backward()
        losses.append(loss.detach())
        learnt = each.model.named_parameters()
        gradients.append({n: w.grad for n, w in learnt if w.requires_grad})
    torch.testing.assert_close(*losses, rtol=1e-5, atol=1e-6)
    assert max(float(gradient.abs().max()) for gradient in gradients[0].values()) > 1e-4
    assert largest_difference(*gradients) <= 1e-5


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method["estimator"])
@pytest.mark.parametrize("rollouts", [write_completions, None], ids=["written", "generated"])
def test_training_ends_with_the_weights_of_full_passes(
    deep: Path, tmp_path: Path, method: dict[str, str], rollouts: Any
) -> None:
    ends = []
    for change in (lambda trainer: trainer, in_full):
        trainer = adapted(
            deep, tmp_path / str(len(ends)), method, rollouts=rollouts, minibatches=2,
            learning_rate=1e-3,
        )  # fmt: skip
        start = policy_weights(trainer)
        change(trainer).train()
        ends.append(policy_weights(trainer))
    assert largest_difference(start, ends[0]) > 1e-3
    assert largest_difference(*ends) <= 1e-5


@pytest.mark.parametrize(("rollouts", "lower"), [(write_completions, 2 * 8), (None, 0)])
def test_the_lower_layers_are_passed_once_a_round(
    deep: Path, tmp_path: Path, rollouts: Any, lower: int
) -> None:
    trainer = adapted(deep, tmp_path, {"estimator": "grpo"}, rollouts=rollouts, epochs=3)
    counts = rows_through(trainer)
    generate, written = trainer._generate_single_turn, [0] * LAYERS

    def generate_apart(*args: Any, **kwargs: Any) -> Any:
        before = list(counts)
        result = generate(*args, **kwargs)
        written[:] = [w + c - b for w, c, b in zip(written, counts, before, strict=True)]
        return result

    trainer._generate_single_turn = generate_apart
    trainer.train()
    # Two rounds of eight completions: at generation, of the reference, and in three epochs.
    scored = [count - apart for count, apart in zip(counts, written, strict=True)]
    assert scored == [lower, lower, 2 * 8 * 5]


@pytest.mark.parametrize(
    ("change", "known"),
    [({}, True), ({"last_layers": None}, False), ({"model_type": "gemma3n"}, False),
     ({"attention_dropout": 0.1}, False), ({"distributed_type": "MULTI_CPU"}, False),
     ({"distributed_type": "DEEPSPEED"}, False), ({"device": "cuda"}, False)],
    ids=str,
)  # fmt: skip
def test_states_are_kept_only_where_they_stay_the_same_and_memory_allows(
    deep: Path, change: dict[str, Any], known: bool
) -> None:
    from peft import get_peft_model

    chosen = {"last_layers": 1, "distributed_type": "NO", "device": "cpu"} | change
    model = load(deep)[0]
    adapters = adapter_config(Lora(rank=4, alpha=8, last_layers=chosen["last_layers"]), model)
    for name in ("model_type", "attention_dropout"):
        if name in change:
            setattr(model.config, name, change[name])
    accelerator = SimpleNamespace(
        distributed_type=chosen["distributed_type"], device=torch.device(chosen["device"])
    )
    adapted_model = get_peft_model(model, adapters)
    lower = LowerLayers(adapted_model, accelerator)
    ids = torch.tensor([[5, 6, 7]])
    with lower.run_once(ids.shape):
        adapted_model(input_ids=ids)
    assert (lower.states is not None) == known


def test_the_head_sees_no_prompt(deep: Path, tmp_path: Path) -> None:
    trainer = adapted(deep, tmp_path, {"estimator": "grpo"})
    batch = first_batch(trainer)
    seen = [len(state[0]) for state in trainer._states]
    assert seen == [batch["completion_ids"].size(1) + 1] * 4
