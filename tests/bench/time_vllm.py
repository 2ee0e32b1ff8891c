"""Tokens and seconds of vLLM on given requests; run by the interpreter that has it."""

import json
import sys
import time
from pathlib import Path

from calibrant.engines.interface import Request
from calibrant.engines.settings import Generation
from calibrant.engines.vllm_engine import VllmEngine


def main() -> None:
    """Read the requests, answer them after a short warm-up, and write what it took."""
    folder, asked, found = map(Path, sys.argv[1:4])
    task = json.loads(asked.read_text(encoding="utf-8"))
    engine = VllmEngine(folder, Generation(**task["generation"]))
    requests = [Request(tuple(item["messages"]), item["seed"]) for item in task["requests"]]
    list(engine.generate(requests[:2]))
    start = time.perf_counter()
    tokens = sum(reply.tokens for reply in engine.generate(requests))
    taken = {"tokens": tokens, "seconds": time.perf_counter() - start}
    found.write_text(json.dumps(taken), encoding="utf-8")


# vLLM starts processes that import this file again.
if __name__ == "__main__":
    main()
