"""The critic: a value for every token of a completion, kept outside the policy.

TRL pushes whatever is part of the policy to vLLM and into its checkpoint, so the critic is a module
of its own. Its gradient never reaches the policy.
"""

from typing import Any

import torch
from torch import Tensor, nn

from calibrant.training.settings import Critic


class ValueHead(nn.Module):
    """A hidden layer and one output on given features (batch, length, width)."""

    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.hidden = nn.Linear(features, width)
        self.output = nn.Linear(width, 1)
        # Values start out equal; `start_at` says at what.
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def start_at(self, value: float) -> None:
        """Make every value this, before anything was learnt."""
        nn.init.constant_(self.output.bias, value)

    def forward(self, features: Tensor) -> Tensor:
        """Return values, shape (batch, length)."""
        hidden = torch.tanh(self.hidden(self.norm(features.float())))
        values: Tensor = self.output(hidden).squeeze(-1)
        return values


class ValueModel(nn.Module):
    """A small transformer of its own over the tokens, with a head."""

    def __init__(self, vocabulary: int, context: int, width: int) -> None:
        from transformers import LlamaConfig, LlamaModel

        super().__init__()
        heads = max(1, width // 32)
        self.body = LlamaModel(
            LlamaConfig(
                vocab_size=vocabulary, hidden_size=width, intermediate_size=3 * width,
                num_hidden_layers=2, num_attention_heads=heads, num_key_value_heads=heads,
                max_position_embeddings=context, bos_token_id=None, eos_token_id=None,
            )
        )  # fmt: skip
        self.head = ValueHead(width, width)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the value before each token, shape (batch, length)."""
        states = self.body(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        values: Tensor = self.head(states)
        return values


def make_critic(settings: Critic, config: Any) -> nn.Module:
    """Return the critic for a policy.

    Args:
        settings: Its kind and size.
        config: The policy's configuration.
    """
    text = config.get_text_config()
    if settings.features == "own":
        # A head needs at least 32 numbers; the width is cut to whole heads.
        width = max(32, settings.width // 32 * 32)
        return ValueModel(text.vocab_size, text.max_position_embeddings, width)
    return ValueHead(text.hidden_size, settings.width)
