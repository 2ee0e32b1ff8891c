"""Which questions to train self-assessment on, by how the untrained model rates itself.

RLMF (arXiv 2606.32032) takes the questions on which the model rates its own wording highest and
lowest. In its code a rating that cannot be read ends up among the lowest; here it is left out and
counted. Two further sets of the same size let the choice itself be tested.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calibrant.errors import CalibrantError


@dataclass(frozen=True, slots=True)
class FeedbackData:
    """Four ways to choose among the same questions; within each, question ids are sorted.

    Attributes:
        lowest: Half of the metacognitive choice: the lowest self-ratings.
        highest: The other half, as many.
        random: Drawn at random among the questions with a rating; as many as both halves.
        middle: The active choice: ratings in the middle of the order, on which the model is least
            decided; as many as both halves.
        unread: Questions without a readable rating, in none of the sets.
    """

    lowest: tuple[str, ...]
    highest: tuple[str, ...]
    random: tuple[str, ...]
    middle: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def metacognitive(self) -> tuple[str, ...]:
        """The lowest and the highest together."""
        return tuple(sorted(self.lowest + self.highest))


def choose_feedback_data(
    ratings: Mapping[str, float | None], per_end: int, seed: int
) -> FeedbackData:
    """Choose questions by self-rating.

    Among equal ratings the seed decides, and the order of ``ratings`` does not matter.

    Args:
        ratings: The model's rating of itself by question id, in [0, 1]; None where it gave none that
            can be read.
        per_end: Questions to take from each end; the metacognitive choice is twice as many.
        seed: Seed of the random set and of the order among equal ratings.

    Raises:
        CalibrantError: If a rating is not in [0, 1], ``per_end`` is below 1, or fewer than twice as
            many questions have a rating.
    """
    for name, rating in ratings.items():
        if rating is not None and not 0 <= rating <= 1:
            raise CalibrantError(
                f"{rating!r} is not a rating in [0, 1]",
                where=name,
                repair="Divide ratings from 0 to 100 by 100, and give None for one not read",
            )
    readable = {name: rating for name, rating in ratings.items() if rating is not None}
    size = 2 * per_end
    if per_end < 1 or len(readable) < size:
        raise CalibrantError(
            f"{len(readable)} of {len(ratings)} questions have a rating, {size} are needed",
            where="per_end",
            repair="Rate more questions, or take at least 1 and fewer from each end",
        )
    generator = np.random.default_rng(seed)
    shuffled = [str(name) for name in generator.permutation(sorted(readable))]
    # Sorting is stable, so that equal ratings stay in shuffled order.
    ranked = sorted(shuffled, key=readable.__getitem__)
    start = math.floor((len(ranked) - size) / 2)
    drawn = generator.permutation(sorted(readable))[:size]
    return FeedbackData(
        lowest=tuple(sorted(ranked[:per_end])),
        highest=tuple(sorted(ranked[-per_end:])),
        random=tuple(sorted(str(name) for name in drawn)),
        middle=tuple(sorted(ranked[start : start + size])),
        unread=tuple(sorted(ratings.keys() - readable.keys())),
    )
