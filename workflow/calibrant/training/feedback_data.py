"""Which questions to train self-assessment on, by how the untrained model rates itself.

RLMF (arXiv 2606.32032) takes the questions on which the model rates its own statement highest and
lowest. In its code a rating that cannot be read ends up among the lowest; here it is left out and
counted. Two further sets of the same size, from the same questions, let the choice itself be tested.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calibrant.errors import CalibrantError


@dataclass(frozen=True, slots=True)
class FeedbackData:
    """Three ways to choose among the same questions; within each, question ids are sorted.

    The questions chosen among are those with a rating and a known faithfulness.

    Attributes:
        lowest: Half of the metacognitive choice: the lowest self-ratings.
        highest: The other half, as many.
        random: Drawn at random; as many as both halves.
        active: RLMF's baseline: the least faithful statements; as many as both halves.
        unread: Questions without a readable rating, in none of the sets.
        unknown: Those with one whose faithfulness is not known, in none of the sets.
    """

    lowest: tuple[str, ...]
    highest: tuple[str, ...]
    random: tuple[str, ...]
    active: tuple[str, ...]
    unread: tuple[str, ...]
    unknown: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse sets that a comparison of trainings could not use.

        Raises:
            ValueError: If the sets are not of equal size, or the halves are not distinct.
        """
        sizes = {len(set(ids)) for ids in (self.metacognitive, self.random, self.active)}
        if sizes != {2 * len(self.lowest)} or len(self.lowest) != len(self.highest):
            raise ValueError(f"the sets are not of equal size: {sorted(sizes)}")

    @property
    def metacognitive(self) -> tuple[str, ...]:
        """The lowest and the highest together."""
        return tuple(sorted(self.lowest + self.highest))


def choose_feedback_data(
    ratings: Mapping[str, float | None],
    faithfulness: Mapping[str, float | None],
    per_end: int,
    seed: int,
) -> FeedbackData:
    """Choose questions by self-rating, at random, and by measured faithfulness.

    Among equal values the seed decides, and the order of the mappings does not matter.

    Args:
        ratings: The model's rating of itself by question id, in [0, 1]; None where it gave none that
            can be read.
        faithfulness: How faithful the rated statement is, in [0, 1], for the same questions; None
            where that is not known.
        per_end: Questions to take from each end; every set is twice as many.
        seed: Seed of the random set and of the order among equal values.

    Raises:
        CalibrantError: If a value is not in [0, 1], the questions are not the same, ``per_end`` is
            below 1, or fewer than twice as many questions can be chosen among.
    """
    _check_values("rating", ratings)
    _check_values("faithfulness", faithfulness)
    if ratings.keys() != faithfulness.keys():
        raise CalibrantError("ratings and faithfulness are not those of the same questions")
    read = {name: rating for name, rating in ratings.items() if rating is not None}
    gold = {name: value for name, value in faithfulness.items() if value is not None}
    pool = sorted(read.keys() & gold.keys())
    size = 2 * per_end
    if per_end < 1 or len(pool) < size:
        raise CalibrantError(
            f"{len(pool)} of {len(ratings)} questions have a rating and a known faithfulness, "
            f"{size} are needed",
            where="per_end",
            repair="Rate more questions, or take at least 1 and fewer from each end",
        )
    generator = np.random.default_rng(seed)
    shuffled = [str(name) for name in generator.permutation(pool)]
    # Sorting is stable, so that equal values stay in shuffled order.
    ranked = sorted(shuffled, key=read.__getitem__)
    least = sorted(shuffled, key=gold.__getitem__)
    drawn = [str(name) for name in generator.permutation(pool)]
    return FeedbackData(
        lowest=tuple(sorted(ranked[:per_end])),
        highest=tuple(sorted(ranked[-per_end:])),
        random=tuple(sorted(drawn[:size])),
        active=tuple(sorted(least[:size])),
        unread=tuple(sorted(ratings.keys() - read.keys())),
        unknown=tuple(sorted(read.keys() - gold.keys())),
    )


def _check_values(name: str, values: Mapping[str, float | None]) -> None:
    for question, value in values.items():
        if value is not None and not 0 <= value <= 1:
            raise CalibrantError(
                f"{value!r} is not a {name} in [0, 1]",
                where=question,
                repair="Divide values from 0 to 100 by 100, and give None for one not known",
            )
