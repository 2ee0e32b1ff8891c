"""From completions to rewards: parsed and graded as in evaluation, and ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.scales import SCALES
from calibrant.grading.grade import grade
from calibrant.rewards.reward import RewardParts, reward_parts
from calibrant.rewards.settings import Reward
from calibrant.rows import Question

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """What completions are worth; all arrays have one entry per completion.

    Attributes:
        parts: The reward, part by part.
        correct: 1 right, 0 wrong, NaN where nothing could be graded.
        confidence: In [0, 1], or NaN.
        answered: Whether the answer could be read and graded, and the text ended.
        readable: Whether the confidence could be read as well.
        truncated: Whether the token limit cut the completion.
        tokens: Length (tokens).
    """

    parts: RewardParts
    correct: Array
    confidence: Array
    answered: NDArray[np.bool_]
    readable: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    tokens: Array

    @property
    def total(self) -> Array:
        """The reward."""
        return self.parts.total


class Scorer:
    """Scores completions with a reward.

    Args:
        questions: The questions that completions answer.
        reward: The reward.
        scale: Name of the confidence scale.
    """

    def __init__(self, questions: Sequence[Question], reward: Reward, scale: str) -> None:
        self.questions = list(questions)
        self.reward = reward
        self._scale = SCALES[scale]

    def score(
        self, rows: Sequence[int], texts: Sequence[str], tokens: Sequence[int], cut: Sequence[bool]
    ) -> Scored:
        """Score completions.

        An answer that nobody can grade (the grader says why) is treated as malformed: it earns the
        penalty, since a label would have to be made up. So is a completion that the token limit cut,
        even if it holds a statement: what is written after a statement earns nothing, and without
        this nothing would keep the policy from writing on.

        Args:
            rows: Index of the question that each completion answers.
            texts: The completions.
            tokens: Their lengths (tokens).
            cut: Whether the token limit cut them.
        """
        correct, confidence, answered, readable = [], [], [], []
        for row, text, is_cut in zip(rows, texts, cut, strict=True):
            statement = parse_completion(text, self._scale, "length" if is_cut else "stop")
            verdict = grade(statement.answer, self.questions[row])
            correct.append(np.nan if verdict.correct is None else float(verdict.correct))
            confidence.append(np.nan if statement.confidence is None else statement.confidence)
            answered.append(verdict.correct is not None and not is_cut)
            readable.append(statement.status == "ok" and answered[-1])
        formed = np.asarray(readable, bool)
        labels = np.where(formed, np.nan_to_num(np.asarray(correct)), 0.0)
        parts = reward_parts(labels, confidence, formed, self.reward, tokens=tokens)
        return Scored(
            parts=parts,
            correct=np.asarray(correct, np.float64),
            confidence=np.asarray(confidence, np.float64),
            answered=np.asarray(answered, bool),
            readable=formed,
            truncated=np.asarray(cut, bool),
            tokens=np.asarray(tokens, np.float64),
        )

    def level_rewards(self, scored: Scored, values: Sequence[float]) -> tuple[Array, Array]:
        """Return what every completion would earn with each confidence, and with none.

        Args:
            scored: The completions.
            values: Confidences of the levels, shape (L,).

        Returns:
            Rewards of shape (B, L), and of shape (B,) for a confidence that cannot be read.
        """
        labels = np.where(scored.answered, np.nan_to_num(scored.correct), 0.0)
        lengths: Any = scored.tokens
        stated = reward_parts(
            labels[:, None], np.asarray(values)[None], True, self.reward, tokens=lengths[:, None]
        ).total
        unread = reward_parts(labels, np.nan, False, self.reward, tokens=lengths).total
        return stated, unread

    @property
    def looks_at_confidence(self) -> bool:
        """Whether the reward depends on the confidence at all."""
        return self.reward.score.rule != "none" and self.reward.weight > 0
