"""How far stated confidences are from probabilities that are known by construction.

The outcome of a single answer is a toss; where its probability is known, the toss can be left out.
All measures here are means under weights, so they are those of ``scores`` on other samples: with
the true probability in place of the outcome, the gap is the bias and the accuracy is the expected
accuracy; with the distance in place of the confidence, its mean is the mean distance.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from calibrant.measures.bootstrap import (
    Interval,
    Panel,
    bootstrap_values,
    percentile_interval,
    point_estimates,
)
from calibrant.measures.figure_entry import FROM_ONE_QUESTION, MOST_LEFT_OUT, figure_entry
from calibrant.measures.replicates import DEFAULT_EXECUTION, Execution
from calibrant.measures.sample import FloatArray, ScoredSample
from calibrant.measures.scores import accuracy, gap, mean_confidence
from calibrant.measures.weighting import Measure, tie_groups

NEAR_07 = (0.65, 0.75)
"""True probabilities that count as near 0.7, both ends included."""
FEWEST_NEAR = 20
TRUTH_BINS = 10
# 9 / 12 and 1 - 0.25 are one probability, whatever their last bit.
_DIGITS = 9


@dataclass(frozen=True, slots=True, eq=False)
class KnownTruth:
    """Answers whose probability of being right is known.

    Attributes:
        everyone: All graded answers; ``correct`` holds the true probability, in [0, 1].
        stated: Those with a confidence; ``correct`` holds the true probability. Its cluster codes
            are those of ``everyone``.
    """

    everyone: ScoredSample
    stated: ScoredSample


def truth_samples(truth: KnownTruth) -> dict[str, tuple[ScoredSample, Measure]]:
    """Return what every measure is taken on, and how.

    ``expected_accuracy`` is the mean true probability of all graded answers, in [0, 1];
    ``truth_distance`` the mean of |stated - true|, in [0, 1]; ``truth_bias`` the mean of stated -
    true, in [-1, 1], above 0 over-confident; ``truth_bias_near_07`` that of the answers whose true
    probability is in [0.65, 0.75].
    """
    stated = truth.stated
    distance = replace(stated, confidence=np.abs(stated.confidence - stated.correct))
    return {
        "expected_accuracy": (truth.everyone, accuracy),
        "truth_distance": (distance, mean_confidence),
        "truth_bias": (stated, gap),
        "truth_bias_near_07": (_near_07(stated), gap),
    }


def truth_figures(
    truth: KnownTruth,
    *,
    replicates: int,
    level: float,
    seed: int,
    execution: Execution = DEFAULT_EXECUTION,
) -> dict[str, Any]:
    """Return the measures of ``truth_samples`` with percentile intervals.

    Args:
        truth: At least one graded answer.
        replicates: Bootstrap replicates; with the seed of other measures, the same draws.
        level: Level of the intervals, in (0, 1).
        seed: Seed of the bootstrap.
        execution: Threads and progress; changes no figure.

    Returns:
        By name: value, low, high, left_out, undefined (as ``summary.measure_sample``).
    """
    samples = truth_samples(truth)
    panels = [Panel(tie_groups(sample), {name: take}) for name, (sample, take) in samples.items()]
    values = point_estimates(panels)
    if len(samples["truth_bias_near_07"][0]) < FEWEST_NEAR:
        values["truth_bias_near_07"] = None
    questions = len(np.unique(truth.everyone.cluster))
    replicated: dict[str, FloatArray] = {}
    if questions > 1:
        replicated = bootstrap_values(
            panels, questions, replicates=replicates, seed=seed, execution=execution
        )
    return {
        name: _entry(name, values[name], sample, replicated.get(name), level)
        for name, (sample, _) in samples.items()
    }


def stated_against_true(stated: ScoredSample, bins: int = TRUTH_BINS) -> list[dict[str, Any]]:
    """Return mean true and mean stated probability in equal-width bins of the true probability.

    Args:
        stated: Answers with a confidence; ``correct`` holds the true probability.
        bins: Number of bins.

    Returns:
        One entry per bin, empty ones included: low, high (edges k / bins; left-closed, the last
        closed at 1), n, true and stated (means, None where n is 0).
    """
    edges = np.arange(bins + 1) / bins
    codes = np.searchsorted(edges[1:-1], np.round(stated.correct, _DIGITS), side="right")
    curve = []
    for number in range(bins):
        rows = np.flatnonzero(codes == number)
        means = {
            "true": float(stated.correct[rows].mean()) if len(rows) else None,
            "stated": float(stated.confidence[rows].mean()) if len(rows) else None,
        }
        ends = {"low": float(edges[number]), "high": float(edges[number + 1])}
        curve.append({**ends, "n": len(rows), **means})
    return curve


def _near_07(stated: ScoredSample) -> ScoredSample:
    true = np.round(stated.correct, _DIGITS)
    rows = np.flatnonzero((true >= NEAR_07[0]) & (true <= NEAR_07[1]))
    return ScoredSample(stated.confidence[rows], stated.correct[rows], stated.cluster[rows])


def _entry(
    name: str, value: float | None, sample: ScoredSample, values: FloatArray | None, level: float
) -> dict[str, Any]:
    if value is None:
        return figure_entry(None, Interval(None, None, 0), _why_undefined(name, sample))
    if values is None or len(np.unique(sample.cluster)) < 2:
        return figure_entry(value, Interval(None, None, 0), FROM_ONE_QUESTION)
    interval = percentile_interval(values, level)
    if interval.left_out > MOST_LEFT_OUT * len(values):
        nothing = Interval(None, None, interval.left_out)
        return figure_entry(value, nothing, "no interval: too few questions")
    return figure_entry(value, interval, None)


def _why_undefined(name: str, sample: ScoredSample) -> str:
    if name == "truth_bias_near_07" and len(sample):
        low, high = NEAR_07
        return f"fewer than {FEWEST_NEAR} answers with a true probability from {low} to {high}"
    return "no graded answer with a confidence"
