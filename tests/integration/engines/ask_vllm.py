"""Run by an interpreter that has vLLM: answers and scores of a checkpoint, as JSON on a file.

Usage: ask_vllm.py FOLDER REQUESTS ANSWERS, with the package on PYTHONPATH.
"""

import json
import sys
from dataclasses import asdict
from multiprocessing import active_children
from pathlib import Path
from typing import Any

from calibrant.engines.interface import Request, ScoreRequest
from calibrant.engines.settings import Generation
from calibrant.engines.vllm_engine import VllmEngine


def main(folder: str, requests: str, answers: str) -> None:
    asked = json.loads(Path(requests).read_text())
    engine = VllmEngine(Path(folder), Generation(**asked["generation"]))
    chats = [Request(tuple(row["messages"]), row["seed"]) for row in asked["requests"]]
    scored = [
        ScoreRequest(tuple(row["messages"]), tuple(row["continuations"])) for row in asked["scores"]
    ]
    greedy = list(engine.generate(chats))
    # A consumer that stops early leaves nothing behind for the next one.
    first = next(stream := engine.generate(chats))
    stream.close()
    found: dict[str, Any] = {
        "greedy": [asdict(reply) for reply in greedy],
        "first": asdict(first),
        "scores": [asdict(scores) for scores in engine.score(scored)],
    }
    # Another temperature with the same model: loading takes longer than all the rest.
    engine._generation = Generation(**asked["generation"] | {"temperature": 0.7})
    tokens = note_tokens(engine)
    found["sampled"] = [
        asdict(reply) | {"token_ids": tokens[reply.index]} for reply in engine.generate(chats)
    ]
    found["sampled_backwards"] = [asdict(reply) for reply in engine.generate(chats[::-1])]
    # A killed stage must not leave a model in memory behind.
    found["processes"] = [child.name for child in active_children()]
    try:
        list(engine.generate([Request(({"role": "user", "content": "word " * 2000},), 0)]))
    except Exception as error:
        found["too_long"] = f"{type(error).__name__}: {error}"
    Path(answers).write_text(json.dumps(found))


def note_tokens(engine: VllmEngine) -> dict[int, list[int]]:
    """Note the tokens of every reply: its text need not become the same tokens again."""
    tokens: dict[int, list[int]] = {}
    reply = engine._reply

    def noting(index: int, prompt: str, output: Any) -> Any:
        tokens[index] = list(output.token_ids)
        return reply(index, prompt, output)

    engine._reply = noting
    return tokens


if __name__ == "__main__":
    main(*sys.argv[1:])
