"""Figures of a choice by self-rating: what the sets were rated, and how faithful they are."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from calibrant.measures.bootstrap import (
    Interval,
    Panel,
    bootstrap_values,
    percentile_interval,
    point_estimates,
)
from calibrant.measures.figure_entry import FROM_ONE_QUESTION, figure_entry
from calibrant.measures.sample import scored_sample
from calibrant.measures.scores import mean_confidence
from calibrant.measures.weighting import tie_groups
from calibrant.stage_settings.selection import ChooseSettings
from calibrant.training.feedback_data import FeedbackData
from calibrant.training.rated_question import RatedQuestion

RATING_BINS = 10
"""Bins of equal width over ratings in [0, 1], closed on the left; the last one on both sides."""
PARTS = ("lowest", "highest", "random", "active")


def rating_figures(
    rated: Sequence[RatedQuestion],
    choices: Sequence[FeedbackData],
    settings: ChooseSettings,
    seed: int,
) -> dict[str, Any]:
    """Return the counts and figures of a dataset, or of all.

    Args:
        rated: The questions that were asked about.
        choices: What was chosen among them, per dataset.
        settings: Replicates and level of the intervals.
        seed: Seed of the bootstrap.

    Returns:
        Counts of questions: ``rated``, ``unread`` (no rating), ``unknown`` (a rating, but no known
        faithfulness); ``sets``, for ``pool`` (all that were chosen among) and each of ``PARTS``
        ``size``, mean ``rating`` and mean ``faithfulness`` with intervals; ``histogram``, per bin of
        rating ``low``, ``high``, and the count of each of those.
    """
    left_out = {name for choice in choices for name in (*choice.unread, *choice.unknown)}
    members = {
        "pool": [item for item in rated if item.question.question_id not in left_out],
        **{part: _of(rated, choices, part) for part in PARTS},
    }
    return {
        "rated": len(rated),
        "unread": sum(len(choice.unread) for choice in choices),
        "unknown": sum(len(choice.unknown) for choice in choices),
        "sets": {
            name: {
                "size": len(items),
                "rating": _mean([item.rating for item in items], items, settings, seed),
                "faithfulness": _mean([item.faithfulness for item in items], items, settings, seed),
            }
            for name, items in members.items()
        },
        "histogram": _histogram(members),
    }


def _of(
    rated: Sequence[RatedQuestion], choices: Sequence[FeedbackData], part: str
) -> list[RatedQuestion]:
    ids = {name for choice in choices for name in getattr(choice, part)}
    return [item for item in rated if item.question.question_id in ids]


def _mean(
    values: Sequence[float | None],
    items: Sequence[RatedQuestion],
    settings: ChooseSettings,
    seed: int,
) -> dict[str, Any]:
    """Return the mean of values in [0, 1] with its interval over questions."""
    labels = [item.question.question_id for item in items]
    sample = scored_sample(np.array(values, np.float64), np.zeros(len(items)), labels)
    panel = Panel(tie_groups(sample), {"mean": mean_confidence})
    value = point_estimates([panel])["mean"]
    clusters = len(np.unique(sample.cluster))
    if clusters < 2:
        return figure_entry(value, Interval(None, None, 0), FROM_ONE_QUESTION)
    drawn = bootstrap_values([panel], clusters, replicates=settings.replicates, seed=seed)
    return figure_entry(value, percentile_interval(drawn["mean"], settings.level), None)


def _histogram(members: dict[str, list[RatedQuestion]]) -> list[dict[str, float | int]]:
    counts = {
        name: Counter(_bin(item.rating) for item in items if item.rating is not None)
        for name, items in members.items()
    }
    return [
        {
            "low": number / RATING_BINS,
            "high": (number + 1) / RATING_BINS,
            **{name: count[number] for name, count in counts.items()},
        }
        for number in range(RATING_BINS)
    ]


def _bin(rating: float) -> int:
    return min(int(rating * RATING_BINS), RATING_BINS - 1)
