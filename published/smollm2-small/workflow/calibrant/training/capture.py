"""Hidden states of a model's forward pass, which TRL's fused head does not return."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor


class Capture:
    """Keeps the last hidden states of a causal language model while it is switched on.

    Args:
        model: A causal language model, or one wrapped by peft.
    """

    def __init__(self, model: Any) -> None:
        base = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._states: list[Tensor] | None = None
        base.base_model.register_forward_hook(self._keep)

    def _keep(self, _module: Any, _inputs: Any, output: Any) -> None:
        if self._states is not None:
            self._states.append(output.last_hidden_state)

    @contextmanager
    def switched_on(self) -> Iterator[list[Tensor]]:
        """Collect the hidden states (batch, length, width) of every forward pass in the block."""
        states: list[Tensor] = []
        self._states = states
        try:
            yield states
        finally:
            self._states = None


def before_completion(states: list[Tensor], length: int) -> Tensor:
    """Return the states from which each completion token is predicted, (batch, length, width).

    Args:
        states: Of one or several forward passes over prompt and completion, in order.
        length: Number of completion tokens.
    """
    return torch.cat([state[:, -length - 1 : -1] for state in states])
