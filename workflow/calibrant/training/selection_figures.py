"""Figures of a selection: how hard the questions are, and how far samples agree."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from calibrant.measures.bootstrap import Interval
from calibrant.measures.figure_entry import figure_entry
from calibrant.measures.summary import measure_sample
from calibrant.stage_settings.selection import SelectSettings
from calibrant.training.sampled_question import SampledQuestion, State

DIFFICULTY_BINS = 10
"""Bins of equal width over difficulties in [0, 1], closed on the left; the last one on both sides."""
_NOTHING_GRADED = "no question has a graded answer"


def difficulty_bin(difficulty: float) -> int:
    """Return the bin of a difficulty, 0 for the easiest to ``DIFFICULTY_BINS`` - 1."""
    return min(int(difficulty * DIFFICULTY_BINS), DIFFICULTY_BINS - 1)


def selection_figures(
    questions: int,
    sampled: Sequence[SampledQuestion],
    kept: Sequence[SampledQuestion],
    settings: SelectSettings,
    seed: int,
) -> dict[str, Any]:
    """Return the counts and figures of a dataset, or of all.

    Args:
        questions: Number of training questions.
        sampled: Those that were sampled.
        kept: Those that are trained on.
        settings: Replicates and level of the intervals.
        seed: Seed of the bootstrap.

    Returns:
        Counts of questions: ``questions``, ``sampled``, one per state, ``kept``; counts of answers:
        ``answers``, ``unread``; ``consistency``, ``majority_accuracy`` and ``auroc``, each with its
        interval; ``histogram``, per bin of difficulty ``low``, ``high``, ``sampled`` and ``kept``.
    """
    states = Counter(item.state for item in sampled)
    return {
        "questions": questions,
        "sampled": len(sampled),
        **{state: states[state] for state in get_args(State)},
        "kept": len(kept),
        "answers": sum(item.right + item.wrong + item.unread + item.to_judge for item in sampled),
        "unread": sum(item.unread for item in sampled),
        **_consistency(sampled, settings, seed),
        "histogram": _histogram(sampled, kept),
    }


def _consistency(
    sampled: Sequence[SampledQuestion], settings: SelectSettings, seed: int
) -> dict[str, Any]:
    """Return the mean self-consistency, the accuracy of the majority, and how one ranks the other."""
    names = {"consistency": "mean_confidence", "majority_accuracy": "accuracy", "auroc": "auroc"}
    known = [item for item in sampled if item.consistency is not None]
    if not known:
        nothing = figure_entry(None, Interval(None, None, 0), _NOTHING_GRADED)
        return dict.fromkeys(names, nothing)
    measured = measure_sample(
        np.array([item.consistency for item in known], np.float64),
        np.array([item.majority_right for item in known], np.float64),
        [item.question.group or item.question.question_id for item in known],
        policy="drop",
        bins=DIFFICULTY_BINS,
        replicates=settings.replicates,
        level=settings.level,
        seed=seed,
    )["measures"]
    return {name: measured[measure] for name, measure in names.items()}


def _histogram(
    sampled: Sequence[SampledQuestion], kept: Sequence[SampledQuestion]
) -> list[dict[str, float | int]]:
    counts = [
        Counter(difficulty_bin(item.difficulty) for item in items if item.difficulty is not None)
        for items in (sampled, kept)
    ]
    return [
        {
            "low": number / DIFFICULTY_BINS,
            "high": (number + 1) / DIFFICULTY_BINS,
            "sampled": counts[0][number],
            "kept": counts[1][number],
        }
        for number in range(DIFFICULTY_BINS)
    ]
