"""From completions to rewards: parsed and graded as in evaluation, and ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibrant.elicitation.parse import Statement
from calibrant.elicitation.reader import SENTENCES, statement_reader
from calibrant.grading.grade import grade
from calibrant.grading.same_answer import group_answers
from calibrant.rewards.reward import RewardParts, reward_parts
from calibrant.rewards.sentence_reward import sentence_reward_parts
from calibrant.rewards.settings import Reward
from calibrant.rows import Question
from calibrant.training.answer_groups import GatherRows, GroupView, alone, view_groups
from calibrant.training.labels import Answered, Labels, graded_labels
from calibrant.training.self_judgement import SelfJudged
from calibrant.training.sentence_groups import SentenceView, said_sentences, view_sentences

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """What completions are worth; all arrays have one entry per completion.

    Attributes:
        parts: The reward, part by part.
        correct: 1 right, 0 wrong, NaN where nothing could be graded.
        label: What entered the reward in its place; noise-corrected labels are any real number.
        judged: Whether a judge said so instead of a grader.
        confidence: In [0, 1], or NaN; of several sentences their mean.
        answered: Whether the answer could be read and graded, and the text ended.
        readable: Whether the confidence could be read as well.
        truncated: Whether the token limit cut the completion.
        tokens: Length (tokens).
        view: What each sees of the other completions to its question; None where the reward does
            not look at it.
        others_faithful: Mean reward for faithfulness of the others of the group, each compared with
            the others but this one: what may stand for this one's expectation without depending on it.
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
    view: GroupView | SentenceView | None = None
    others_faithful: Array | None = None
    self_judged: SelfJudged | None = None

    @property
    def intrinsic(self) -> Array | None:
        """Intrinsic confidences, NaN where not known, or None where no reward looks at them."""
        return None if self.view is None else self.view.intrinsic

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
        group: Completions per question, which lie side by side; matters to faithfulness alone.
        gather: Shows the completions of all processes.
        layout: Format of the completions, as ``elicitation.format`` names it.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (each is one thing)
        self,
        questions: Sequence[Question],
        reward: Reward,
        scale: str,
        labels: Labels = graded_labels,
        group: int = 1,
        gather: GatherRows = alone,
        layout: str = "answer_confidence",
    ) -> None:
        self.questions = list(questions)
        self.reward = reward
        self.group = group
        self.gather = gather
        self._labels = labels
        self._read = statement_reader(layout, scale)
        self._in_sentences = layout == SENTENCES

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
            self._read(text, "length" if is_cut else "stop")
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
        readable = answered & ~np.isnan(stated)
        labels = np.where(readable, np.nan_to_num(labelled.label), 0.0)
        view = self._view(rows, statements, labelled.correct, readable, np.asarray(cut, bool))
        parts = self._parts(labels, stated, readable, tokens, statements, view)
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
            view=view,
            others_faithful=None if view is None else self._others_faithful(view),
        )

    def _parts(  # noqa: PLR0913, PLR0917 (what a reward is made of)
        self,
        labels: Array,
        stated: Sequence[float],
        readable: NDArray[np.bool_],
        tokens: Sequence[int],
        statements: Sequence[Statement],
        view: GroupView | SentenceView | None,
    ) -> RewardParts:
        if not self._in_sentences:
            own = None if view is None else view.intrinsic
            return reward_parts(labels, stated, readable, self.reward, tokens=tokens, intrinsic=own)
        return sentence_reward_parts(
            labels, stated, readable, self.reward,
            [item.sentences for item in statements if item.sentences is not None],
            tokens=tokens, faithful=view.faithful if isinstance(view, SentenceView) else None,
        )  # fmt: skip

    def _others_faithful(self, view: GroupView | SentenceView) -> Array:
        if isinstance(view, SentenceView):
            return self.reward.faithfulness * view.others_faithful
        known = view.readable & ~np.isnan(view.others)
        distance = np.where(known, view.confidence - view.others, 0.0)
        parts = np.where(known, self.reward.faithfulness * (1 - distance**2), 0.0)
        return np.asarray(parts.sum(axis=1) / max(parts.shape[1] - 1, 1))

    def _view(
        self,
        rows: Sequence[int],
        statements: Sequence[Statement],
        correct: Array,
        readable: NDArray[np.bool_],
        cut: NDArray[np.bool_],
    ) -> GroupView | SentenceView | None:
        """Return what every completion sees of its group, or None where no reward asks for it.

        Completions of a question lie side by side over all processes, as TRL shares them out.
        """
        if not self.reward.faithfulness:
            return None
        mine: list[dict[str, object]] = [
            {
                "row": row,
                "answer": None if is_cut else statement.answer,
                "correct": None if np.isnan(right) else bool(right),
                "confidence": np.nan if statement.confidence is None else statement.confidence,
                "readable": bool(formed),
                "sentences": []
                if statement.sentences is None
                else said_sentences(statement.sentences),
            }
            for row, statement, right, formed, is_cut in zip(
                rows, statements, correct, readable, cut, strict=True
            )
        ]
        everyone, start = self.gather(mine)
        places = [divmod(at, self.group) for at in range(start, start + len(mine))]
        first = places[0][0]
        groups = [
            everyone[at * self.group : (at + 1) * self.group]
            for at in range(first, places[-1][0] + 1)
        ]
        if any(len({item["row"] for item in group}) > 1 for group in groups):
            raise ValueError("the completions of a question do not lie side by side")
        own = [(group - first, place) for group, place in places]
        if self._in_sentences:
            return view_sentences([[row["sentences"] for row in group] for group in groups], own)  # type: ignore[misc]
        return view_groups(
            [self._labels_of(group) for group in groups],
            [[item["confidence"] for item in group] for group in groups],  # type: ignore[misc]
            [[item["readable"] for item in group] for group in groups],  # type: ignore[misc]
            own,
        )

    def _labels_of(self, group: Sequence[dict[str, Any]]) -> list[int | None]:
        question = self.questions[group[0]["row"]]
        return group_answers(
            [item["answer"] for item in group], [item["correct"] for item in group], question
        )

    def level_rewards(self, scored: Scored, values: Sequence[float]) -> tuple[Array, Array]:
        """Return what every completion would earn with each confidence, and with none.

        Args:
            scored: The completions.
            values: Confidences of the levels, shape (L,).

        Returns:
            Rewards of shape (B, L), and of shape (B,) for a confidence that cannot be read.
        """
        labels = np.where(scored.answered, np.nan_to_num(scored.label), 0.0)
        unread = reward_parts(
            labels, np.nan, False, self.reward, tokens=scored.tokens, intrinsic=scored.intrinsic
        ).total
        return self._level_parts(scored, values).total, unread

    def confidence_rewards(self, scored: Scored, values: Sequence[float]) -> Array:
        """Return the part of every level's reward that RLMF scales, shape (B, L).

        That for faithfulness, or without one the score of the confidence; 0 for a confidence that
        cannot be read.
        """
        parts = self._level_parts(scored, values)
        return parts.calibration if scored.view is None else parts.faithfulness

    def _level_parts(self, scored: Scored, values: Sequence[float]) -> RewardParts:
        labels = np.where(scored.answered, np.nan_to_num(scored.label), 0.0)
        own = scored.intrinsic
        return reward_parts(
            labels[:, None], np.asarray(values)[None], True, self.reward,
            tokens=scored.tokens[:, None], intrinsic=None if own is None else own[:, None],
        )  # fmt: skip

    @property
    def looks_at_confidence(self) -> bool:
        """Whether the reward depends on the confidence at all."""
        scored = self.reward.score.rule != "none" and self.reward.weight > 0
        return scored or self.reward.faithfulness > 0
