"""The reward of an answer of several sentences, each with its confidence (RLMF, arXiv 2606.32032)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from calibrant.elicitation.sentence_statements import SentenceStatements
from calibrant.rewards.format import graded_format_reward, strict_format_reward
from calibrant.rewards.reward import RewardParts, reward_parts
from calibrant.rewards.settings import Reward


def sentence_reward_parts(  # noqa: PLR0913 (what a reward is made of)
    correct: ArrayLike,
    confidence: ArrayLike,
    readable: ArrayLike,
    settings: Reward,
    answers: Sequence[SentenceStatements],
    *,
    tokens: ArrayLike | None = None,
    faithful: ArrayLike | None = None,
) -> RewardParts:
    """Return the parts of the reward of every answer; all have shape (B,).

    Correctness, the score and the penalty are those of one statement with the mean of the stated
    confidences. Published are strict and graded form with factor 3 each, correctness 1, calibration 1
    and faithfulness 12. Its calibration term 1 - (correct - mean)^2 is our Brier score but for the
    constant 1, which a readable answer earns there whatever it states.

    Args:
        correct: As for ``reward_parts``.
        confidence: Mean stated confidence; NaN unless every sentence has one.
        readable: Whether the answer could be graded, and every confidence read.
        settings: The reward.
        answers: What was read.
        tokens: Lengths; needed only with a length cost.
        faithful: Mean over the sentences of 1 - (c - g)^2, in [-1, 1], NaN where g is not known, which
            earns nothing; needed only with a factor on faithfulness.

    Raises:
        ValueError: As ``reward_parts``.
    """
    rest = settings.model_copy(update={"faithfulness": 0.0})
    parts = reward_parts(correct, confidence, readable, rest, tokens=tokens)
    strict = np.array([strict_format_reward(answer) for answer in answers], np.float64)
    graded = np.array([graded_format_reward(answer) for answer in answers], np.float64)
    form = settings.format.strict * strict + settings.format.graded * graded
    if settings.faithfulness and faithful is None:
        raise ValueError("a reward for faithfulness needs to know how faithful the sentences are")
    paid = np.zeros(len(answers)) if faithful is None else np.asarray(faithful, np.float64)
    return replace(
        parts,
        format=parts.format + form,
        faithfulness=settings.faithfulness * np.nan_to_num(paid),
    )
