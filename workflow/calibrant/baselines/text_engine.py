"""A transformers model asked about texts that exist already: token likelihoods, hidden states."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from calibrant.engines.interface import Scores
from calibrant.engines.settings import Generation
from calibrant.engines.transformers_batches import (
    by_length,
    cache_for,
    common_prefix,
    pad_after_prefix,
    prefix_cache,
)
from calibrant.engines.transformers_engine import TransformersEngine
from calibrant.engines.transformers_scoring import score_continuations
from calibrant.errors import CalibrantError
from calibrant.measures.sample import FloatArray

Follow = Callable[[Iterable[Any], int], Iterable[Any]]
"""Wraps a stream of results to show progress; is told how many there will be."""

# Any words that a template writes as they are and that it does not hold itself.
_REPLY = "calibrantreply"


class TextEngine(TransformersEngine):
    """The model of ``TransformersEngine``, loaded in the same way, for texts with a prompt rendered.

    A prompt and its completion become tokens apart, as they did when the completion was generated. A
    model may have written a text in other tokens than its tokenizer does, which no text tells.

    Args:
        folder: Checkpoint with safetensors, tokenizer and chat template.
        generation: Its batch size applies, and nothing else of it.
        follow: Shows progress.
    """

    def __init__(
        self,
        folder: Path,
        generation: Generation,
        follow: Follow = lambda results, total: results,
    ) -> None:
        super().__init__(folder, generation)
        self._follow = follow

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text, with no special token added."""
        return self._encode(text)

    def encode_span(self, text: str, begin: int, end: int) -> tuple[list[int], list[int]]:
        """Return the tokens before a part of a text, and those of the part.

        A token that reaches over an edge of the part belongs to it: its text is partly the part's.

        Args:
            text: The whole text.
            begin: First character of the part.
            end: First character after it.

        Raises:
            CalibrantError: If the tokenizer does not tell which characters a token stands for.
        """
        if not self._tokenizer.is_fast:
            raise CalibrantError(
                "the tokenizer does not tell where its tokens stand in a text",
                where="model",
                repair="Save the model with a fast tokenizer (tokenizer.json)",
            )
        coded = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        places = coded["offset_mapping"]
        inside = [at for at, (first, last) in enumerate(places) if first < end and last > begin]
        if not inside:
            raise CalibrantError(f"no token stands for {text[begin:end]!r}", where="model")
        ids: list[int] = coded["input_ids"]
        return ids[: inside[0]], ids[inside[0] : inside[-1] + 1]

    def next_turn(self, content: str) -> str:
        """Return what the chat template writes between the assistant's reply and the next one.

        Args:
            content: What the user says in between.

        Raises:
            CalibrantError: If the template does not write out the reply before.
        """
        chat = (
            {"role": "user", "content": "calibrantquestion"},
            {"role": "assistant", "content": _REPLY},
            {"role": "user", "content": content},
        )
        before, found, after = self._render(chat).partition(_REPLY)
        if not found or _REPLY in after or not before or content not in after:
            raise CalibrantError(
                "the chat template does not show an earlier reply as it is",
                where="model",
                repair="Use a model whose template writes every turn once",
            )
        return after

    def score_tokens(
        self, prompts: Sequence[list[int]], continuations: Sequence[Sequence[list[int]]]
    ) -> Iterator[Scores]:
        """Yield the likelihood of each prompt's continuations, short prompts first.

        Args:
            prompts: Token ids per prompt, none empty.
            continuations: For each prompt, the token ids of its continuations.

        Raises:
            CalibrantError: If both together are longer than the model's context.
        """
        scores = score_continuations(
            self._model, prompts, continuations, self._generation.batch_size, self._pad_token
        )
        yield from self._follow(scores, len(prompts))

    def last_states(self, texts: Sequence[list[int]]) -> Iterator[tuple[int, FloatArray]]:
        """Yield each text's position and the last layer's state at its last token, short ones first.

        The state is the one the output layer reads, after the last normalisation; shape (width,).

        Args:
            texts: Token ids per text, none empty.

        Raises:
            CalibrantError: If a text is longer than the model's context.
        """
        limit = getattr(self._model.config, "max_position_embeddings", None)
        longest = max(map(len, texts), default=0)
        if limit is not None and longest > limit:
            raise CalibrantError(
                f"an answer ends after {longest} tokens, the model reads {limit}",
                where="model",
                repair="Shorten the prompt or the answers",
            )
        yield from self._follow(self._last_states(texts), len(texts))

    def _last_states(self, texts: Sequence[list[int]]) -> Iterator[tuple[int, FloatArray]]:
        prefix = common_prefix(texts)
        cache = prefix_cache(self._model, prefix)
        for batch in by_length(texts, self._generation.batch_size):
            rows = [texts[index] for index in batch]
            states = self._states(rows, len(prefix), cache_for(cache, prefix, len(batch)))
            yield from zip(batch, states, strict=True)

    def _states(self, rows: Sequence[list[int]], prefix: int, cache: Any) -> FloatArray:
        """Return the states of one batch, shape (rows, width)."""
        import torch

        padded = pad_after_prefix(rows, prefix, self._pad_token)
        tokens = torch.tensor(padded.tokens, device=self._device)
        mask = torch.tensor(padded.mask, device=self._device)
        positions = (mask.cumsum(1) - 1).clamp(min=0)
        with torch.inference_mode():
            # The model without its output layer: logits of a large vocabulary are never made.
            states = self._model.base_model(
                input_ids=tokens[:, prefix:],
                attention_mask=mask,
                position_ids=positions[:, prefix:],
                past_key_values=cache,
                use_cache=True,
            ).last_hidden_state
        return np.asarray(states[:, -1].double().cpu().numpy(), dtype=np.float64)
