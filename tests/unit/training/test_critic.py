"""The critic: its shapes, where its values start, and that it looks at no later token."""

from typing import Any

import pytest
import torch
from transformers import LlamaConfig

from calibrant.training.critic import ValueHead, ValueModel, make_critic
from calibrant.training.settings import Critic

CONFIG = LlamaConfig(
    vocab_size=50, hidden_size=24, intermediate_size=24, num_hidden_layers=1,
    num_attention_heads=2, max_position_embeddings=64,
)  # fmt: skip
BATCH, LENGTH = 3, 9


def make(kind: str, width: int = 64) -> Any:
    torch.manual_seed(1)
    return make_critic(Critic(features=kind, width=width), CONFIG)  # type: ignore[arg-type]


def inputs_of(kind: str, seed: int = 2) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    if kind == "own":
        ids = torch.randint(50, (BATCH, LENGTH), generator=generator)
        return ids, torch.ones_like(ids)
    return (torch.randn(BATCH, LENGTH, CONFIG.hidden_size, generator=generator),)


@pytest.mark.parametrize("kind", ["shared", "frozen", "own"])
def test_values_start_at_zero_whatever_is_read(kind: str) -> None:
    values = make(kind)(*inputs_of(kind))
    assert values.shape == (BATCH, LENGTH)
    assert values.dtype == torch.float32
    assert (values == 0).all()


@pytest.mark.parametrize("kind", ["shared", "frozen", "own"])
def test_a_critic_that_starts_at_zero_learns_all_the_same(kind: str) -> None:
    critic, inputs = make(kind), inputs_of(kind)
    target = torch.randn(BATCH, LENGTH, generator=torch.Generator().manual_seed(3))
    optimizer = torch.optim.AdamW(critic.parameters(), lr=1e-2, weight_decay=0.0)
    losses = []
    for _ in range(60):
        loss = ((critic(*inputs) - target) ** 2).mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("kind", ["shared", "frozen"])
def test_a_head_has_the_width_asked_for_on_the_features_of_the_policy(kind: str) -> None:
    head = make(kind, width=40)
    assert isinstance(head, ValueHead)
    assert head.hidden.in_features == CONFIG.hidden_size
    assert head.hidden.out_features == 40


@pytest.mark.parametrize(
    ("asked", "width"), [(8, 32), (31, 32), (32, 32), (63, 32), (64, 64), (100, 96)]
)
def test_a_model_of_its_own_has_whole_heads_of_32_numbers(asked: int, width: int) -> None:
    critic = make("own", asked)
    assert isinstance(critic, ValueModel)
    config = critic.body.config
    assert config.hidden_size == width
    assert config.num_attention_heads == width // 32
    assert config.hidden_size // config.num_attention_heads == 32
    assert config.vocab_size == CONFIG.vocab_size
    assert config.max_position_embeddings == CONFIG.max_position_embeddings


def test_a_policy_that_sees_and_reads_lends_the_shape_of_its_text_model() -> None:
    class Several:
        def get_text_config(self) -> LlamaConfig:
            return CONFIG

    head = make_critic(Critic(features="shared"), Several())
    assert isinstance(head, ValueHead)
    assert head.hidden.in_features == CONFIG.hidden_size


def test_features_of_half_precision_are_read_in_single() -> None:
    critic, (features,) = make("shared"), inputs_of("shared")
    torch.nn.init.normal_(critic.output.weight)
    values = critic(features.bfloat16())
    assert values.dtype == torch.float32
    torch.testing.assert_close(values, critic(features.bfloat16().float()))


@pytest.mark.parametrize("kind", ["shared", "own"])
def test_a_value_depends_on_no_later_token(kind: str) -> None:
    critic, inputs = make(kind).eval(), inputs_of(kind)
    torch.nn.init.normal_((critic.head if kind == "own" else critic).output.weight)
    first = critic(*inputs)
    changed = inputs[0].clone()
    changed[:, 5:] = inputs_of(kind, seed=4)[0][:, 5:]
    second = critic(changed, *inputs[1:])
    torch.testing.assert_close(first[:, :5], second[:, :5])
    assert not torch.allclose(first[:, 5:], second[:, 5:])


def test_padding_on_the_left_changes_no_value() -> None:
    critic = make("own").eval()
    torch.nn.init.normal_(critic.head.output.weight)
    ids, mask = inputs_of("own")
    padded = torch.cat([torch.zeros(BATCH, 4, dtype=ids.dtype), ids], dim=1)
    covered = torch.cat([torch.zeros(BATCH, 4, dtype=mask.dtype), mask], dim=1)
    torch.testing.assert_close(
        critic(padded, covered)[:, 4:], critic(ids, mask), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("kind", ["shared", "own"])
def test_values_can_start_at_a_level(kind: str) -> None:
    critic = make(kind)
    (critic.head if kind == "own" else critic).start_at(-0.25)
    assert (critic(*inputs_of(kind)) == -0.25).all()
