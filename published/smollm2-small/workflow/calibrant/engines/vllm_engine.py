"""Generation and scoring with vLLM, on a GPU or a CPU."""

import atexit
import os
import weakref
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from calibrant.engines.interface import Reply, Request, ScoreRequest, Scores
from calibrant.engines.quiet import quieten
from calibrant.engines.settings import Generation
from calibrant.engines.transformers_engine import STOP
from calibrant.engines.vllm_steps import finished
from calibrant.errors import CalibrantError

# The worker of a busy machine takes longer to end than vLLM waits by itself (seconds).
_SHUTDOWN = 60.0


class VllmEngine:
    """A causal language model of a Hugging Face folder, in float32 on a CPU, bfloat16 on a GPU.

    Prompts become tokens here and completions become text here, as in ``TransformersEngine``; vLLM
    sees tokens alone. So greedy answers and likelihoods are the same but for rounding. Samples are
    drawn by vLLM's own sampler, from a generator per request: the same seed gives other ones than
    ``TransformersEngine``.

    Args:
        folder: Checkpoint with safetensors, tokenizer and chat template.
        generation: Token limit, temperature and batch size (requests under way at once).
        ends_at_confidence: Whether a reply ends at its first confidence, as one statement does and
            several sentences do not.

    Raises:
        CalibrantError: If vLLM cannot be imported.
    """

    def __init__(
        self, folder: Path, generation: Generation, *, ends_at_confidence: bool = True
    ) -> None:
        vllm = _import_vllm()
        from transformers import AutoTokenizer

        quieten()
        self._sampling: Any = partial(
            vllm.SamplingParams, output_kind=vllm.sampling_params.RequestOutputKind.FINAL_ONLY
        )
        self._generation = generation
        self._stops = [STOP] if ends_at_confidence else []
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._end_tokens = _end_tokens(folder)
        self._engine: Any = vllm.LLM(
            model=str(folder),
            max_num_seqs=generation.batch_size,
            # Our own settings alone decide: a checkpoint's generation defaults would change them.
            generation_config="vllm",
            # Those of the model's own logits, whatever the temperature.
            logprobs_mode="raw_logprobs",
            **(
                {"dtype": "float32", "enforce_eager": True}
                if vllm.platforms.current_platform.is_cpu()
                else {"dtype": "bfloat16"}
            ),
        ).llm_engine
        # Where it has processes of its own after all: left to the end of this one, they may go before
        # the thread that watches over them, which then aborts. The last registered is called first.
        core = self._engine.engine_core
        atexit.register(weakref.finalize(self, core.shutdown, timeout=_SHUTDOWN))

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Yield one reply per request, each as soon as it is finished, in any order.

        The log probabilities are those of the model's own logits, at temperature 1.

        Raises:
            CalibrantError: If a prompt is longer than the model's context.
        """
        prompts = [self._render(request.messages) for request in requests]
        asked = []
        for index, request in enumerate(requests):
            prompt = self._encode(prompts[index])
            self._check_length(index, len(prompt))
            asked.append((prompt, self._answering(request.seed)))
        for index, output in finished(self._engine, asked):
            yield self._reply(index, prompts[index], output.outputs[0])

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
        """Yield the likelihood of each request's continuations as soon as all of them are known.

        Prompt and continuation become tokens apart, so that no token spans the place where they meet.

        Raises:
            CalibrantError: If a continuation has no token, a request has none, or prompt,
                continuation and one token more are longer than the model's context.
        """
        reading = self._sampling(max_tokens=1, temperature=0.0, prompt_logprobs=0, detokenize=False)
        asked: list[tuple[list[int], Any]] = []
        owners: list[tuple[int, int, int]] = []
        tokens: list[tuple[int, ...]] = []
        for index, request in enumerate(requests):
            prompt = self._encode(self._render(request.messages))
            texts = [self._encode(text) for text in request.continuations]
            if not texts or not all(texts):
                raise CalibrantError(
                    "has no continuation, or an empty one", where=f"request {index}"
                )
            self._check_length(index, len(prompt) + max(map(len, texts)))
            asked += [(prompt + text, reading) for text in texts]
            owners += [(index, place, len(prompt)) for place in range(len(texts))]
            tokens.append(tuple(map(len, texts)))
        known: list[dict[int, float]] = [{} for _ in requests]
        for position, output in finished(self._engine, asked):
            index, place, start = owners[position]
            known[index][place] = _log_prob(output, start)
            if len(known[index]) == len(tokens[index]):
                log_probs = tuple(known[index][place] for place in range(len(tokens[index])))
                yield Scores(index, log_probs, tokens[index])

    def _answering(self, seed: int) -> Any:
        return self._sampling(
            max_tokens=self._generation.max_new_tokens,
            temperature=self._generation.temperature,
            seed=seed,
            logprobs=0,
            stop=self._stops,
            include_stop_str_in_output=True,
            stop_token_ids=self._end_tokens,
            # The tokenizer's own end token is among them where the checkpoint says so, and only there.
            ignore_eos=True,
        )

    def _check_length(self, index: int, length: int) -> None:
        limit = self._engine.model_config.max_model_len
        if length >= limit:
            raise CalibrantError(
                f"has {length} tokens, the model reads {limit}, the next one included",
                where=f"request {index}",
                repair="Shorten the text",
            )

    def _render(self, messages: Sequence[dict[str, str]]) -> str:
        text: str = self._tokenizer.apply_chat_template(
            list(messages), tokenize=False, add_generation_prompt=True
        )
        return text

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _reply(self, index: int, prompt: str, output: Any) -> Reply:
        tokens = list(output.token_ids)
        text = self._tokenizer.decode(tokens, skip_special_tokens=True)
        log_probs = [
            step[token].logprob for token, step in zip(tokens, output.logprobs, strict=True)
        ]
        return Reply(index, prompt, text, str(output.finish_reason), len(tokens), tuple(log_probs))


def _import_vllm() -> Any:
    """Return the library."""
    # It reports what it is used for to its makers, unless told not to.
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
    # In this process: processes of its own outlive a stage that is killed, and keep the memory.
    os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
    try:
        import vllm.platforms

        if vllm.platforms.current_platform.is_cpu():
            # Compiling takes minutes, needs a C++ compiler and gains nothing. What asks for no leave
            # (`enforce_eager`) heeds this, if it is set before torch reads it.
            os.environ.setdefault("TORCH_COMPILE_DISABLE", "1")
        import vllm.sampling_params
    except ImportError as error:
        raise CalibrantError(
            f"vLLM cannot be imported: {error}",
            where="generation: engine: vllm",
            repair="Run this in the environment of envs/vllm.in, or set `engine: transformers`",
        ) from error
    return vllm


def _end_tokens(folder: Path) -> list[int]:
    """Return the tokens that end an answer, as transformers finds them."""
    from transformers import AutoConfig, GenerationConfig

    if (folder / "generation_config.json").is_file():
        end = GenerationConfig.from_pretrained(folder, local_files_only=True).eos_token_id
    else:
        end = AutoConfig.from_pretrained(folder, local_files_only=True).eos_token_id
    return list(end) if isinstance(end, list) else [int(end)]


def _log_prob(output: Any, start: int) -> float:
    """Return the natural log probability of a prompt's tokens from ``start`` on, summed."""
    tokens, steps = output.prompt_token_ids[start:], output.prompt_logprobs[start:]
    return float(sum(step[token].logprob for token, step in zip(tokens, steps, strict=True)))
