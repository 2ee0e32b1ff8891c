"""A real, very small model: what it answers depends on the request and on nothing else."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from calibrant.engines import transformers_engine
from calibrant.engines.interface import Reply, Request
from calibrant.engines.settings import Generation
from calibrant.engines.transformers_engine import TransformersEngine

COMMON = {"role": "system", "content": "Answer, and say how sure you are."}
REQUESTS = [
    Request((COMMON, {"role": "user", "content": "word " * length + str(length)}), seed=length)
    for length in (3, 1, 7, 2, 30, 4, 1, 12)
]


def answers(model: Path, **settings: object) -> list[Reply]:
    engine = TransformersEngine(model, Generation(max_new_tokens=24, **settings))
    return sorted(engine.generate(REQUESTS), key=lambda reply: reply.index)


def texts(replies: list[Reply]) -> list[str]:
    return [reply.completion for reply in replies]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_batch_changes_no_answer(tiny_model, temperature):
    together = answers(tiny_model, batch_size=8, temperature=temperature)
    alone = answers(tiny_model, batch_size=1, temperature=temperature)
    assert [reply.index for reply in together] == list(range(len(REQUESTS)))
    assert texts(together) == texts(alone)


def test_the_shared_beginning_changes_no_answer(tiny_model, monkeypatch):
    shared = answers(tiny_model, batch_size=4)
    monkeypatch.setattr(transformers_engine, "_common_prefix", lambda ids: [])
    assert texts(shared) == texts(answers(tiny_model, batch_size=4))


def test_a_reference_loop_gives_the_same_greedy_answer(tiny_model):
    engine = TransformersEngine(tiny_model, Generation(max_new_tokens=8, batch_size=8))
    reply = next(reply for reply in engine.generate(REQUESTS) if reply.index == 2)
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    ids = engine._tokenizer(reply.prompt, add_special_tokens=False, return_tensors="pt")[
        "input_ids"
    ]
    new = []
    while len(new) < 8 and 0 not in new:
        new.append(int(model(ids).logits[0, -1].argmax()))
        ids = torch.cat([ids, torch.tensor([new[-1:]])], dim=1)
    assert reply.completion == engine._tokenizer.decode(new, skip_special_tokens=True)
    assert reply.tokens == len(new)


def test_seeds_decide_samples(tiny_model):
    engine = TransformersEngine(tiny_model, Generation(max_new_tokens=24, temperature=1.0))
    request = REQUESTS[0]
    twice = [
        Request(request.messages, 1),
        Request(request.messages, 1),
        Request(request.messages, 2),
    ]
    first, same, other = sorted(engine.generate(twice), key=lambda reply: reply.index)
    assert first.completion == same.completion
    assert first.completion != other.completion


def test_a_cut_answer_says_so_and_counts_its_tokens(tiny_model):
    for reply in answers(tiny_model):
        assert reply.finish_reason in ("stop", "length")
        assert (reply.tokens == 24) or reply.finish_reason == "stop"
        assert "<|assistant|>" in reply.prompt


def test_no_request_gives_no_reply(tiny_model):
    engine = TransformersEngine(tiny_model, Generation())
    assert list(engine.generate([])) == []
