"""What the trainer learns: as TRL does where it should, and as worked out by hand where it differs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.integration.training.by_hand import (
    largest_difference,
    plain_gae,
    policy_weights,
    scored_again,
    spoil,
    states_before,
)
from tests.integration.training.small_training import (
    ELICITATION,
    SEED,
    first_batch,
    lab,
    load,
    make_trainer,
    rows,
    settings,
)

from calibrant.stage_settings.train import TrainSettings
from calibrant.training.scorer import Scorer
from calibrant.training.trainer_arguments import trainer_arguments

CRITICS = ("shared", "frozen", "own")


def trls_own(folder: Path, chosen: TrainSettings, work: Path) -> Any:
    """Return TRL's trainer with our reward and configuration, and nothing else of ours."""
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    model, tokenizer = load(folder)
    scorer = Scorer(lab(), chosen.reward, ELICITATION.scale)
    ends = model.generation_config.eos_token_id

    def earn(completions: Any, completion_ids: Any, row: Any, **_: Any) -> list[float]:
        texts = [turns[0]["content"] for turns in completions]
        cut = [ids[-1] not in ends for ids in completion_ids]
        scored = scorer.score(row, texts, [len(ids) for ids in completion_ids], cut)
        earned: list[float] = scored.total.tolist()
        return earned

    wanted = chosen.training.rounds * chosen.training.questions
    return GRPOTrainer(
        model=model, processing_class=tokenizer, reward_funcs=earn,
        args=GRPOConfig(**trainer_arguments(chosen.trained, chosen.training, work, SEED, 1)),
        train_dataset=Dataset.from_list(rows(lab())[:wanted]),
    )  # fmt: skip


@pytest.mark.parametrize("scale", ["none", "batch", "group"])
def test_grpo_learns_the_weights_that_trls_own_trainer_learns(
    taught: Path, tmp_path: Path, scale: str
) -> None:
    chosen = settings(
        {"estimator": "grpo", "scale": scale}, rounds=3, epochs=2, minibatches=2, questions=8,
        learning_rate=0.001,
    )  # fmt: skip
    ours = make_trainer(taught, chosen, tmp_path / "ours", rollouts=None)
    start = policy_weights(ours)
    ours.train()
    theirs = trls_own(taught, chosen, tmp_path / "theirs")
    theirs.train()
    assert largest_difference(start, policy_weights(ours)) > 1e-3
    assert largest_difference(policy_weights(ours), policy_weights(theirs)) <= 1e-6


@pytest.mark.parametrize(
    "method",
    [{"estimator": "grpo"}, {"estimator": "grpo", "credit": "exact"},
     *({"estimator": "ppo", "credit": credit} for credit in ("sampled", "exact"))],
    ids=lambda method: "-".join(method.values()),
)  # fmt: skip
def test_micro_batches_change_nothing_but_memory(
    untaught: Path, tmp_path: Path, method: dict[str, str]
) -> None:
    ends = []
    for micro in (None, 2):
        chosen = settings(method, micro_batch=micro, learning_rate=0.001)
        trainer = make_trainer(untaught, chosen, tmp_path / f"{micro}")
        trainer.train()
        critic = trainer.critic.module.state_dict() if trainer.critic else {}
        ends.append(policy_weights(trainer) | {f"critic.{n}": v for n, v in critic.items()})
    assert largest_difference(*ends) <= 1e-5


def test_one_completion_per_question_is_enough_with_a_critic(
    untaught: Path, tmp_path: Path
) -> None:
    trainer = make_trainer(untaught, settings({"estimator": "ppo"}, samples=1), tmp_path)
    start = policy_weights(trainer)
    trainer.train()
    assert trainer.summary["completions"] == 4
    assert largest_difference(start, policy_weights(trainer)) > 1e-3


# The critic


@pytest.mark.parametrize("features", CRITICS)
@pytest.mark.parametrize("scale", ["none", "batch"])
def test_advantages_and_returns_are_those_of_generalised_advantage_estimation(
    untaught: Path, tmp_path: Path, features: str, scale: str
) -> None:
    critic = {"features": features, "discount": 0.9, "trace": 0.8, "width": 32}
    chosen = settings({"estimator": "ppo", "scale": scale}, critic=critic)
    trainer = make_trainer(untaught, chosen, tmp_path)
    spoil(trainer.critic)
    batch = first_batch(trainer)
    with torch.no_grad():
        states, _ = states_before(trainer.model, batch)
        if features == "own":
            ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], dim=1)
            mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], dim=1)
            values = trainer.critic.module(ids, mask)[:, batch["prompt_ids"].size(1) - 1 : -1]
        else:
            # The policy has not moved yet, so its features are those of the starting model.
            values = trainer.critic.module(states)
    total = scored_again(trainer, batch, chosen).total
    lengths = batch["completion_mask"].sum(1).tolist()
    expected = [
        plain_gae([0.0] * (n - 1) + [float(earned)], row[:n], 0.9, 0.8)
        for n, earned, row in zip(lengths, total, values.tolist(), strict=True)
    ]
    spread = np.std([a for row in expected for a in row], ddof=1) + 1e-4 if scale == "batch" else 1
    assert len(set(lengths)) > 1
    for index, (row, length) in enumerate(zip(expected, lengths, strict=True)):
        np.testing.assert_allclose(
            batch["advantages"][index, :length], np.array(row) / spread, rtol=1e-4, atol=1e-5
        )
        np.testing.assert_allclose(
            batch["returns"][index, :length],
            np.array(row) + values[index, :length].numpy(), rtol=1e-4, atol=1e-5,
        )  # fmt: skip
        assert not batch["advantages"][index, length:].any()


@pytest.mark.parametrize("features", CRITICS)
def test_the_critic_is_no_part_of_the_policy(untaught: Path, tmp_path: Path, features: str) -> None:
    names = set(load(untaught)[0].state_dict())
    chosen = settings({"estimator": "ppo"}, critic={"features": features})
    trainer = make_trainer(untaught, chosen, tmp_path / "work")
    trainer.train()
    trainer.save_model(tmp_path / "saved")
    trainer.critic.save(tmp_path / "saved")
    assert set(trainer.model.state_dict()) == names
    assert set(load_file(tmp_path / "saved/model.safetensors")) == names
    assert set(load_file(tmp_path / "saved/critic.safetensors")).isdisjoint(names)
    optimised = {p for group in trainer.optimizer.param_groups for p in group["params"]}
    assert optimised.isdisjoint(trainer.critic.module.parameters())


@pytest.mark.parametrize("features", CRITICS)
def test_the_gradient_of_the_critic_does_not_reach_the_policy(
    untaught: Path, tmp_path: Path, features: str
) -> None:
    gradients, values = [], []
    for weight in (0.0, 100.0):
        critic = {"features": features, "weight": weight}
        chosen = settings({"estimator": "ppo", "credit": "exact"}, critic=critic)
        trainer = make_trainer(untaught, chosen, tmp_path / str(weight))
        spoil(trainer.critic)
        trainer._compute_loss(trainer.model, first_batch(trainer)).backward()
        gradients.append({n: p.grad for n, p in trainer.model.named_parameters()})
        head = getattr(trainer.critic.module, "head", trainer.critic.module)
        values.append(float(head.output.bias.grad.abs()))
    assert values[0] == 0 < values[1]
    for name, gradient in gradients[0].items():
        assert torch.equal(gradient, gradients[1][name]), name


@pytest.mark.parametrize("features", CRITICS)
def test_the_critic_comes_to_foresee_the_returns_of_a_fixed_batch(
    untaught: Path, tmp_path: Path, features: str
) -> None:
    critic = {"features": features, "value_clip": 10, "width": 32, "learning_rate": 0.01}
    trainer = make_trainer(untaught, settings({"estimator": "ppo"}, critic=critic), tmp_path)
    batch = first_batch(trainer)
    # What can be foreseen from the tokens: with written completions the true returns cannot.
    whole = torch.cat([batch["prompt_ids"], batch["completion_ids"]], dim=1)
    before = whole[:, batch["prompt_ids"].size(1) - 1 : -1]
    batch["returns"] = (before % 2).float() * batch["value_mask"]
    states = states_before(trainer.model, batch)[0].detach()
    metrics: dict[str, list[float]] = {"value_loss": [], "explained_variance": []}
    for _ in range(120):
        trainer.critic.loss(batch, states, metrics).backward()
        trainer.critic.step()
    assert metrics["value_loss"][-1] < 0.3 * metrics["value_loss"][0]


def test_all_critics_learn_in_training_and_frozen_features_stay_those_of_the_start(
    untaught: Path, tmp_path: Path
) -> None:
    for features in CRITICS:
        chosen = settings({"estimator": "ppo"}, critic={"features": features})
        trainer = make_trainer(untaught, chosen, tmp_path / features)
        before = {n: v.clone() for n, v in trainer.critic.module.state_dict().items()}
        trainer.train()
        after = trainer.critic.module.state_dict()
        # Behind an output of zero weights nothing learns in the first step, but all do later.
        assert all(not torch.equal(before[name], after[name]) for name in before), features
        losses = [row["value_loss"] for row in trainer.state.log_history if "value_loss" in row]
        assert len(losses) == chosen.training.rounds
        if features == "frozen":
            start = load(untaught)[0].model
            kept = trainer.critic._frozen.state_dict()
            assert largest_difference(dict(start.state_dict()), dict(kept)) == 0


def test_the_clip_holds_ratios_only_after_the_policy_has_moved(
    untaught: Path, tmp_path: Path
) -> None:
    shares = {}
    for epochs in (1, 4):
        chosen = settings({"estimator": "ppo"}, epochs=epochs, learning_rate=0.05, rounds=1)
        trainer = make_trainer(untaught, chosen, tmp_path / str(epochs))
        trainer.train()
        shares[epochs] = trainer.state.log_history[0]["clip_ratio/region_mean"]
    assert shares[1] == 0 < shares[4]


@pytest.mark.parametrize(("share", "steps"), [(0.0, 0), (0.3, 3), (1.0, 8)])
def test_the_learning_rate_rises_over_its_share_of_the_steps(
    untaught: Path, tmp_path: Path, share: float, steps: int
) -> None:
    trainer = make_trainer(untaught, settings(rounds=4, warm_up_share=share), tmp_path)
    trainer.create_optimizer_and_scheduler(trainer.args.max_steps)
    rates = []
    for _ in range(trainer.args.max_steps):
        rates.append(trainer.optimizer.param_groups[0]["lr"])
        trainer.optimizer.step()
        trainer.lr_scheduler.step()
    rising = [0.01 * step / steps for step in range(steps)]
    np.testing.assert_allclose(rates[:steps], rising)
    assert rates == sorted(rates[:steps]) + sorted(rates[steps:], reverse=True)
