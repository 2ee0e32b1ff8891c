"""vLLM's engine, stepped here, so that every result is handed on as soon as it is finished."""

from collections.abc import Iterator, Sequence
from typing import Any


def finished(engine: Any, asked: Sequence[tuple[list[int], Any]]) -> Iterator[tuple[int, Any]]:
    """Yield position and output of every request, each as soon as it is finished.

    When the consumer stops early, what is under way is given up.

    Args:
        engine: A ``vllm.LLMEngine`` with nothing under way.
        asked: Token ids and ``SamplingParams`` (one output, ``FINAL_ONLY``) of each request.

    Raises:
        RuntimeError: If the engine is already at work, or ends a request by itself.
    """
    if engine.has_unfinished_requests():
        # Their outputs would come out here, and ours there.
        raise RuntimeError("the engine answers one sequence of requests at a time")
    waiting = {str(position) for position in range(len(asked))}
    try:
        for position, (tokens, parameters) in enumerate(asked):
            engine.add_request(str(position), {"prompt_token_ids": tokens}, parameters)
        while waiting:
            for output in engine.step():
                waiting.discard(output.request_id)
                if output.outputs[0].finish_reason not in ("stop", "length"):
                    reason = output.outputs[0].finish_reason
                    raise RuntimeError(f"vLLM ended request {output.request_id}: {reason}")
                yield int(output.request_id), output
    finally:
        engine.abort_request(sorted(waiting))
