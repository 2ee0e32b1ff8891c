"""What every measure is printed beside: counts, the best constant, and the noise floor of ECE."""

from functools import partial
from typing import Any

import numpy as np

from calibrant.measures.bootstrap import Panel, point_estimates
from calibrant.measures.calibration import ece, ece_equal_mass
from calibrant.measures.ranking import aurc
from calibrant.measures.replicates import (
    DEFAULT_EXECUTION,
    NOISE_FLOOR_STREAM,
    Execution,
    replicate_generator,
    run_replicates,
)
from calibrant.measures.sample import FloatArray, IntArray, ScoredSample
from calibrant.measures.scores import brier, log_loss
from calibrant.measures.weighting import tie_groups, unweighted, with_outcomes

NOISE_FLOOR_SIMULATIONS = 1000
CONSTANT_MEASURES = (
    "mean_confidence",
    "gap",
    "brier",
    "log_loss",
    "ece",
    "ece_equal_mass",
    "auroc",
    "aurc",
)


def count_rows(
    confidence: FloatArray, correct: FloatArray, cluster: IntArray, used: int
) -> dict[str, Any]:
    """Count what went into the measures and what did not.

    Args:
        confidence: As stated, NaN where missing, shape (n,).
        correct: 0 or 1, NaN where ungraded, shape (n,).
        cluster: Question codes, shape (n,).
        used: Answers that the measures of confidence are taken on, after the policy.

    Returns:
        rows, graded, ungraded, n (= used), questions (among the graded), missing (graded answers
        without a confidence), missing_share (of the graded, None without any), and of the stated
        confidences of graded answers: distinct_confidences, mode_confidence (the smallest of the
        commonest) and mode_share, which near 1 means that the model says the same every time.
    """
    graded = ~np.isnan(correct)
    stated = confidence[graded & ~np.isnan(confidence)]
    n_graded = int(graded.sum())
    missing = n_graded - len(stated)
    values, frequency = np.unique(stated, return_counts=True)
    mode = int(frequency.argmax()) if len(stated) else None
    return {
        "rows": len(correct),
        "graded": n_graded,
        "ungraded": len(correct) - n_graded,
        "n": used,
        "questions": len(np.unique(cluster[graded])),
        "missing": missing,
        "missing_share": missing / n_graded if n_graded else None,
        "distinct_confidences": len(values),
        "mode_confidence": None if mode is None else float(values[mode]),
        "mode_share": None if mode is None else float(frequency[mode] / len(stated)),
    }


def constant_baseline(sample: ScoredSample) -> dict[str, float | None]:
    """Return the measures of the best constant confidence in hindsight: the accuracy itself.

    It needs the labels, so no system can use it; a system that does no better than it has learnt
    nothing about single questions. Its ECE is 0 by construction, which is why ECE alone proves
    nothing.

    Returns:
        ``CONSTANT_MEASURES`` by name; mean_confidence is the constant, auroc is 0.5. All are None
        for an empty sample, and auroc is where all answers are right or all are wrong.
    """
    if len(sample) == 0:
        return dict.fromkeys(CONSTANT_MEASURES)
    best = float(sample.correct.mean())
    constant = ScoredSample(np.full(len(sample), best), sample.correct, sample.cluster)
    scores = {"brier": brier, "log_loss": log_loss, "aurc": aurc}
    measured = point_estimates([Panel(tie_groups(constant), scores)])
    both_classes = 0 < best < 1
    return {
        "mean_confidence": best,
        **measured,
        "ece": 0.0,
        "ece_equal_mass": 0.0,
        "gap": 0.0,
        "auroc": 0.5 if both_classes else None,
    }


def noise_floor(
    sample: ScoredSample,
    bins: int,
    *,
    seed: int,
    simulations: int = NOISE_FLOOR_SIMULATIONS,
    execution: Execution = DEFAULT_EXECUTION,
) -> dict[str, Any]:
    """Simulate the ECE that perfect calibration would show with these confidences.

    Every answer is right with exactly its stated probability, again and again, and independently of
    the answers to other questions. Answers to the same question share one draw, as if they were all
    alike, so the floor is not too low for them. An ECE below the 95th percentile is by itself no
    evidence of miscalibration.

    Args:
        sample: The answers; only their confidences are used.
        bins: Bins of ECE.
        seed: Seed of the simulated outcomes.
        simulations: Number of simulated sets of outcomes.
        execution: Threads and progress; changes no result.

    Returns:
        simulations, and for ece and ece_equal_mass the mean and the p95 (95th percentile); both
        None for an empty sample.
    """
    measures = {
        "ece": partial(ece, bins=bins),
        "ece_equal_mass": partial(ece_equal_mass, bins=bins),
    }
    empty = {name: {"mean": None, "p95": None} for name in measures}
    if len(sample) == 0:
        return {"simulations": simulations, **empty}
    groups = tie_groups(sample)
    as_stated = unweighted(groups)
    probability = sample.confidence[groups.order]
    labels, codes = np.unique(sample.cluster, return_inverse=True)
    questions, question = len(labels), codes[groups.order]

    def work(chunk: range) -> dict[str, FloatArray]:
        uniform = np.stack(
            [
                replicate_generator(seed, NOISE_FLOOR_STREAM, number).random(questions)[question]
                for number in chunk
            ]
        )
        outcomes = (uniform < probability).astype(np.float64)
        weighted = with_outcomes(as_stated, groups, outcomes)
        return {name: measure(weighted) for name, measure in measures.items()}

    values = run_replicates(
        work,
        simulations,
        stage="noise floor",
        row_size=len(probability),
        execution=execution,
    )
    floors = {
        name: {"mean": float(np.mean(value)), "p95": float(np.quantile(value, 0.95))}
        for name, value in values.items()
    }
    return {"simulations": simulations, **floors}
