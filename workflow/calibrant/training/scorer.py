"""From completions to rewards: parsed and graded as in evaluation, and ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibrant.elicitation.parse import Statement, parse_completion
from calibrant.elicitation.scales import SCALES
from calibrant.grading.grade import grade
from calibrant.grading.same_answer import group_answers
from calibrant.rewards.reward import RewardParts, reward_parts
from calibrant.rewards.settings import Reward
from calibrant.rows import Question
from calibrant.training.intrinsic_confidence import leave_one_out_shares
from calibrant.training.labels import Answered, Labels, graded_labels
from calibrant.training.self_judgement import SelfJudged

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """What completions are worth; all arrays have one entry per completion.

    Attributes:
        parts: The reward, part by part.
        correct: 1 right, 0 wrong, NaN where nothing could be graded.
        label: What entered the reward in its place; noise-corrected labels are any real number.
        judged: Whether a judge said so instead of a grader.
        confidence: In [0, 1], or NaN.
        answered: Whether the answer could be read and graded, and the text ended.
        readable: Whether the confidence could be read as well.
        truncated: Whether the token limit cut the completion.
        tokens: Length (tokens).
        intrinsic: The share of the group's other readable completions that give the same answer, or
            NaN; empty where the reward does not look at it.
        self_judged: How well the policy judged itself, where it was asked.
    """

    parts: RewardParts
    correct: Array
    label: Array
    judged: NDArray[np.bool_]
    confidence: Array
    answered: NDArray[np.bool_]
    readable: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    tokens: Array
    intrinsic: Array | None = None
    self_judged: SelfJudged | None = None

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
        labels: Where labels come from.
    """

    def __init__(
        self,
        questions: Sequence[Question],
        reward: Reward,
        scale: str,
        labels: Labels = graded_labels,
    ) -> None:
        self.questions = list(questions)
        self.reward = reward
        self._labels = labels
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
        statements = [
            parse_completion(text, self._scale, "length" if is_cut else "stop")
            for text, is_cut in zip(texts, cut, strict=True)
        ]
        labelled = self._labels(
            [
                Answered(question, statement.answer, grade(statement.answer, question))
                for question, statement in zip(
                    (self.questions[row] for row in rows), statements, strict=True
                )
            ]
        )
        stated = [np.nan if item.confidence is None else item.confidence for item in statements]
        answered = ~np.isnan(labelled.correct) & ~np.asarray(cut, bool)
        readable = answered & np.array([item.status == "ok" for item in statements], bool)
        labels = np.where(readable, np.nan_to_num(labelled.label), 0.0)
        intrinsic = self._intrinsic(rows, statements, labelled.correct)
        parts = reward_parts(
            labels, stated, readable, self.reward, tokens=tokens, intrinsic=intrinsic
        )
        return Scored(
            parts=parts,
            correct=labelled.correct,
            label=labelled.label,
            judged=labelled.judged,
            confidence=np.asarray(stated, np.float64),
            answered=answered,
            readable=readable,
            truncated=np.asarray(cut, bool),
            tokens=np.asarray(tokens, np.float64),
            intrinsic=intrinsic,
        )

    def _intrinsic(
        self, rows: Sequence[int], statements: Sequence[Statement], correct: Array
    ) -> Array | None:
        """Return the intrinsic confidence of every completion, or None where no reward asks for it."""
        if not self.reward.faithfulness:
            return None
        found = np.full(len(rows), np.nan)
        order = np.asarray(rows)
        for row in np.unique(order):
            here = np.flatnonzero(order == row)
            answers = [statements[int(at)].answer for at in here]
            graded = [None if np.isnan(correct[at]) else bool(correct[at]) for at in here]
            shares = leave_one_out_shares(group_answers(answers, graded, self.questions[row]))
            found[here] = [np.nan if share is None else share for share in shares]
        return found

    def level_rewards(self, scored: Scored, values: Sequence[float]) -> tuple[Array, Array]:
        """Return what every completion would earn with each confidence, and with none.

        Args:
            scored: The completions.
            values: Confidences of the levels, shape (L,).

        Returns:
            Rewards of shape (B, L), and of shape (B,) for a confidence that cannot be read.
        """
        labels = np.where(scored.answered, np.nan_to_num(scored.label), 0.0)
        lengths: Any = scored.tokens
        own = scored.intrinsic
        stated = reward_parts(
            labels[:, None], np.asarray(values)[None], True, self.reward, tokens=lengths[:, None],
            intrinsic=None if own is None else own[:, None],
        ).total  # fmt: skip
        unread = reward_parts(
            labels, np.nan, False, self.reward, tokens=lengths, intrinsic=own
        ).total
        return stated, unread

    @property
    def looks_at_confidence(self) -> bool:
        """Whether the reward depends on the confidence at all."""
        scored = self.reward.score.rule != "none" and self.reward.weight > 0
        return scored or self.reward.faithfulness > 0
