"""How far the sentences of completions are what the other completions to the question say as well.

A sentence's intrinsic confidence g is the share of the group's other completions that hold a sentence
of the same words in normal form (``grading.normalise``): no case, accents, articles or punctuation. So
a sentence in other words counts as another one, which RLMF leaves to a judge. A completion without any
sentence, or one that was cut, agrees with nobody. The one that is looked at is never among the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrant.elicitation.sentence_statements import SentenceStatements
from calibrant.grading.normalise import words

Array = NDArray[np.float64]
UNREAD = -1.0
"""What a sentence without a readable confidence counts as, and an answer without a sentence."""
_ROUNDING = 1e-9
Said = list[tuple[str, float]]
"""Sentences of a completion in normal form with their confidences, NaN where not read."""


def said_sentences(answer: SentenceStatements) -> Said:
    """Return what a completion says to the others; nothing if it was cut."""
    if answer.truncated:
        return []
    return [
        (_normal(item.text), np.nan if item.confidence is None else item.confidence)
        for item in answer.statements
    ]


def _normal(text: str) -> str:
    return " ".join(words(text)) or text.strip()


@dataclass(frozen=True)
class SentenceShares:
    """The sentences of one completion beside those of others.

    Attributes:
        stated: Confidences, NaN where not read; shape (S,).
        intrinsic: Share of the others that say the same; NaN where there are none; shape (S,).
    """

    stated: Array
    intrinsic: Array

    def faithful(self) -> float:
        """Return the mean of 1 - (c - g)^2, in [-1, 1]; NaN where no g is known."""
        return self._mean(1 - (self.stated - self.intrinsic) ** 2)

    def gold(self, tolerance: float) -> float:
        """Return F_gold, the share of sentences within the tolerance, in [-1, 1]; NaN as above."""
        near = np.abs(self.stated - self.intrinsic) <= tolerance + _ROUNDING
        return self._mean(np.where(np.isnan(self.intrinsic), np.nan, near.astype(np.float64)))

    def distance(self) -> float:
        """Return the mean of |c - g| over the sentences with a confidence; NaN where there is none."""
        far = np.abs(self.stated - self.intrinsic)
        return float(far[~np.isnan(far)].mean()) if (~np.isnan(far)).any() else np.nan

    def _mean(self, values: Array) -> float:
        if not len(self.stated):
            return UNREAD
        return float(np.where(np.isnan(self.stated), UNREAD, values).mean())


@dataclass(frozen=True)
class SentenceView:
    """What each of B completions sees of the K completions to its question.

    Attributes:
        own: Its sentences beside those of the others; length B.
        others: The sentences of the group's completions with this one left out, at its own place
            None; B rows of length K.
        place: Its own place in the group, shape (B,).
    """

    own: tuple[SentenceShares, ...]
    others: tuple[tuple[SentenceShares | None, ...], ...]
    place: NDArray[np.int64]

    @property
    def intrinsic(self) -> Array:
        """Mean intrinsic confidence of each completion's sentences, NaN without any, shape (B,)."""
        return np.array(
            [item.intrinsic.mean() if len(item.stated) else np.nan for item in self.own]
        )

    @property
    def distance(self) -> Array:
        """Mean |c - g| of each completion's sentences, shape (B,)."""
        return np.array([item.distance() for item in self.own], np.float64)

    @property
    def faithful(self) -> Array:
        """Mean 1 - (c - g)^2 of each completion's sentences, shape (B,)."""
        return np.array([item.faithful() for item in self.own], np.float64)

    @property
    def others_faithful(self) -> Array:
        """Mean of the same over the other completions, each beside the others but this, (B,).

        One whose g is not known counts 0, what it would earn.
        """
        return np.array(
            [
                sum(float(np.nan_to_num(item.faithful())) for item in row if item is not None)
                / max(len(row) - 1, 1)
                for row in self.others
            ],
            np.float64,
        )


def view_sentences(
    groups: Sequence[Sequence[Said]], own: Sequence[tuple[int, int]]
) -> SentenceView:
    """Return what each own completion sees.

    Args:
        groups: Per group, what each completion says.
        own: Group and place of each completion of this process, in its order.
    """
    return SentenceView(
        own=tuple(_shares(groups[group], place, {place}) for group, place in own),
        others=tuple(
            tuple(
                None if at == place else _shares(groups[group], at, {at, place})
                for at in range(len(groups[group]))
            )
            for group, place in own
        ),
        place=np.array([place for _, place in own], np.int64),
    )


def _shares(group: Sequence[Said], at: int, left_out: set[int]) -> SentenceShares:
    others = [{key for key, _ in said} for j, said in enumerate(group) if j not in left_out]
    stated = np.array([confidence for _, confidence in group[at]], np.float64)
    counts = np.array([sum(key in said for said in others) for key, _ in group[at]], np.float64)
    shares = counts / len(others) if others else np.full(len(counts), np.nan)
    return SentenceShares(stated, shares)
