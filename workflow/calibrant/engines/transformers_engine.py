"""Generation with transformers: batched by length, common prompt computed once, early stop.

All prompts of a study begin with the same instruction and worked examples. Their keys and values are
computed once and shared by every batch; padding stands between that prefix and the question, where
the attention mask and the position numbers skip it.
"""

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from calibrant.engines.device import has_gpu
from calibrant.engines.gumbel import GumbelNoise
from calibrant.engines.interface import Reply, Request
from calibrant.engines.quiet import quieten
from calibrant.engines.settings import Generation

# A statement is complete here; what a model writes after it is not read.
STOP = "</confidence>"
_STOP_WINDOW = 12


class TransformersEngine:
    """A causal language model of a Hugging Face folder, in float32 on a CPU, bfloat16 on a GPU.

    Args:
        folder: Checkpoint with safetensors, tokenizer and chat template.
        generation: Token limit, temperature and batch size.
    """

    def __init__(self, folder: Path, generation: Generation) -> None:
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

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Yield a reply per request, batch by batch, short questions first."""
        prompts = [self._render(request) for request in requests]
        ids = [self._tokenizer(text, add_special_tokens=False)["input_ids"] for text in prompts]
        prefix = _common_prefix(ids)
        cache = self._prefix_cache(prefix)
        order = sorted(range(len(ids)), key=lambda index: (len(ids[index]), index))
        size = self._generation.batch_size
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            seeds = [requests[index].seed for index in batch]
            outputs = self._complete([ids[index] for index in batch], prefix, cache, seeds)
            for index, tokens in zip(batch, outputs, strict=True):
                yield self._reply(index, prompts[index], tokens)

    def _render(self, request: Request) -> str:
        text: str = self._tokenizer.apply_chat_template(
            list(request.messages), tokenize=False, add_generation_prompt=True
        )
        return text

    def _prefix_cache(self, prefix: list[int]) -> Any:
        """Return keys and values of the common prefix for a batch of one."""
        import torch
        from transformers import DynamicCache

        cache = DynamicCache(config=self._model.config)
        if prefix:
            tokens = torch.tensor([prefix], device=self._device)
            with torch.inference_mode():
                self._model(
                    input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=1
                )
        return cache

    def _complete(
        self, ids: list[list[int]], prefix: list[int], cache: Any, seeds: list[int]
    ) -> list[list[int]]:
        """Return the generated tokens of one batch, ends and padding removed."""
        import torch

        longest = max(len(row) for row in ids)
        pad = self._pad_token
        rows, masks = [], []
        for row in ids:
            gap = longest - len(row)
            rows.append(prefix + [pad] * gap + row[len(prefix) :])
            masks.append([1] * len(prefix) + [0] * gap + [1] * (len(row) - len(prefix)))
        batch_cache = copy.deepcopy(cache)
        if prefix:
            batch_cache.batch_repeat_interleave(len(ids))
        temperature = self._generation.temperature
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=torch.tensor(rows, device=self._device),
                attention_mask=torch.tensor(masks, device=self._device),
                past_key_values=batch_cache,
                max_new_tokens=self._generation.max_new_tokens,
                do_sample=False,
                pad_token_id=pad,
                stopping_criteria=[self._statement_is_complete],
                logits_processor=[GumbelNoise(seeds, temperature)] if temperature > 0 else None,
            )
        return [self._trim(row) for row in output[:, longest:].tolist()]

    @property
    def _pad_token(self) -> int:
        pad = self._tokenizer.pad_token_id
        return int(self._end_tokens[0] if pad is None else pad)

    @property
    def _end_tokens(self) -> list[int]:
        end = self._model.generation_config.eos_token_id
        return list(end) if isinstance(end, list) else [int(end)]

    def _statement_is_complete(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """Tell for each row, shape (batch,), whether its last tokens close the statement."""
        import torch

        tails = self._tokenizer.batch_decode(input_ids[:, -_STOP_WINDOW:])
        return torch.tensor([STOP in tail for tail in tails], device=input_ids.device)

    def _trim(self, tokens: list[int]) -> list[int]:
        """Cut a row after its first end token; rows that stop early are filled with padding."""
        for position, token in enumerate(tokens):
            if token in self._end_tokens:
                return tokens[: position + 1]
        while tokens and tokens[-1] == self._pad_token:
            tokens = tokens[:-1]
        return tokens

    def _reply(self, index: int, prompt: str, tokens: list[int]) -> Reply:
        text = self._tokenizer.decode(tokens, skip_special_tokens=True)
        ended = bool(tokens) and tokens[-1] in self._end_tokens
        finish = "stop" if ended or STOP in text else "length"
        return Reply(index, prompt, text, finish, len(tokens))


def _common_prefix(ids: list[list[int]]) -> list[int]:
    """Return the longest common beginning that leaves every row at least one token of its own."""
    if not ids:
        return []
    shortest, longest = min(ids), max(ids)
    limit = min(len(row) for row in ids) - 1
    length = 0
    while length < min(limit, len(shortest)) and shortest[length] == longest[length]:
        length += 1
    return shortest[:length]
