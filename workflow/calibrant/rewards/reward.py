"""The reward of a completion: correctness, a score of the stated confidence, and format terms."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from calibrant.rewards.scoring import mix, score
from calibrant.rewards.settings import Reward

Array = NDArray[np.float64]
ANSWER_PARTS = ("correctness", "format", "length")
"""The parts of a reward that do not look at the stated confidence."""


@dataclass(frozen=True)
class RewardParts:
    """What a reward is made of; every array has the shape of the completions."""

    correctness: Array
    """The factor on correctness times the label; 0 where the statement cannot be read."""
    calibration: Array
    """The weight times the score of the confidence; 0 where the statement cannot be read."""
    format: Array
    """Minus the penalty where the statement cannot be read, else 0; and what sentences earn by form."""
    length: Array
    """Minus the cost of the length."""
    faithfulness: Array = field(default_factory=lambda: np.zeros(()))
    """The factor on faithfulness times 1 - (c - g)^2; 0 where either cannot be read."""

    @property
    def total(self) -> Array:
        """The reward: the sum of the parts."""
        return self.correctness + self.calibration + self.format + self.length + self.faithfulness

    @property
    def of_answer(self) -> Array:
        """The sum of the parts that do not look at the stated confidence."""
        return np.sum([getattr(self, part) for part in ANSWER_PARTS], axis=0, dtype=np.float64)


def reward(  # noqa: PLR0913 (what a reward is made of)
    correct: ArrayLike,
    confidence: ArrayLike,
    well_formed: ArrayLike,
    settings: Reward,
    *,
    tokens: ArrayLike | None = None,
    intrinsic: ArrayLike | None = None,
) -> Array:
    """Return the reward of every completion; ``reward_parts`` says what goes in and out."""
    parts = reward_parts(
        correct, confidence, well_formed, settings, tokens=tokens, intrinsic=intrinsic
    )
    return parts.total


def reward_parts(  # noqa: PLR0913 (what a reward is made of)
    correct: ArrayLike,
    confidence: ArrayLike,
    well_formed: ArrayLike,
    settings: Reward,
    *,
    tokens: ArrayLike | None = None,
    intrinsic: ArrayLike | None = None,
) -> RewardParts:
    """Return correctness y + weight (y S1(c) + (1-y) S0(c)) and the format terms, part by part.

    The reward is linear in the label y, so that a label with the right expectation gives a reward
    with the right expectation (see ``noise``). A statement that cannot be read, or whose confidence
    is NaN, infinite or outside 0..1, earns minus the penalty and no correctness: nothing is put in
    the place of a missing confidence. Unless the log score is used without a clip, every reward is
    finite; it is never NaN.

    Args:
        correct: 0, 1, or a noise-corrected real; any number where the statement cannot be read.
        confidence: Stated probability of being right; any float.
        well_formed: Whether the statement could be read.
        settings: The reward.
        tokens: Length of the completion (tokens); needed only with a length cost.
        intrinsic: The model's own confidence g in the answer, in [0, 1], NaN where it is not known;
            needed only with a factor on faithfulness (RLMF, arXiv 2606.32032).

    The arrays are broadcast against each other, and every part has their common shape.

    Raises:
        ValueError: If a readable statement has no finite label, a length cost has no tokens, or
            faithfulness no intrinsic confidence.
    """
    labels, stated, formed = np.broadcast_arrays(
        np.asarray(correct, np.float64), np.asarray(confidence, np.float64), well_formed
    )
    readable = formed.astype(bool) & (stated >= 0) & (stated <= 1)
    if not np.isfinite(labels[readable]).all():
        raise ValueError("a readable statement needs a finite label; leave ungraded answers out")
    labels = np.where(readable, labels, 0.0)
    scores = score(settings.score, np.where(readable, stated, 0.5))
    calibration = settings.weight * mix(labels, scores) if settings.weight else np.zeros(())
    return RewardParts(
        correctness=settings.correctness * labels,
        calibration=np.where(readable, calibration, 0.0),
        format=np.where(readable, 0.0, -settings.format.malformed_penalty),
        length=_length_part(settings, tokens, labels.shape),
        faithfulness=_faithfulness_part(settings, intrinsic, stated, readable),
    )


def _length_part(settings: Reward, tokens: ArrayLike | None, shape: tuple[int, ...]) -> Array:
    terms = settings.format
    if not terms.length_cost:
        return np.zeros(shape)
    if tokens is None:
        raise ValueError("a reward with a length cost needs the number of tokens")
    used = np.minimum(np.asarray(tokens, np.float64) / terms.length_limit, 1.0)
    return np.broadcast_to(-terms.length_cost * used, shape)


def _faithfulness_part(
    settings: Reward, intrinsic: ArrayLike | None, stated: Array, readable: NDArray[np.bool_]
) -> Array:
    if not settings.faithfulness:
        return np.zeros(stated.shape)
    if intrinsic is None:
        raise ValueError("a reward for faithfulness needs the intrinsic confidence")
    own = np.broadcast_to(np.asarray(intrinsic, np.float64), stated.shape)
    known = readable & ~np.isnan(own)
    distance = np.where(known, stated - own, 0.0)
    return np.where(known, settings.faithfulness * (1 - distance**2), 0.0)
