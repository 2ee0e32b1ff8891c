"""vLLM, in the environment that CALIBRANT_VLLM_PYTHON names, against transformers in this one."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.integration.engines.vllm_server import vllm_environment, vllm_server
from transformers import AutoModelForCausalLM, AutoTokenizer

from calibrant.engines.interface import Reply, Request, ScoreRequest, Scores
from calibrant.engines.server_engine import ServerEngine
from calibrant.engines.server_replies import ListedToken
from calibrant.engines.server_scoring import first_token_log_probs
from calibrant.engines.server_settings import Server
from calibrant.engines.settings import Generation
from calibrant.engines.transformers_engine import STOP, TransformersEngine
from calibrant.model_settings import MadeModel
from calibrant.training.made_model import END, make_model

PYTHON = os.environ.get("CALIBRANT_VLLM_PYTHON", "")
pytestmark = [
    pytest.mark.vllm,
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        not PYTHON, reason="CALIBRANT_VLLM_PYTHON names no interpreter of envs/vllm.in"
    ),
]

# float32, other kernels.
CLOSE = 1e-3
GENERATION = Generation(max_new_tokens=24, batch_size=4)
WORDS = ("Is", "the lamp", "on", "twice", "7", "or", "mostly", "42", "?")
CONTINUATIONS = (("yes", "no"), ("yes</answer>", "no, and that is all", "maybe"), ("42",))


def chat(length: int) -> tuple[dict[str, str], ...]:
    text = " ".join(WORDS[(length + place) % len(WORDS)] for place in range(length))
    return ({"role": "user", "content": text},)


REQUESTS = [Request(chat(length), seed=length) for length in (3, 1, 7, 2, 30, 4, 1, 12, 9, 5)]
SCORED = [
    ScoreRequest(chat(length), CONTINUATIONS[length % len(CONTINUATIONS)])
    for length in (3, 1, 7, 2, 30, 5)
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a made model that is sure of what it says and knows both ways to end."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("made-model")
    size = MadeModel(kind="made", layers=2, width=128, feed_forward=128)
    make_model(size, folder, seed=3)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ends = tokenizer.convert_tokens_to_ids([STOP, END])
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "norm" not in name:
                weights.mul_(4)
        model.lm_head.weight[ends] *= 2
    # The closing tag ends an answer as a text, not as a token.
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def expected(made: Path) -> list[Reply]:
    engine = TransformersEngine(made, GENERATION)
    return sorted(engine.generate(REQUESTS), key=lambda reply: reply.index)


@pytest.fixture(scope="module")
def expected_scores(made: Path) -> list[Scores]:
    engine = TransformersEngine(made, GENERATION)
    return sorted(engine.score(SCORED), key=lambda scores: scores.index)


@pytest.fixture(scope="module")
def found(made: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what ``VllmEngine`` answered, in one process of the other interpreter."""
    folder = tmp_path_factory.mktemp("vllm")
    asked = {
        "generation": GENERATION.model_dump(),
        "requests": [asdict(request) for request in REQUESTS],
        "scores": [asdict(request) for request in SCORED],
    }
    (folder / "asked.json").write_text(json.dumps(asked))
    done = subprocess.run(
        [
            *(PYTHON, "tests/integration/engines/ask_vllm.py", str(made)),
            *(str(folder / "asked.json"), str(folder / "found.json")),
        ],
        env=vllm_environment(), capture_output=True, text=True, timeout=1500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    answers: dict[str, Any] = json.loads((folder / "found.json").read_text())
    return answers


@pytest.fixture(scope="module")
def served(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("server") / "server.log"
    with vllm_server(PYTHON, made, log) as address:
        yield address


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: int(row["index"]))


def test_greedy_answers_and_their_likelihoods_are_those_of_transformers(expected, found):
    # The model ends in every way there is, or the comparison would say little.
    assert {reply.finish_reason for reply in expected} == {"stop", "length"}
    assert {reply.completion.endswith(STOP) for reply in expected} == {True, False}
    for reply, row in zip(expected, in_order(found["greedy"]), strict=True):
        for name in ("index", "prompt", "completion", "finish_reason", "tokens"):
            assert row[name] == getattr(reply, name), (name, reply)
        assert row["log_probs"] == pytest.approx(reply.log_probs, abs=CLOSE)


def test_short_answers_come_before_all_are_finished(found):
    order = [row["index"] for row in found["greedy"]]
    assert sorted(order) == list(range(len(REQUESTS)))
    assert order != sorted(order)
    # Asked again, it is the same one that comes first, though the consumer wants no more.
    assert found["first"]["index"] == order[0]


def test_scores_are_those_of_transformers(expected_scores, found):
    for scores, row in zip(expected_scores, in_order(found["scores"]), strict=True):
        assert row["tokens"] == list(scores.tokens)
        assert row["log_probs"] == pytest.approx(scores.log_probs, abs=CLOSE)


def test_a_sample_depends_on_its_seed_and_on_nothing_else(found):
    forwards = in_order(found["sampled"])
    backwards = in_order(found["sampled_backwards"])[::-1]
    assert [row["completion"] for row in forwards] == [row["completion"] for row in backwards]
    greedy = in_order(found["greedy"])
    assert [row["completion"] for row in forwards] != [row["completion"] for row in greedy]


def test_the_likelihoods_of_a_sample_are_the_models_own_at_temperature_1(made, found):
    model = AutoModelForCausalLM.from_pretrained(made, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(made)
    for row in found["sampled"]:
        prompt = tokenizer(row["prompt"], add_special_tokens=False)["input_ids"]
        new = row["token_ids"]
        with torch.inference_mode():
            logits = model(torch.tensor([prompt + new])).logits[0, len(prompt) - 1 : -1]
        own = torch.log_softmax(logits, -1)[range(len(new)), new].tolist()
        assert row["log_probs"] == pytest.approx(own, abs=CLOSE)


def test_a_prompt_beyond_the_context_is_an_error(found):
    assert "CalibrantError: request 0: has" in found["too_long"]


def test_the_model_lives_in_the_process_that_asks(found):
    assert found["processes"] == []


def test_a_server_answers_as_transformers_does(expected, served):
    engine = ServerEngine(Server(address=served, model="made"), GENERATION)
    replies = sorted(engine.generate(REQUESTS), key=lambda reply: reply.index)
    for own, reply in zip(expected, replies, strict=True):
        # A server goes on after the closing tag, a text like any other to it, and holds back the
        # bytes of an unfinished character at the end.
        assert reply.completion.startswith(own.completion.rstrip("\ufffd"))
        assert reply.tokens >= own.tokens
        assert reply.log_probs is not None
        assert reply.log_probs[: own.tokens] == pytest.approx(own.log_probs, abs=CLOSE)


def test_a_server_scores_every_token_as_transformers_does(expected_scores, served):
    settings = Server(address=served, model="made", scoring="prompt_logprobs")
    engine = ServerEngine(settings, GENERATION)
    results = sorted(engine.score(SCORED), key=lambda scores: scores.index)
    for own, scores in zip(expected_scores, results, strict=True):
        assert scores.tokens == own.tokens
        assert scores.log_probs == pytest.approx(own.log_probs, abs=CLOSE)


def test_a_server_scores_by_the_first_token_as_the_models_own_list_says(made, served):
    engine = TransformersEngine(made, GENERATION)
    model, tokenizer = engine._model, engine._tokenizer
    asked, wanted = [], []
    for request in REQUESTS:
        ids = engine._encode(engine._render(request.messages))
        with torch.inference_mode():
            logits = model(torch.tensor([ids])).logits[0, -1]
        likeliest = torch.log_softmax(logits, -1).topk(20)
        listed = [
            ListedToken(token=tokenizer.decode([token]), logprob=value)
            for value, token in zip(
                likeliest.values.tolist(), likeliest.indices.tolist(), strict=True
            )
        ]
        words = [
            item.token for item in listed if item.token.strip().isascii() and item.token.strip()
        ]
        continuations = (words[0].strip() + "!", "never listed")
        asked.append(ScoreRequest(request.messages, continuations))
        wanted.append(first_token_log_probs(continuations, listed))
    server = ServerEngine(Server(address=served, model="made", scoring="first_token"), GENERATION)
    results = sorted(server.score(asked), key=lambda scores: scores.index)
    for own, scores in zip(wanted, results, strict=True):
        assert scores.log_probs == pytest.approx(own, abs=CLOSE)
