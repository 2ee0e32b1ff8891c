"""Texts from the policy outside of TRL's rollouts, for validation and for a second query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

_MOST_ROWS = 128
"""Prompts written to at once: as memory allows for states, not for gradients."""


@dataclass(frozen=True)
class WrittenBatch:
    """Completions of a few prompts.

    Attributes:
        output: Prompts, padded on the left, and what follows; shape (B, T).
        mask: 1 on the tokens of the prompts; shape (B, longest prompt).
        completions: The token ids of each, up to and with the first end token.
    """

    output: torch.Tensor
    mask: torch.Tensor
    completions: list[list[int]]


def write_texts(
    trainer: Any,
    model: Any,
    prompts: Sequence[list[int]],
    limit: int,
    *,
    temperature: float | None = None,
) -> Iterator[WrittenBatch]:
    """Yield the likeliest completions of prompts, or sampled ones, a batch at a time.

    Args:
        trainer: Knows tokenizer and device.
        model: The policy, unwrapped for generation.
        prompts: Token ids of each prompt.
        limit: Longest completion (tokens).
        temperature: Draw at this temperature, by torch's current random state; None takes the
            likeliest token.
    """
    pad, ends = trainer.processing_class.pad_token_id, trainer.eos_token_ids
    device = trainer.accelerator.device
    drawn: dict[str, Any] = {"temperature": None, "top_p": None, "top_k": None}
    if temperature is not None:
        drawn = {"temperature": temperature, "top_p": 1.0, "top_k": 0}
    for start in range(0, len(prompts), _MOST_ROWS):
        rows = prompts[start : start + _MOST_ROWS]
        longest = max(map(len, rows))
        ids = torch.tensor([[pad] * (longest - len(row)) + row for row in rows], device=device)
        mask = torch.tensor(
            [[0] * (longest - len(row)) + [1] * len(row) for row in rows], device=device
        )
        output = model.generate(
            input_ids=ids, attention_mask=mask, do_sample=temperature is not None,
            repetition_penalty=1.0, no_repeat_ngram_size=0, max_new_tokens=limit,
            pad_token_id=pad, eos_token_id=ends, disable_compile=True, **drawn,
        )  # fmt: skip
        written = [_until_end(row, ends) for row in output[:, longest:].tolist()]
        yield WrittenBatch(output, mask, written)


def _until_end(row: list[int], ends: Sequence[int]) -> list[int]:
    """Return the tokens up to and with the first end token."""
    for position, token in enumerate(row):
        if token in ends:
            return row[: position + 1]
    return row
