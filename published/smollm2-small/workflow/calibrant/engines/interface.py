"""The interface of every engine: chats in; completions, or the likelihood of given ones, out.

Replies come in any order, each as soon as it is finished, so that a caller can keep what is there when
it is killed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """One completion asked for.

    Attributes:
        messages: Chat messages, each with ``role`` and ``content``.
        seed: Seed of this request alone, so that its answer does not depend on its neighbours.
    """

    messages: tuple[dict[str, str], ...]
    seed: int


@dataclass(frozen=True, slots=True)
class Reply:
    """One completion.

    Attributes:
        index: Position of its request in the sequence given to ``generate``.
        prompt: The exact text the model saw, chat template applied; the messages as JSON where a server
            applies the template.
        completion: The exact text it returned, end-of-text tokens removed.
        finish_reason: ``stop`` or ``length`` (cut at the token limit).
        tokens: Number of tokens generated.
        log_probs: Natural log probability of every generated token under the model at temperature 1,
            or None where the engine does not tell.
    """

    index: int
    prompt: str
    completion: str
    finish_reason: str
    tokens: int
    log_probs: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """Given continuations of one chat, to be scored.

    Attributes:
        messages: Chat messages, each with ``role`` and ``content``.
        continuations: Texts that could follow as the assistant's reply, at least one, none empty.
    """

    messages: tuple[dict[str, str], ...]
    continuations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """How likely given continuations are.

    Attributes:
        index: Position of its request in the sequence given to ``score``.
        log_probs: Natural log probability of each continuation after the chat, summed over its tokens.
        tokens: Number of tokens of each continuation.
    """

    index: int
    log_probs: tuple[float, ...]
    tokens: tuple[int, ...]


class Engine(Protocol):
    """Anything that answers requests."""

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Yield one reply per request, each as soon as it is finished, in any order."""
        ...


class ScoringEngine(Protocol):
    """Anything that can say how likely given continuations are."""

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
        """Yield one result per request, each as soon as it is finished, in any order."""
        ...
