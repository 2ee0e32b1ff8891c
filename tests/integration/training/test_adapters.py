"""Adapters alone learn, and the checkpoint that is kept has them merged."""

from pathlib import Path

import pytest
import torch
from tests.integration.training.by_hand import policy_weights
from tests.integration.training.jobs import make_job
from tests.integration.training.small_training import load, make_trainer, settings

from calibrant.engines.checkpoint import check_manifest
from calibrant.errors import CalibrantError
from calibrant.files import write_json
from calibrant.training.adapters import adapter_config
from calibrant.training.settings import Lora
from calibrant.training.train import export_best, train


def test_only_adapters_learn(untaught: Path, tmp_path: Path) -> None:
    adapters = adapter_config(Lora(rank=4, alpha=8), load(untaught)[0])
    for credit in ("sampled", "exact"):
        chosen = settings({"estimator": "ppo", "credit": credit}, kl=0.1)
        trainer = make_trainer(untaught, chosen, tmp_path / credit, peft=adapters)
        before = policy_weights(trainer)
        trainer.train()
        changed = {n for n, v in policy_weights(trainer).items() if not torch.equal(v, before[n])}
        assert changed and all("lora_" in name for name in changed)
        start = load(untaught)[0].state_dict()
        base = trainer.model.get_base_model()
        kept = base.model.embed_tokens.weight, base.lm_head.weight
        for value, name in zip(kept, ("model.embed_tokens.weight", "lm_head.weight"), strict=True):
            assert torch.equal(value, start[name])


def test_adapters_of_the_last_layers_leave_the_others_alone(untaught: Path) -> None:
    from peft import get_peft_model

    model = load(untaught)[0]
    last = model.config.num_hidden_layers - 1
    adapters = adapter_config(Lora(rank=4, alpha=8, last_layers=1), model)
    learnt = [n for n, w in get_peft_model(model, adapters).named_parameters() if w.requires_grad]
    # Seven linear maps of a Llama's layer, two matrices each.
    assert len(learnt) == 14
    assert all(f".layers.{last}." in name and "lora_" in name for name in learnt)


@pytest.mark.parametrize(
    ("lora", "says"),
    [
        (Lora(last_layers=99), "`last_layers` is 99, and the model has"),
        (Lora(last_layers=1, targets=["c_attn"]), "no linear layer of the last 1"),
    ],
)
def test_layers_that_are_not_there_are_refused(untaught: Path, lora: Lora, says: str) -> None:
    with pytest.raises(CalibrantError, match=says):
        adapter_config(lora, load(untaught)[0])


@pytest.mark.parametrize("lora", [None, {"rank": 4, "alpha": 8}], ids=["whole", "adapters"])
def test_the_best_checkpoint_becomes_an_ordinary_one(
    taught: Path, tmp_path: Path, lora: dict[str, int] | None
) -> None:
    from peft import PeftModel

    chosen = settings(
        {"estimator": "ppo", "credit": "exact"}, rounds=2, lora=lora, learning_rate=0.002,
        validation={"every": 1, "questions": 8},
    )  # fmt: skip
    job = make_job(tmp_path, taught, chosen)
    work, folder = tmp_path / "work", tmp_path / "best"
    outcome = train(job, work, print)
    manifest = export_best(work, outcome, job, folder)
    write_json(folder / "checkpoint.json", manifest)
    check_manifest(folder / "checkpoint.json", folder)
    best = work / f"checkpoint-{outcome['best_step']}"
    expected = PeftModel.from_pretrained(load(taught)[0], best) if lora else load(best)[0]
    merged, tokenizer = load(folder)
    assert not hasattr(merged, "peft_config")
    assert {file.name for file in folder.glob("*.safetensors")} == {"model.safetensors"}
    assert tokenizer.get_chat_template() == load(taught)[1].get_chat_template()
    ids = tokenizer("Will tomorrow be wet?", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        found, wanted, start = (model(ids).logits for model in (merged, expected, load(taught)[0]))
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)
    assert (found - start).abs().max() > 1e-3
