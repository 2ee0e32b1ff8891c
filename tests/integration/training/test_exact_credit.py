"""The confidence learns from the reward expected over all confidences, worked out here from logits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.integration.training.by_hand import (
    level_table,
    place_of_confidence,
    plain_gae,
    scored_again,
    spoil,
    states_before,
)
from tests.integration.training.small_training import first_batch, make_trainer, settings


@pytest.mark.parametrize("scale", ["none", "batch"])
@pytest.mark.parametrize("rule", [{"rule": "brier"}, {"rule": "log", "clip": 0.01}], ids=str)
def test_the_gradient_of_the_confidence_is_that_of_the_expected_reward(
    taught: Path, tmp_path: Path, scale: str, rule: dict[str, Any]
) -> None:
    weight = 3.0 if scale == "none" else 1.0
    chosen = settings(
        {"estimator": "grpo", "credit": "exact", "scale": scale}, {"score": rule},
        questions=8, entropy=0.01, last_entropy=0.02, rollouts={"temperature": 0.7},
        confidence_weight=weight,
    )  # fmt: skip
    trainer = make_trainer(taught, chosen, tmp_path)
    batch = first_batch(trainer)
    places = place_of_confidence(trainer, batch)
    assert None in places and len(set(places)) > 2
    nothing = torch.zeros_like(batch["advantages"])
    trainer._compute_loss(trainer.model, batch | {"advantages": nothing}).backward()
    found = {name: p.grad.clone() for name, p in trainer.model.named_parameters()}
    trainer.model.zero_grad()

    table, rest = level_table(scored_again(trainer, batch, chosen), chosen)
    levels = trainer.processing_class.convert_tokens_to_ids([str(n) for n in range(101)])
    _, logits = states_before(trainer.model, batch)
    means, variances, entropies = [], [], []
    for row, place in enumerate(places):
        if place is None:
            continue
        p = (logits[row, place] / 0.7).softmax(-1)[levels]
        earned = torch.tensor(table[row])
        mean = (p * earned).sum() + (1 - p.sum()) * rest[row]
        far = (p * (earned - mean) ** 2).sum() + (1 - p.sum()) * (rest[row] - mean) ** 2
        means.append(mean)
        variances.append(far.detach())
        entropies.append(-(p * p.log()).sum())
    spread = torch.stack(variances).mean().sqrt() + 1e-4 if scale == "batch" else 1.0
    gain = torch.stack(means).sum() / spread + 0.01 * torch.stack(entropies).sum()
    (-weight * gain / batch["completion_mask"].sum()).backward()
    largest = max(float(p.grad.abs().max()) for p in trainer.model.parameters())
    for name, parameter in trainer.model.named_parameters():
        torch.testing.assert_close(
            found[name],
            parameter.grad,
            rtol=1e-5,
            atol=1e-5 * largest,
            msg=lambda text, name=name: f"{name}: {text}",
        )


def test_the_bonus_for_entropy_is_the_same_with_sampled_credit_and_moves_in_even_steps(
    taught: Path, tmp_path: Path
) -> None:
    gradients = []
    for entropy in (0.0, 0.3):
        chosen = settings(
            {"estimator": "grpo"},
            questions=8,
            entropy=entropy,
            last_entropy=entropy / 3,
            confidence_weight=20.0,
        )
        trainer = make_trainer(taught, chosen, tmp_path)
        batch = first_batch(trainer)
        # Halfway from 0.3 to 0.1.
        trainer.state.global_step, trainer.state.max_steps = 2, 4
        trainer._compute_loss(trainer.model, batch).backward()
        gradients.append({name: p.grad.clone() for name, p in trainer.model.named_parameters()})
    trainer.model.zero_grad()
    places = place_of_confidence(trainer, batch)
    levels = trainer.processing_class.convert_tokens_to_ids([str(n) for n in range(101)])
    _, logits = states_before(trainer.model, batch)
    total = torch.zeros(())
    for row, place in enumerate(places):
        if place is not None:
            p = logits[row, place].softmax(-1)[levels]
            total = total - (p * p.log()).sum()
    (-0.2 * total / batch["completion_mask"].sum()).backward()
    for name, parameter in trainer.model.named_parameters():
        torch.testing.assert_close(
            gradients[1][name] - gradients[0][name], parameter.grad, rtol=1e-3, atol=1e-7
        )


def test_the_levels_give_the_sampled_confidence_the_log_probability_that_trl_gives_it(
    taught: Path, tmp_path: Path
) -> None:
    chosen = settings({"credit": "exact"}, rollouts={"temperature": 0.7}, questions=8)
    trainer = make_trainer(taught, chosen, tmp_path)
    batch = first_batch(trainer)
    checked = 0
    for row, place in enumerate(place_of_confidence(trainer, batch)):
        if place is None:
            assert not batch["confidence_valid"][row]
            continue
        assert batch["confidence_position"][row] == place
        stated = int(trainer.processing_class.decode(batch["completion_ids"][row, place]))
        torch.testing.assert_close(
            batch["old_level_log_probs"][row, stated], batch["old_per_token_logps"][row, place]
        )
        checked += 1
    assert checked == batch["confidence_valid"].sum() > 4


def test_a_completion_without_a_confidence_of_one_token_keeps_its_reward(
    taught: Path, tmp_path: Path
) -> None:
    chosen = settings({"estimator": "grpo", "credit": "exact", "scale": "none"}, questions=8)
    trainer = make_trainer(taught, chosen, tmp_path)
    batch = first_batch(trainer)
    places = place_of_confidence(trainer, batch)
    scored = scored_again(trainer, batch, chosen)
    table, rest = level_table(scored, chosen)
    probabilities = batch["old_level_log_probs"].double().exp()
    credited = []
    for row, place in enumerate(places):
        p = probabilities[row]
        expected = float((p * torch.tensor(table[row])).sum() + (1 - p.sum()) * rest[row])
        credited.append(scored.total[row] if place is None else expected)
    assert any(
        readable and place is None for readable, place in zip(scored.readable, places, strict=True)
    )
    for row, place in enumerate(places):
        partner = row ^ 1
        advantage = credited[row] - (credited[row] + credited[partner]) / 2
        length = int(batch["completion_mask"][row].sum())
        credited_tokens = length if place is None else place
        wanted = np.zeros(batch["advantages"].size(1))
        wanted[:credited_tokens] = advantage
        np.testing.assert_allclose(batch["advantages"][row], wanted, atol=1e-5)

    absent = torch.tensor([place is None for place in places])
    louder = batch["level_rewards"] + 100.0 * absent[:, None]
    losses = [
        float(trainer._compute_loss(trainer.model, batch | {"level_rewards": table}))
        for table in (batch["level_rewards"], louder)
    ]
    assert losses[0] == losses[1]


def test_with_a_critic_the_expected_reward_falls_on_the_token_before_the_confidence(
    taught: Path, tmp_path: Path
) -> None:
    critic = {"discount": 0.9, "trace": 0.8}
    chosen = settings(
        {"estimator": "ppo", "credit": "exact", "scale": "none"}, critic=critic, questions=8
    )
    trainer = make_trainer(taught, chosen, tmp_path)
    spoil(trainer.critic)
    batch = first_batch(trainer)
    places = place_of_confidence(trainer, batch)
    scored = scored_again(trainer, batch, chosen)
    table, rest = level_table(scored, chosen)
    with torch.no_grad():
        states, logits = states_before(trainer.model, batch)
        values = trainer.critic.module(states)
    levels = trainer.processing_class.convert_tokens_to_ids([str(n) for n in range(101)])
    for row, place in enumerate(places):
        earned, length = float(scored.total[row]), int(batch["completion_mask"][row].sum())
        if place is not None:
            p = logits[row, place].softmax(-1)[levels]
            earned = float((p * torch.tensor(table[row])).sum() + (1 - p.sum()) * rest[row])
            length = place
        expected = plain_gae(
            [0.0] * (length - 1) + [earned], values[row, :length].tolist(), 0.9, 0.8
        )
        np.testing.assert_allclose(
            batch["advantages"][row, :length], expected, rtol=1e-4, atol=1e-5
        )
        assert not batch["advantages"][row, length:].any()
        assert batch["value_mask"][row].sum() == length


def test_learnt_apart_the_critic_starts_at_what_the_answers_earn(
    taught: Path, tmp_path: Path
) -> None:
    method = {"estimator": "ppo", "credit": "exact", "learns": "apart"}
    trainer = make_trainer(
        taught, settings(method, reward={"faithfulness": 12.0}, questions=8), tmp_path
    )
    batch = first_batch(trainer)
    parts = trainer._scored.parts
    assert parts.total.mean() > parts.correctness.mean() + 1
    start = float((parts.correctness + parts.format).mean())
    assert batch["old_values"][0].tolist() == pytest.approx(
        [start] * batch["old_values"].size(1), abs=1e-5
    )


def test_learnt_apart_the_divergence_holds_the_answer_and_not_the_confidence(
    taught: Path, tmp_path: Path
) -> None:
    method = {"estimator": "grpo", "credit": "exact", "learns": "apart"}
    trainer = make_trainer(taught, settings(method, questions=8, kl=1.0), tmp_path)
    batch = first_batch(trainer)
    places = place_of_confidence(trainer, batch)
    loss = trainer._compute_loss(trainer.model, batch).item()
    farther = batch["ref_per_token_logps"].clone()
    for row, place in enumerate(places):
        if place is not None:
            farther[row, place] -= 3.0
    elsewhere = trainer._compute_loss(trainer.model, batch | {"ref_per_token_logps": farther})
    assert elsewhere.item() == pytest.approx(loss, abs=1e-6)
    farther = batch["ref_per_token_logps"] - 3.0
    assert trainer._compute_loss(trainer.model, batch | {"ref_per_token_logps": farther}) > loss + 1
