"""The layers beneath the adapters: they never learn, so their states of a round are worked out once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

PLAIN_STACKS = {"llama", "mistral", "qwen2", "qwen3"}
"""Kinds of model whose layers see nothing of those below but what the last of these returns."""


class LowerLayers:
    """Runs the layers below the first that learns, or puts in their place what they returned.

    Args:
        model: A causal language model, or one wrapped by peft.
        accelerator: Of the trainer. On a GPU the states would take memory that is short, and where
            several processes train, layers are wrapped: there every pass runs through all layers.

    Attributes:
        states: What the lower layers return for the rows that are passed next, (rows, length, width), or
            None where that is not known yet. Whoever passes other rows sets it.
    """

    def __init__(self, model: Any, accelerator: Any) -> None:
        base = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._body = base.base_model
        alone = accelerator.distributed_type == "NO" and accelerator.device.type == "cpu"
        self._count = _count(self._body) if alone and _is_plain(base.config) else 0
        self.states: Tensor | None = None

    @contextmanager
    def noted_in_generation(self) -> Iterator[None]:
        """Note the states of rows that are generated in the block, all at once, with a cache of keys."""
        with self._noted() as seen:
            yield
        if seen and len({len(states) for states in seen}) == 1:
            # The last token was written and never read; nothing is predicted from it.
            self.states = nn.functional.pad(torch.cat(seen, dim=1), (0, 0, 0, 1))

    @contextmanager
    def run_once(self, shape: torch.Size) -> Iterator[None]:
        """Note the states of the lower layers in the block, or leave these layers out if they are known.

        The block passes all rows, in order, in as many parts as it likes.

        Args:
            shape: Rows and length of what is passed.
        """
        if self.states is None or self.states.shape[:2] != shape:
            with self._noted() as seen:
                yield
            self.states = torch.cat(seen) if seen else None
            return
        whole = self._body.layers
        # As many as before: a layer finds its kind of attention by its number.
        left_out = [_Nothing()] * (self._count - 1)
        above = list(whole[self._count :])
        self._body.layers = nn.ModuleList([*left_out, _Given(self.states), *above])
        try:
            yield
        finally:
            self._body.layers = whole

    @contextmanager
    def _noted(self) -> Iterator[list[Tensor]]:
        seen: list[Tensor] = []
        if self._count == 0:
            yield seen
            return
        last = self._body.layers[self._count - 1]
        hook = last.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
        try:
            yield seen
        finally:
            hook.remove()


class _Nothing(nn.Module):
    """Returns what it was given."""

    def forward(self, states: Tensor, **_: Any) -> Tensor:
        """Return the states (rows, length, width)."""
        return states


class _Given(nn.Module):
    """Returns known states, as many rows at a time as it is called with."""

    def __init__(self, states: Tensor) -> None:
        super().__init__()
        self._states = states
        self._next = 0

    def forward(self, states: Tensor, **_: Any) -> Tensor:
        """Return the next rows (rows, length, width)."""
        start = self._next
        self._next += len(states)
        return self._states[start : self._next]


def _is_plain(config: Any) -> bool:
    return config.model_type in PLAIN_STACKS and not getattr(config, "attention_dropout", 0)


def _count(body: Any) -> int:
    """Return how many layers, from the first, neither learn nor stand above anything that does."""
    if any(weight.requires_grad for weight in body.get_input_embeddings().parameters()):
        return 0
    for count, layer in enumerate(body.layers):
        if any(weight.requires_grad for weight in layer.parameters()):
            return count
    return 0
