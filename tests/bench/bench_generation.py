"""Tokens per second: vLLM against the transformers engine on the same requests, one after the other.

vLLM stands in an environment of its own, which CALIBRANT_VLLM_PYTHON names (envs/vllm.in).
"""

import json
import os
import subprocess
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from tests.integration.engines.vllm_server import vllm_environment

from calibrant.engines.interface import Request
from calibrant.engines.settings import Generation

PYTHON = os.environ.get("CALIBRANT_VLLM_PYTHON", "")
GENERATION = Generation(max_new_tokens=48, batch_size=32)
QUESTIONS = 64


def made_requests() -> list[Request]:
    """Questions of different lengths, answered in about as many words as are asked for."""
    return [
        Request(
            ({"role": "user", "content": f"Name {2 + at % 9} rivers of {place}, and say why."},), at
        )
        for at, place in zip(
            range(QUESTIONS), ("Asia", "Peru", "Spain", "Wales") * QUESTIONS, strict=False
        )
    ]


def with_transformers(folder: Path, requests: list[Request]) -> float:
    from calibrant.engines.transformers_engine import TransformersEngine

    engine = TransformersEngine(folder, GENERATION)
    list(engine.generate(requests[:2]))
    start = time.perf_counter()
    tokens = sum(reply.tokens for reply in engine.generate(requests))
    return tokens / (time.perf_counter() - start)


def with_vllm(folder: Path, requests: list[Request], work: Path) -> float:
    task = {"generation": GENERATION.model_dump(), "requests": [asdict(item) for item in requests]}
    asked, found = work / "asked.json", work / "found.json"
    asked.write_text(json.dumps(task), encoding="utf-8")
    done = subprocess.run(
        [PYTHON, "tests/bench/time_vllm.py", str(folder), str(asked), str(found)],
        env=vllm_environment(), capture_output=True, text=True, timeout=1500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    taken = json.loads(found.read_text(encoding="utf-8"))
    return float(taken["tokens"] / taken["seconds"])


@pytest.mark.skipif(not PYTHON, reason="CALIBRANT_VLLM_PYTHON names no interpreter of envs/vllm.in")
def test_vllm_against_transformers(smollm2_folder: Path, tmp_path: Path, capsys: Any) -> None:
    requests = made_requests()
    before = with_transformers(smollm2_folder, requests)
    other = with_vllm(smollm2_folder, requests, tmp_path)
    after = with_transformers(smollm2_folder, requests)
    with capsys.disabled():
        print(
            f"\n{QUESTIONS} requests of {GENERATION.max_new_tokens} tokens: vLLM {other:.0f} tokens a "
            f"second; transformers {before:.0f} before and {after:.0f} after; "
            f"ratio {other / ((before + after) / 2):.2f}"
        )
