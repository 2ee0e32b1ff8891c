"""Generation and scoring with transformers: batched by length, common prompt computed once.

All prompts of a study begin with the same instruction and worked examples. Their keys and values are
computed once and shared by every batch.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from calibrant.engines.device import has_gpu
from calibrant.engines.gumbel import GumbelNoise
from calibrant.engines.interface import Reply, Request, ScoreRequest, Scores
from calibrant.engines.quiet import quieten
from calibrant.engines.settings import Generation
from calibrant.engines.transformers_batches import (
    by_length,
    cache_for,
    pad_after_prefix,
    prefix_cache,
)
from calibrant.engines.transformers_batches import common_prefix as _common_prefix
from calibrant.engines.transformers_scoring import score_continuations
from calibrant.engines.transformers_steps import StopAfter, TokenLogProbs

# A statement is complete here; what a model writes after it is not read.
STOP = "</confidence>"
_STOP_WINDOW = 12


class TransformersEngine:
    """A causal language model of a Hugging Face folder, in float32 on a CPU, bfloat16 on a GPU.

    Args:
        folder: Checkpoint with safetensors, tokenizer and chat template.
        generation: Token limit, temperature and batch size.
        ends_at_confidence: Whether a reply ends at its first confidence, as one statement does and
            several sentences do not.
    """

    def __init__(
        self, folder: Path, generation: Generation, *, ends_at_confidence: bool = True
    ) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        quieten()
        self._device = "cuda" if has_gpu() else "cpu"
        # bfloat16 is some thirty times slower than float32 on a CPU without instructions for it.
        dtype = torch.bfloat16 if self._device == "cuda" else torch.float32
        self._model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, use_safetensors=True, local_files_only=True
        ).to(self._device)
        self._model.eval()
        # Our own settings alone decide: a checkpoint's generation defaults would change them silently.
        self._model.generation_config = type(self._model.generation_config)(
            eos_token_id=self._model.generation_config.eos_token_id
        )
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._generation = generation
        self._ends_at_confidence = ends_at_confidence

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Yield a reply per request, batch by batch, short questions first.

        The log probabilities are those of the model's own logits, at temperature 1 and without the
        noise that samples.
        """
        prompts = [self._render(request.messages) for request in requests]
        ids = [self._encode(text) for text in prompts]
        prefix = _common_prefix(ids)
        cache = prefix_cache(self._model, prefix)
        for batch in by_length(ids, self._generation.batch_size):
            seeds = [requests[index].seed for index in batch]
            outputs = self._complete([ids[index] for index in batch], prefix, cache, seeds)
            for index, (tokens, log_probs) in zip(batch, outputs, strict=True):
                yield self._reply(index, prompts[index], tokens, log_probs)

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
        """Yield the likelihood of each request's continuations, batch by batch, short chats first.

        Prompt and continuation become tokens apart, so that no token spans the place where they meet.

        Raises:
            CalibrantError: If a continuation has no token, a request has none, or prompt and
                continuation are longer than the model's context.
        """
        prompts = [self._encode(self._render(request.messages)) for request in requests]
        texts = {text for request in requests for text in request.continuations}
        known = {text: self._encode(text) for text in texts}
        continuations = [[known[text] for text in request.continuations] for request in requests]
        return score_continuations(
            self._model, prompts, continuations, self._generation.batch_size, self._pad_token
        )

    def _render(self, messages: Sequence[dict[str, str]]) -> str:
        text: str = self._tokenizer.apply_chat_template(
            list(messages), tokenize=False, add_generation_prompt=True
        )
        return text

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _complete(
        self, ids: list[list[int]], prefix: list[int], cache: Any, seeds: list[int]
    ) -> list[tuple[list[int], list[float]]]:
        """Return the generated tokens of one batch and their log probabilities, padding removed."""
        import torch

        rows = pad_after_prefix(ids, len(prefix), self._pad_token)
        temperature = self._generation.temperature
        noted = TokenLogProbs()
        noise = [GumbelNoise(seeds, temperature)] if temperature > 0 else []
        stop = StopAfter(STOP, self._tokenizer, _STOP_WINDOW)
        stops = [stop] if self._ends_at_confidence else []
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=torch.tensor(rows.tokens, device=self._device),
                attention_mask=torch.tensor(rows.mask, device=self._device),
                past_key_values=cache_for(cache, prefix, len(ids)),
                max_new_tokens=self._generation.max_new_tokens,
                do_sample=False,
                pad_token_id=self._pad_token,
                stopping_criteria=stops,
                logits_processor=[noted, *noise],
            )
            log_probs = noted.rows(output)
        new = output[:, len(rows.tokens[0]) :].tolist()
        ends = stop.lengths if stops else [None] * len(new)
        ended = [self._trim(row[:end]) for row, end in zip(new, ends, strict=True)]
        return [(row, logs[: len(row)]) for row, logs in zip(ended, log_probs, strict=True)]

    @property
    def _pad_token(self) -> int:
        pad = self._tokenizer.pad_token_id
        return int(self._end_tokens[0] if pad is None else pad)

    @property
    def _end_tokens(self) -> list[int]:
        end = self._model.generation_config.eos_token_id
        return list(end) if isinstance(end, list) else [int(end)]

    def _trim(self, tokens: list[int]) -> list[int]:
        """Cut a row after its first end token; what follows is padding."""
        for position, token in enumerate(tokens):
            if token in self._end_tokens:
                return tokens[: position + 1]
        return tokens

    def _reply(self, index: int, prompt: str, tokens: list[int], log_probs: list[float]) -> Reply:
        text = self._tokenizer.decode(tokens, skip_special_tokens=True)
        ended = bool(tokens) and tokens[-1] in self._end_tokens
        ended = ended or (self._ends_at_confidence and STOP in text)
        finish = "stop" if ended else "length"
        return Reply(index, prompt, text, finish, len(tokens), tuple(log_probs))
