"""Kappa, AC1, sensitivity and the others, from tables of verdicts, with their intervals.

Answers to one question are alike, so the bootstrap draws whole questions. A replicate is a row of
counts per question, and its table is the product of these counts and the tables of the questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calibrant.measures.bootstrap import draw_clusters, percentile_interval
from calibrant.measures.figure_entry import MOST_LEFT_OUT
from calibrant.measures.replicates import DEFAULT_EXECUTION, run_replicates
from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import ratio
from calibrant.measures.wilson import wilson_interval

FIGURES = (
    "accuracy",
    "kappa",
    "ac1",
    "sensitivity",
    "specificity",
    "balanced_accuracy",
    "prevalence",
)
_NO_SPREAD = 1e-12
_Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Resampling:
    """The bootstrap: its seed, the number of replicates, and the level of the intervals in 0..1."""

    seed: int
    replicates: int = 1000
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; None stands where there is none, and ``reason`` says why.

    Attributes:
        value: The figure.
        low: Lower end of the interval.
        high: Upper end.
        worth: Number of independent answers that a share rests on; None for other figures.
        reason: Empty, or why something is missing.
    """

    value: float | None
    low: float | None
    high: float | None
    worth: float | None = None
    reason: str = ""


def figures(tables: FloatArray) -> dict[str, FloatArray]:
    """Return every figure of r tables of verdicts, and the agreement expected by chance.

    kappa = (accuracy - e) / (1 - e) with e = p q + (1 - p)(1 - q) for shares p and q that people
    and the judge call right (Cohen 1960); AC1 the same with e = 2 m (1 - m), m = (p + q) / 2 (Gwet
    2008), which does not collapse where nearly all answers are right.

    Args:
        tables: Columns as of ``PairedVerdicts.tables``, shape (r, 4), not all 0 in any row.

    Returns:
        Values of shape (r,) by name, NaN where undefined: a sensitivity where no answer is right, a
        specificity where none is wrong, and balanced accuracy and kappa where either is undefined.
    """
    tp, fp, fn, tn = tables.T
    total, right, said_right = tables.sum(axis=1), tp + fn, tp + fp
    accuracy, p, q = (tp + tn) / total, right / total, said_right / total
    kappa_chance = p * q + (1 - p) * (1 - q)
    ac1_chance = (p + q) * (1 - (p + q) / 2)
    sensitivity, specificity = ratio(tp, right), ratio(tn, fp + tn)
    kappa = ratio(accuracy - kappa_chance, 1 - kappa_chance)
    return {
        "accuracy": accuracy,
        "kappa": np.where(np.isnan(sensitivity + specificity), np.nan, kappa),
        "ac1": (accuracy - ac1_chance) / (1 - ac1_chance),
        "sensitivity": sensitivity,
        "specificity": specificity,
        "balanced_accuracy": (sensitivity + specificity) / 2,
        "prevalence": p,
        "kappa_chance": kappa_chance,
        "ac1_chance": ac1_chance,
    }


def estimates(
    tables: FloatArray, sizes: Mapping[str, int], settings: Resampling
) -> dict[str, Estimate]:
    """Return all ``FIGURES`` with intervals: percentiles of the bootstrap by question.

    Replicates that all agree are no certainty. A share then gets Wilson's interval for the number
    of answers it is worth; balanced accuracy the one that follows from its two shares (Zou and
    Donner 2008), kappa and AC1 that of accuracy with chance held fixed; else there is none.

    Args:
        tables: Table of every question, shape (k, 4).
        sizes: Number of answers that each share is taken of, by its name.
        settings: The bootstrap.
    """
    values = {name: float(x[0]) for name, x in figures(tables.sum(axis=0, keepdims=True)).items()}
    replicated = _replicate(tables, settings)
    ends = {name: _bootstrap_ends(replicated[name], settings) for name in FIGURES}
    worth = {
        name: effective_number(*_hits(tables, name), most=size) for name, size in sizes.items()
    }
    resting = {name for name in worth if ends[name] is None and worth[name]}
    for name in resting:
        ends[name] = wilson_interval(values[name] * worth[name], worth[name], settings.level)
    if ends["balanced_accuracy"] is None or resting & {"sensitivity", "specificity"}:
        ends["balanced_accuracy"] = _mean_ends(values, ends)
    for name in ("kappa", "ac1"):
        accuracy, chance = ends["accuracy"], values[f"{name}_chance"]
        if ends[name] is None and "accuracy" in resting and accuracy and chance < 1:
            low, high = ((end - chance) / (1 - chance) for end in accuracy)
            ends[name] = low, high
    return {name: _estimate(values[name], ends[name], worth.get(name)) for name in FIGURES}


def effective_number(hits: FloatArray, of: FloatArray, *, most: int) -> float:
    """Return how many independent answers a share of clustered answers is worth.

    share (1 - share) / v with the linearised variance v of a ratio of cluster totals (Cochran 1977,
    section 2.11). Where no spread shows it is (sum of)^2 / sum of^2, as if a question's answers
    were all alike (Kish 1965).

    Args:
        hits: Weight of the hits per cluster, shape (k,).
        of: Weight that could have been hits, shape (k,).
        most: The number of rows, which the result never exceeds.

    Returns:
        The number, 0 where there is nothing to hit.
    """
    hits, of = hits[of > 0], of[of > 0]
    k = len(of)
    if k == 0:
        return 0.0
    share = hits.sum() / of.sum()
    spread = share * (1 - share)
    variance = k / max(k - 1, 1) * ((hits - share * of) ** 2).sum() / of.sum() ** 2
    if k > 1 and spread > _NO_SPREAD and variance > _NO_SPREAD:
        return float(min(most, spread / variance))
    return float(min(most, of.sum() ** 2 / (of**2).sum()))


def _replicate(tables: FloatArray, settings: Resampling) -> dict[str, FloatArray]:
    k = len(tables)

    def work(chunk: range) -> dict[str, FloatArray]:
        counts = np.stack([draw_clusters(k, settings.seed, number) for number in chunk])
        # Products of counts are exact in float64 whatever the order in which BLAS adds them.
        return figures(counts @ tables)

    return run_replicates(
        work, settings.replicates, stage="agreement", row_size=k, execution=DEFAULT_EXECUTION
    )


def _bootstrap_ends(values: FloatArray, settings: Resampling) -> _Ends | None:
    found = percentile_interval(values, settings.level)
    if found.low is None or found.high is None:
        return None
    if found.left_out > MOST_LEFT_OUT * len(values) or found.high - found.low < _NO_SPREAD:
        return None
    return found.low, found.high


def _hits(tables: FloatArray, share: str) -> tuple[FloatArray, FloatArray]:
    tp, fp, fn, tn = tables.T
    total = tables.sum(axis=1)
    return {
        "accuracy": (tp + tn, total),
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, fp + tn),
        "prevalence": (tp + fn, total),
    }[share]


def _mean_ends(values: Mapping[str, float], ends: Mapping[str, _Ends | None]) -> _Ends | None:
    """Return the interval of a mean of two independent shares (Zou and Donner 2008)."""
    first, second = ends["sensitivity"], ends["specificity"]
    if first is None or second is None:
        return None
    reach = [
        np.hypot(values["sensitivity"] - first[side], values["specificity"] - second[side]) / 2
        for side in (0, 1)
    ]
    middle = values["balanced_accuracy"]
    return float(middle - reach[0]), float(middle + reach[1])


def _estimate(value: float, ends: _Ends | None, worth: float | None) -> Estimate:
    if np.isnan(value):
        reason = "people call every answer right, or every answer wrong"
        return Estimate(None, None, None, reason=reason)
    if ends is None:
        reason = "no interval: the replicates show no spread, or too few are defined"
        return Estimate(value, None, None, worth, reason)
    return Estimate(value, *ends, worth)
