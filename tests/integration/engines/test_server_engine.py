"""What a server is asked, and what is made of its replies."""

import json
import math
import time
from typing import Any

import pytest
from tests.integration.engines.server_asking import (
    ask,
    echo,
    engine,
    error_of,
    verdict,
    verdicts,
)
from tests.integration.engines.stub_server import (
    Answer,
    Asked,
    chat_reply,
    first_token_reply,
    serving,
)

from calibrant.engines.interface import ScoreRequest


def test_a_reply_holds_what_the_server_sent() -> None:
    with serving(lambda _: Answer(chat_reply("Grüße", [("Grü", -0.5), ("ße", -0.25)]))) as server:
        # Half of a surrogate pair: text that was cut in the middle of a character.
        [reply] = engine(server).generate(ask("Grüße \ud83d"))
    [asked] = server.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.body == {
        "model": "made-up",
        "messages": [{"role": "user", "content": "Grüße \ud83d"}],
        "max_tokens": 64,
        "temperature": 0.0,
        "seed": 0,
        "logprobs": True,
    }
    assert "authorization" not in asked.headers
    assert json.loads(reply.prompt) == asked.body["messages"]
    assert reply.prompt == '[{"content":"Grüße \ud83d","role":"user"}]'
    assert reply.completion == "Grüße"
    assert (reply.finish_reason, reply.tokens, reply.log_probs) == ("stop", 2, (-0.5, -0.25))


@pytest.mark.parametrize(
    ("sent", "kept"), [("length", "length"), ("stop", "stop"), ("content_filter", "stop")]
)
def test_only_length_stays_length(sent: str, kept: str) -> None:
    with serving(lambda _: Answer(chat_reply("cut", [("cut", -1.0)], sent))) as server:
        [reply] = engine(server).generate(ask("a"))
    assert reply.finish_reason == kept


def test_a_server_that_tells_no_log_probabilities_is_good_enough_to_generate() -> None:
    reply = chat_reply("plain", [("plain", -1.0)])
    reply["choices"][0]["logprobs"] = None
    with serving(lambda _: Answer(reply)) as server:
        [answer] = engine(server).generate(ask("a"))
    assert (answer.log_probs, answer.tokens) == (None, 1)


def test_replies_come_as_they_are_finished_and_do_not_depend_on_their_neighbours() -> None:
    def slow_first(asked: Asked) -> Answer:
        return Answer(echo(asked).body, delay=0.5 if asked.text == "slow" else 0.0)

    with serving(slow_first) as server:
        together = list(engine(server).generate(ask("slow", "b", "c")))
        alone = list(engine(server, concurrency=1).generate(ask("slow", "b", "c")))
    assert [reply.index for reply in together][-1] == 0
    assert [reply.index for reply in alone] == [0, 1, 2]
    assert sorted(together, key=lambda reply: reply.index) == alone


def test_no_request_gives_no_reply_and_no_connection() -> None:
    with serving(echo) as server:
        assert list(engine(server).generate([])) == []
    assert server.asked == []


def test_at_most_concurrency_requests_are_under_way_or_not_yet_taken() -> None:
    with serving(echo) as server:
        replies = engine(server, concurrency=3).generate(ask(*map(str, range(20))))
        next(replies)
        time.sleep(0.3)
        assert len(server.asked) <= 1 + 3
        assert len(list(replies)) == 19


def test_first_token_scores_are_read_from_the_list() -> None:
    listed = {
        " Yes": math.log(0.5),
        "yes": math.log(0.2),
        "N": math.log(0.1),
        "the": math.log(0.05),
    }
    with serving(lambda _: Answer(first_token_reply(listed))) as server:
        [scores] = engine(server).score(verdicts(1))
    [asked] = server.asked
    assert {key: asked.body[key] for key in ("max_tokens", "temperature", "top_logprobs")} == {
        "max_tokens": 1,
        "temperature": 0,
        "top_logprobs": 20,
    }
    assert [math.exp(log) for log in scores.log_probs] == pytest.approx([0.7, 0.1])
    assert scores.tokens == (1, 1)


def test_a_reply_that_starts_with_no_continuation_is_an_error_with_the_likeliest_tokens() -> None:
    with serving(lambda _: Answer(first_token_reply({"Well": -0.1, "So": -3.0}))) as server:
        _, error = error_of(engine(server).score(verdicts(1)))
    assert "request 0" in str(error) and "'Well', 'So'" in str(error)
    assert len(server.asked) == 1


def test_continuations_that_cannot_be_told_apart_are_refused_before_anything_is_sent() -> None:
    request = ScoreRequest(({"role": "user", "content": "a"},), ("Yes", " yes"))
    with serving(verdict) as server:
        _, error = error_of(engine(server).score([request]))
    assert "the same" in str(error) and server.asked == []


# A model of words with a log probability of its own for each: minus the word's id over ten.
WORDS = {"<user>": 1, "right?": 2, "<assistant>": 3, "yes": 4, "no": 5, "not": 6, "sure": 7}


def vllm(asked: Asked) -> Answer:
    body = asked.body
    if asked.path == "/tokenize" and "messages" in body:
        assert body["add_generation_prompt"] is True
        words = ["<user>", *asked.text.split(), "<assistant>"]
        return Answer({"count": len(words), "tokens": [WORDS[word] for word in words]})
    if asked.path == "/tokenize":
        assert body["add_special_tokens"] is False
        return Answer({"tokens": [WORDS[word] for word in body["prompt"].split()]})
    assert asked.path == "/v1/completions"
    assert (body["max_tokens"], body["prompt_logprobs"]) == (1, 0)
    logs: list[Any] = [
        {str(token): {"logprob": -token / 10, "rank": 1}} for token in body["prompt"]
    ]
    logs[0] = None
    usage = {"prompt_tokens": len(logs), "completion_tokens": 1}
    return Answer({"choices": [{"text": "x", "prompt_logprobs": logs}], "usage": usage})


def test_prompt_scores_sum_the_tokens_of_each_continuation() -> None:
    request = ScoreRequest(({"role": "user", "content": "right?"},), ("yes", "not sure"))
    with serving(vllm) as server:
        one = engine(server, scoring="prompt_logprobs", concurrency=1)
        results = sorted(one.score([request, request]), key=lambda scores: scores.index)
    assert [scores.index for scores in results] == [0, 1]
    for scores in results:
        assert scores.log_probs == pytest.approx((-0.4, -1.3))
        assert scores.tokens == (1, 2)
    prompts = [asked.body["prompt"] for asked in server.asked if asked.path == "/v1/completions"]
    assert prompts == [[1, 2, 3, 4], [1, 2, 3, 6, 7]] * 2
    # Each continuation is turned into tokens once.
    assert sum("add_special_tokens" in asked.body for asked in server.asked) == 2


def test_a_server_without_prompt_log_probabilities_is_named() -> None:
    def plain(asked: Asked) -> Answer:
        return vllm(asked) if asked.path == "/tokenize" else Answer({"choices": [{"text": "x"}]})

    request = ScoreRequest(({"role": "user", "content": "right?"},), ("yes",))
    with serving(plain) as server:
        one = engine(server, scoring="prompt_logprobs", attempts=2)
        _, error = error_of(one.score([request]))
    assert "choices.0.prompt_logprobs: Field required" in str(error)
