"""What a judge looks at, what it says, and what a judge is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Case:
    """One answer to be judged.

    Attributes:
        question: The question answered.
        references: Accepted answers, at least one.
        answer: The answer, free of its stated confidence, its reasoning and all tags
            (``answer_view``).
    """

    question: str
    references: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge says of one case.

    Attributes:
        correct: Whether the judge takes the answer for correct.
        probability: The judge's probability that it is, in [0, 1].
    """

    correct: bool
    probability: float


class Judge(Protocol):
    """Anything that judges cases.

    Attributes:
        identity: Changes with anything that can change a verdict: weights, prompt, coefficients.
        prompt_version: Version of its prompt, for people; part of the identity.
    """

    identity: str
    prompt_version: str

    def judge(self, cases: Sequence[Case]) -> Iterator[tuple[int, Verdict]]:
        """Yield the position of each case and its verdict, each as soon as it is known."""
        ...
