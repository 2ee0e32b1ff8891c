"""The interface of every engine: chats in, completions out, in any order, as they finish."""

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
        prompt: The exact text the model saw, chat template applied.
        completion: The exact text it returned, end-of-text tokens removed.
        finish_reason: ``stop`` or ``length`` (cut at the token limit).
        tokens: Number of tokens generated.
    """

    index: int
    prompt: str
    completion: str
    finish_reason: str
    tokens: int


class Engine(Protocol):
    """Anything that answers requests."""

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Yield one reply per request, each as soon as it is finished, in any order."""
        ...
