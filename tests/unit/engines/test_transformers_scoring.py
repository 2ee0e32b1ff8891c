"""Scores against one full forward pass per text; log probabilities of what was generated, likewise."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM

from calibrant.engines import transformers_engine, transformers_scoring
from calibrant.engines.interface import Reply, Request, ScoreRequest, Scores
from calibrant.engines.settings import Generation
from calibrant.engines.transformers_batches import cache_for, cache_to_read, prefix_cache
from calibrant.engines.transformers_engine import TransformersEngine
from calibrant.errors import CalibrantError

COMMON = {"role": "system", "content": "Say yes or no, and nothing else."}
WORDS = ("is", "two", "and two", "four", "or", "twenty-two", "?")
# Tokens of the tiny model are bytes: one letter is one token.
CONTINUATIONS = (
    ("y", "n"),
    ("yes", "no"),
    ("y", "no, and that is all there is to say of it"),
    ("né",),
)
# float32, other order of sums.
CLOSE = 1e-4


def chat(length: int, common: bool = True) -> tuple[dict[str, str], ...]:
    text = " ".join(WORDS[place % len(WORDS)] for place in range(length)) + f" {length}"
    user = {"role": "user", "content": text}
    return (COMMON, user) if common else (user,)


REQUESTS = [
    ScoreRequest(chat(length), CONTINUATIONS[place % len(CONTINUATIONS)])
    for place, length in enumerate((3, 1, 7, 2, 30, 4, 1, 12, 5, 6))
]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def sharp_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the tiny model with larger weights: random ones of the usual size predict nothing."""
    from transformers import AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "norm" not in name:
                weights.mul_(8)
    folder = tmp_path_factory.mktemp("sharp-model")
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(tiny_model).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def reference(sharp_model: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(sharp_model, dtype=torch.float32)


def engine_of(folder: Path, **settings: Any) -> TransformersEngine:
    return TransformersEngine(folder, Generation(**settings))


def token_log_probs(model: Any, prompt: Sequence[int], text: Sequence[int]) -> list[float]:
    """One forward pass without cache, padding or batch."""
    with torch.no_grad():
        logits = model(torch.tensor([[*prompt, *text]])).logits[0].double()
    table = torch.log_softmax(logits, dim=-1)
    start = len(prompt) - 1
    return [float(table[start + place, token]) for place, token in enumerate(text)]


def naive(engine: TransformersEngine, model: Any, request: ScoreRequest) -> list[float]:
    tokenizer = engine._tokenizer
    prompt = tokenizer.apply_chat_template(
        list(request.messages), tokenize=True, add_generation_prompt=True, return_dict=True
    )["input_ids"]
    return [
        sum(token_log_probs(model, prompt, tokenizer(text)["input_ids"]))
        for text in request.continuations
    ]


def scores(engine: TransformersEngine, requests: Sequence[ScoreRequest]) -> list[Scores]:
    return sorted(engine.score(requests), key=lambda item: item.index)


def assert_naive(
    engine: TransformersEngine, model: Any, requests: Sequence[ScoreRequest]
) -> list[Scores]:
    found = scores(engine, requests)
    assert [item.index for item in found] == list(range(len(requests)))
    for item, request in zip(found, requests, strict=True):
        assert item.log_probs == pytest.approx(naive(engine, model, request), abs=CLOSE)
    return found


@pytest.mark.parametrize("batch_size", [1, 3, 32])
def test_scores_are_those_of_one_pass_per_text(sharp_model, reference, batch_size):
    found = assert_naive(engine_of(sharp_model, batch_size=batch_size), reference, REQUESTS)
    bytes_of = [tuple(len(text.encode()) for text in item.continuations) for item in REQUESTS]
    assert [item.tokens for item in found] == bytes_of


def test_the_model_of_these_tests_tells_prompts_apart(sharp_model, reference):
    engine = engine_of(sharp_model)
    values = [naive(engine, reference, ScoreRequest(chat(n), ("y",)))[0] for n in range(1, 9)]
    assert max(values) - min(values) > 100 * CLOSE


def test_chats_without_a_common_beginning(sharp_model, reference):
    requests = [
        ScoreRequest(chat(2, common=False), ("yes", "n")),
        ScoreRequest(({"role": "system", "content": "x"}, *chat(9, common=False)), ("yes", "n")),
        ScoreRequest(({"role": "assistant", "content": "y"},), ("yes", "n")),
    ]
    assert_naive(engine_of(sharp_model), reference, requests)


@pytest.mark.parametrize("request_", [REQUESTS[0], REQUESTS[2]])
def test_a_single_request(sharp_model, reference, request_):
    assert_naive(engine_of(sharp_model), reference, [request_])


def test_equal_chats_and_a_chat_that_begins_another(sharp_model, reference):
    short = ({"role": "user", "content": "a"},)
    longer = (*short, {"role": "user", "content": "b"})
    requests = [ScoreRequest(messages, ("y", "no")) for messages in (short, short, longer)]
    assert_naive(engine_of(sharp_model), reference, requests)


def test_a_continuation_longer_than_its_chat(sharp_model, reference):
    request = ScoreRequest(chat(1, common=False), ("no " * 60, "y", "ye" * 40))
    assert_naive(engine_of(sharp_model), reference, [request, REQUESTS[0]])


def test_continuations_read_a_few_tokens_at_a_time(sharp_model, reference, monkeypatch):
    vocabulary = reference.config.vocab_size
    monkeypatch.setattr(transformers_scoring, "_LOGITS", 4 * 7 * vocabulary)
    assert_naive(engine_of(sharp_model, batch_size=4), reference, REQUESTS)


def test_one_token_each_is_one_pass_over_what_prompts_have_of_their_own(sharp_model):
    engine = engine_of(sharp_model, batch_size=32)
    requests = [ScoreRequest(chat(length), ("y", "n", "m")) for length in (3, 1, 7, 2)]
    shapes = passes(engine, requests)
    # The shared beginning for a batch of one, then the four prompts without it.
    assert len(shapes) == 2
    assert shapes[0][0] == 1 and shapes[1][0] == 4
    longest = max(len(engine._encode(engine._render(item.messages))) for item in requests)
    assert shapes[0][1] + shapes[1][1] == longest


@pytest.mark.parametrize("batch_size", [1, 3, 32])
def test_one_token_each_with_the_beginning_read_by_every_batch(sharp_model, reference, batch_size):
    requests = [ScoreRequest(chat(length), ("y", "n")) for length in (3, 1, 7, 2, 9, 30, 1)]
    engine = engine_of(sharp_model, batch_size=batch_size)
    found = assert_naive(engine, reference, requests)
    # Nothing of the first call stays in what the second one reads.
    assert scores(engine, requests) == found


def test_a_pass_that_nothing_goes_on_from_keeps_no_keys(sharp_model):
    engine = engine_of(sharp_model)
    prefix = engine._encode("Say yes")
    cache = prefix_cache(engine._model, prefix)
    tokens = torch.tensor([engine._encode(" or no"), engine._encode(" or ye")])
    logits = []
    for make in (cache_for, cache_to_read):
        batch = make(cache, prefix, len(tokens))
        with torch.inference_mode():
            logits.append(engine._model(input_ids=tokens, past_key_values=batch).logits)
        grown = make is cache_for
        assert batch.get_seq_length() == len(prefix) + grown * tokens.shape[1]
    assert torch.equal(*logits)
    assert cache.get_seq_length() == len(prefix) and len(cache.layers[0].keys) == 1


def test_no_logits_where_no_continuation_is_read(sharp_model):
    engine = engine_of(sharp_model, batch_size=32)
    kept: list[int] = []
    head = engine._model.get_output_embeddings()
    hook = head.register_forward_hook(lambda module, given, made: kept.append(made.shape[1]))
    list(engine.score([ScoreRequest(chat(length), ("yes", "no")) for length in (3, 30)]))
    hook.remove()
    # Prefix, prompts, what follows the first token of "no", and of "yes".
    assert kept == [1, 1, 1, 2]


def passes(engine: TransformersEngine, requests: Sequence[ScoreRequest]) -> list[tuple[int, ...]]:
    shapes: list[tuple[int, ...]] = []
    embed = engine._model.get_input_embeddings()
    hook = embed.register_forward_hook(lambda module, given, made: shapes.append(made.shape[:2]))
    list(engine.score(requests))
    hook.remove()
    return [tuple(shape) for shape in shapes]


def test_no_request_gives_no_score(sharp_model):
    assert list(engine_of(sharp_model).score([])) == []


@pytest.mark.parametrize("texts", [(), ("yes", "")])
def test_nothing_to_score_is_an_error(sharp_model, texts):
    with pytest.raises(CalibrantError, match="request 1: has no continuation, or an empty one"):
        list(engine_of(sharp_model).score([REQUESTS[0], ScoreRequest(chat(1), texts)]))


def test_what_the_model_cannot_hold_is_an_error(sharp_model):
    request = ScoreRequest(chat(1), ("no" * 1024,))
    with pytest.raises(CalibrantError, match="the model reads 2048"):
        list(engine_of(sharp_model).score([request]))


def replies(engine: TransformersEngine) -> list[Reply]:
    requests = [Request(chat(length), seed=length) for length in (3, 1, 7, 2, 30, 4)]
    return sorted(engine.generate(requests), key=lambda reply: reply.index)


@pytest.mark.parametrize("temperature", [0.0, 1.0, 0.7])
def test_log_probs_of_a_reply_are_those_of_one_pass_over_it(sharp_model, reference, temperature):
    engine = engine_of(sharp_model, max_new_tokens=12, batch_size=4, temperature=temperature)
    chosen = record_tokens(engine)
    for reply in replies(engine):
        prompt = engine._encode(reply.prompt)
        tokens = chosen[reply.prompt]
        assert reply.log_probs is not None
        assert len(reply.log_probs) == reply.tokens == len(tokens)
        expected = token_log_probs(reference, prompt, tokens)
        assert reply.log_probs == pytest.approx(expected, abs=CLOSE)


def test_a_reply_that_ends_early_has_no_log_probs_of_padding(tiny_model):
    """One token in 260 ends a reply here, and pads the rows that have ended."""
    engine = engine_of(tiny_model, max_new_tokens=200, batch_size=6, temperature=1.0)
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    chosen = record_tokens(engine)
    found = replies(engine)
    assert len({reply.tokens for reply in found}) > 2
    for reply in found:
        expected = token_log_probs(model, engine._encode(reply.prompt), chosen[reply.prompt])
        assert reply.log_probs == pytest.approx(expected, abs=CLOSE)


def test_tokens_do_not_depend_on_neighbours_that_go_on_after_a_statement(tiny_model, monkeypatch):
    # Any text will do for a statement's end; one letter is soon written.
    monkeypatch.setattr(transformers_engine, "STOP", "a")
    monkeypatch.setattr(transformers_engine, "_STOP_WINDOW", 1)
    settings = {"max_new_tokens": 200, "temperature": 1.0}
    together = replies(engine_of(tiny_model, batch_size=6, **settings))
    alone = replies(engine_of(tiny_model, batch_size=1, **settings))
    assert any(reply.completion.endswith("a") for reply in alone)
    assert [reply.tokens for reply in together] == [reply.tokens for reply in alone]
    assert [len(reply.log_probs or ()) for reply in together] == [item.tokens for item in alone]


def record_tokens(engine: TransformersEngine) -> dict[str, list[int]]:
    """Note the tokens of every reply by its prompt: text alone does not tell them."""
    noted: dict[str, list[int]] = {}
    make = engine._reply

    def note(index: int, prompt: str, tokens: list[int], log_probs: list[float]) -> Reply:
        noted[prompt] = tokens
        return make(index, prompt, tokens, log_probs)

    engine._reply = note  # type: ignore[method-assign]
    return noted
