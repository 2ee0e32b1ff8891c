"""Responses of one or more sentences, each with a stated and an intrinsic confidence.

Faithful calibration (RLMF, arXiv 2606.32032; MetaFaith, arXiv 2505.24858) asks whether the stated
confidence of a sentence meets the model's own consistency, not the truth.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from calibrant.errors import CalibrantError
from calibrant.measures.sample import (
    FloatArray,
    IntArray,
    ScoredSample,
    check_probabilities,
    cluster_codes,
)

# A mean of sentences such as (0.2 + 0.4) / 2 is 0.3, whatever its last bit.
_DIGITS = 9


@dataclass(frozen=True, slots=True, eq=False)
class FaithfulResponses:
    """Responses that have every confidence.

    Attributes:
        faithful: Response faithfulness F, shape (n,), in [0, 1].
        intrinsic: Mean intrinsic confidence of the sentences, shape (n,), in [0, 1].
        cluster: Code of the question answered, shape (n,), in 0..k-1.
        left_out: Responses of which a confidence is missing.
    """

    faithful: FloatArray
    intrinsic: FloatArray
    cluster: IntArray
    left_out: int

    def __len__(self) -> int:
        """Return the number of responses."""
        return len(self.faithful)

    def sample(self) -> ScoredSample:
        """Return the sample whose confidence is the intrinsic one, and whose outcome is F."""
        return ScoredSample(self.intrinsic, self.faithful, self.cluster)


def response_faithfulness(stated: ArrayLike, intrinsic: ArrayLike) -> float:
    """Return F = 1 - mean over sentences of |stated - intrinsic|, in [0, 1], of one response.

    Args:
        stated: Stated confidence of every sentence, in [0, 1], shape (l,) with l at least 1.
        intrinsic: Intrinsic confidence of every sentence, in [0, 1], shape (l,).

    Raises:
        CalibrantError: If there is no sentence, the lengths differ, or a confidence is no number in
            [0, 1].
    """
    said, own = _columns(stated, intrinsic)
    if not len(said):
        raise CalibrantError("a response without sentences has no faithfulness", where="stated")
    check_probabilities(said, "stated")
    check_probabilities(own, "intrinsic")
    return float(1 - np.abs(said - own).mean())


def faithful_responses(
    stated: ArrayLike,
    intrinsic: ArrayLike,
    question: ArrayLike,
    response: ArrayLike | None = None,
) -> FaithfulResponses:
    """Put the sentences of every response together.

    A response of which any confidence is missing (NaN) is left out and counted: nothing is put in
    the place of what is missing. The published code takes a missing confidence for 1.

    Args:
        stated: Stated confidence of every sentence, in [0, 1] or NaN, shape (s,).
        intrinsic: Intrinsic confidence of every sentence, in [0, 1] or NaN, shape (s,).
        question: A label per sentence: the question answered, shape (s,).
        response: A label per sentence: the response it belongs to, shape (s,). None means that
            every sentence is a response of its own.

    Raises:
        CalibrantError: If lengths differ, a confidence is neither missing nor in [0, 1], or a
            response answers two questions.
    """
    said, own = _columns(stated, intrinsic)
    missing = np.isnan(said) | np.isnan(own)
    check_probabilities(np.where(np.isnan(said), 0.0, said), "stated")
    check_probabilities(np.where(np.isnan(own), 0.0, own), "intrinsic")
    asked = cluster_codes(question, len(said))
    parts = cluster_codes(response, len(said))
    number = int(parts.max()) + 1 if len(parts) else 0
    _, first = np.unique(parts, return_index=True)
    _one_question_each(asked, parts, first)

    def mean(values: FloatArray) -> FloatArray:
        total = np.bincount(parts, weights=values, minlength=number)
        return np.asarray(total / np.bincount(parts, minlength=number), np.float64)

    kept = np.bincount(parts, weights=missing, minlength=number) == 0
    faithful = 1 - mean(np.abs(np.where(missing, 0.0, said) - np.where(missing, 0.0, own)))
    inner = np.clip(np.round(mean(np.where(missing, 0.0, own)), _DIGITS), 0, 1)
    clusters = cluster_codes(asked[first][kept], int(kept.sum()))
    return FaithfulResponses(faithful[kept], inner[kept], clusters, int((~kept).sum()))


def _columns(stated: ArrayLike, intrinsic: ArrayLike) -> tuple[FloatArray, FloatArray]:
    said, own = np.asarray(stated, np.float64), np.asarray(intrinsic, np.float64)
    if said.ndim != 1 or said.shape != own.shape:
        raise CalibrantError(
            f"has shape {own.shape} where stated has {said.shape}: one of each per sentence",
            where="intrinsic",
        )
    return said, own


def _one_question_each(asked: IntArray, parts: IntArray, first: IntArray) -> None:
    mixed = np.flatnonzero(asked != asked[first][parts]) if len(parts) else parts
    if len(mixed):
        raise CalibrantError(
            "a response answers two questions",
            where=f"question, row {int(mixed[0])}",
            repair="Give responses to different questions different labels",
        )
