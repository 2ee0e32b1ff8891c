"""Two ways to have a server score given continuations of a chat."""

import math
from collections.abc import Sequence

from calibrant.engines.interface import ScoreRequest, Scores
from calibrant.engines.server_client import ServerClient
from calibrant.engines.server_replies import (
    FirstTokenReply,
    ListedToken,
    PromptReply,
    TokenizeReply,
)
from calibrant.errors import CalibrantError

# The most that OpenAI's protocol and a vLLM server with its defaults list.
_LISTED = 20


async def score_by_first_token(client: ServerClient, index: int, request: ScoreRequest) -> Scores:
    """Score continuations by the first token of a reply, on any server that lists the likeliest.

    Returns:
        What ``first_token_log_probs`` reads from the list; one token each.

    Raises:
        CalibrantError: If no continuation is listed, or two are the same but for spaces and case.
    """
    url = f"{client.settings.address}/chat/completions"
    texts = [_folded(continuation) for continuation in request.continuations]
    if "" in texts or len(set(texts)) < len(texts):
        raise CalibrantError(
            f"request {index}: a continuation is empty, or two are the same but for spaces and case",
            where=url,
            repair="Give continuations that can be told apart",
        )
    body = {
        "model": client.settings.model,
        "messages": list(request.messages),
        "max_tokens": 1,
        "temperature": 0,
        "logprobs": True,
        "top_logprobs": _LISTED,
    }
    reply = await client.post(url, body, FirstTokenReply)
    try:
        log_probs = first_token_log_probs(request.continuations, reply.listed)
    except ValueError as error:
        raise CalibrantError(
            f"request {index}: {error}",
            where=url,
            repair="Choose continuations that the model starts its reply with",
        ) from error
    return Scores(index, log_probs, (1,) * len(log_probs))


def first_token_log_probs(
    continuations: Sequence[str], listed: Sequence[ListedToken]
) -> tuple[float, ...]:
    """Return the log probability that the reply starts like each continuation.

    Spaces around and case do not count. All listed tokens that equal a continuation or its first
    characters are added up. This is an upper bound on the probability of the whole continuation;
    choose continuations whose first characters differ, for a token that begins two counts for both.
    A continuation that is not listed gets the smallest listed probability, which it cannot exceed
    by any single token.

    Args:
        continuations: Texts, at least one.
        listed: The likeliest first tokens, at least one.

    Raises:
        ValueError: If no continuation is listed.
    """
    texts = [_folded(continuation) for continuation in continuations]
    # Tokens of spaces, and special ones that are shown as nothing, begin every text.
    named = [(text, item.logprob) for item in listed if (text := _folded(item.token))]
    scores = [[log for token, log in named if text.startswith(token)] for text in texts]
    if not any(scores):
        shown = ", ".join(repr(item.token) for item in listed[:5])
        raise ValueError(f"none of {list(continuations)} is among the likeliest tokens: {shown}")
    smallest = min(item.logprob for item in listed)
    return tuple(_log_sum(logs) if logs else smallest for logs in scores)


async def score_by_prompt(
    client: ServerClient,
    index: int,
    request: ScoreRequest,
    known: dict[str, list[int]],
) -> Scores:
    """Score every token of each continuation, on a vLLM server.

    The server applies its chat template (``/tokenize``). A continuation becomes tokens by itself,
    so that no token spans the place where the prompt ends.

    Args:
        client: The server.
        index: Position of the request.
        request: Chat and continuations.
        known: Token ids of continuations that were asked for; more are added.

    Raises:
        CalibrantError: If the reply is not about the tokens that were sent.
    """
    chat = {"messages": list(request.messages), "add_generation_prompt": True}
    prompt = await _tokenize(client, chat)
    log_probs, tokens = [], []
    for text in request.continuations:
        if text not in known:
            known[text] = await _tokenize(client, {"prompt": text, "add_special_tokens": False})
        log_probs.append(await _log_prob(client, prompt, known[text]))
        tokens.append(len(known[text]))
    return Scores(index, tuple(log_probs), tuple(tokens))


async def _tokenize(client: ServerClient, what: dict[str, object]) -> list[int]:
    # vLLM has it beside /v1, not below.
    url = f"{client.settings.address.removesuffix('/v1')}/tokenize"
    reply = await client.post(url, {"model": client.settings.model, **what}, TokenizeReply)
    if not reply.tokens:
        raise CalibrantError("the server makes no tokens of a prompt or continuation", where=url)
    return reply.tokens


async def _log_prob(client: ServerClient, prompt: list[int], continuation: list[int]) -> float:
    """Return the natural log probability of the continuation's tokens, summed."""
    body = {
        "model": client.settings.model,
        "prompt": prompt + continuation,
        "max_tokens": 1,
        "temperature": 0,
        "prompt_logprobs": 0,
    }
    url = f"{client.settings.address}/completions"
    positions = (await client.post(url, body, PromptReply)).choices[0].prompt_logprobs
    total = 0.0
    if len(positions) == len(prompt) + len(continuation):
        for token, position in zip(continuation, positions[len(prompt) :], strict=True):
            if position is None or token not in position:
                break
            total += position[token].logprob
        else:
            return total
    raise CalibrantError(
        "the reply is not about the tokens that were sent",
        where=url,
        repair="Use a vLLM server, or set scoring to first_token",
    )


def _folded(text: str) -> str:
    return text.strip().casefold()


def _log_sum(logs: Sequence[float]) -> float:
    # Not by exp alone: vLLM writes -9999 for a probability of nothing.
    top = max(logs)
    return top + math.log(math.fsum(math.exp(log - top) for log in logs))
