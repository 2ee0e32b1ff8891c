"""Stage ``faithfulness``: do stated confidences match how surely the model holds to its answers?"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.grading.same_answer import group_answers
from calibrant.measures.attainable_faithfulness import attainable_faithfulness
from calibrant.measures.faithfulness_figures import faithfulness_figures
from calibrant.measures.sample import FloatArray
from calibrant.rows import Prediction, Question
from calibrant.stage_settings.measure import FaithfulnessSettings
from calibrant.training.intrinsic_confidence import leave_one_out_shares, smoothed_shares

SCHEMA = "calibrant-faithfulness/1"


def measure_faithfulness(
    predictions: Sequence[Prediction],
    questions: Mapping[str, Question],
    settings: FaithfulnessSettings,
    seed: int,
) -> dict[str, Any]:
    """Return MFG, cMFG and cMFG* of answers that were each given several times.

    Every answer is compared with the other answers of the same model to the same question. The mean
    answer is no better known for being scored as many times as there are answers: the bootstrap draws
    whole questions.

    Args:
        predictions: All rows of one method, seed and dataset, several answers to each question.
        questions: The questions by their identifier.
        settings: Replicates and level.
        seed: Seed of the bootstrap.

    Returns:
        ``figures`` as ``faithfulness_figures`` gives them, the published forms beside the mended
        ones; ``attainable``, what they would be if every confidence were exact, since a share of few
        answers is noisy (``attainable_faithfulness``); ``samples``, the fewest and the most answers
        to a question; ``check``, cMFG* and MFG with a second estimate of the intrinsic confidence.

    Raises:
        CalibrantError: If no question has two answers, or a question is not there.
    """
    by_question: dict[str, list[Prediction]] = {}
    for row in predictions:
        by_question.setdefault(row.question_id, []).append(row)
    counts = [len(rows) for rows in by_question.values()]
    first = predictions[0]
    if max(counts) < 2:
        raise CalibrantError(
            "there is one answer to a question, and nothing to compare it with",
            where=f"{first.method}/{first.dataset}",
            repair="Measure faithfulness of a method of `kind: sampled`",
        )
    plain, smoothed, stated, labels, answered = [], [], [], [], []
    for name, rows in by_question.items():
        if name not in questions:
            raise CalibrantError(
                f"answers the question {name}, which is not in {first.dataset}",
                where=f"{first.method}/{first.dataset}",
                repair="Delete the predictions and run again",
            )
        groups = group_answers(
            [row.answer for row in rows], [row.correct for row in rows], questions[name]
        )
        answered.append(groups)
        plain += leave_one_out_shares(groups)
        smoothed += smoothed_shares(groups)
        stated += [row.confidence for row in rows]
        labels += [name] * len(rows)
    measured = partial(
        faithfulness_figures,
        _or_nan(stated),
        question=labels,
        replicates=settings.replicates,
        level=settings.level,
        seed=seed,
    )
    figures = measured(_or_nan(plain), published=True)
    check = measured(_or_nan(smoothed))
    known = _or_nan(plain)
    return {
        "schema": SCHEMA,
        "method": first.method,
        "seed": first.seed,
        "dataset": first.dataset,
        "samples": {"fewest": min(counts), "most": max(counts)},
        "figures": figures,
        "attainable": attainable_faithfulness(answered, level=settings.level, seed=seed),
        "check": {name: check[name] for name in ("mfg", "cmfg_star")},
        "intrinsic_mean": None if np.isnan(known).all() else float(np.nanmean(known)),
        "settings": {**settings.model_dump(), "seed": seed},
    }


def _or_nan(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
