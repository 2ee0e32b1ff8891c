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
        self._last = 0
        base.base_model.register_forward_hook(self._keep)

    def _keep(self, _module: Any, _inputs: Any, output: Any) -> Any:
        if self._states is not None:
            output.last_hidden_state = output.last_hidden_state[:, -self._last :]
            self._states.append(output.last_hidden_state)
        return output

    @contextmanager
    def switched_on(self, last: int) -> Iterator[list[Tensor]]:
        """Collect the hidden states (batch, last, width) of every forward pass in the block.

        The model's head gets no others in the block. TRL's fused head leaves out what has no label on
        a GPU only; elsewhere it would go over a long prompt for nothing.

        Args:
            last: Number of positions, from the end.
        """
        states: list[Tensor] = []
        self._states, self._last = states, last
        try:
            yield states
        finally:
            self._states = None


class LabelledAtEnd:
    """Calls a model with the labels of the last positions alone, as its head sees no others.

    Args:
        model: The policy, as TRL calls it.
        last: Number of positions, from the end.
    """

    def __init__(self, model: Any, last: int) -> None:
        self._model = model
        self._last = last

    def __call__(self, *, labels: Tensor, **inputs: Any) -> Any:
        """Return what the model does."""
        return self._model(labels=labels[:, -self._last :], **inputs)


def before_completion(states: list[Tensor], length: int) -> Tensor:
    """Return the states from which each completion token is predicted, (batch, length, width).

    Args:
        states: Of one or several forward passes over prompt and completion, in order.
        length: Number of completion tokens.
    """
    return torch.cat([state[:, -length - 1 : -1] for state in states])
