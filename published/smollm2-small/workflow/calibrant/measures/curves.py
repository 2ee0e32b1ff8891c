"""The curves behind the figures: reliability, histogram of confidences, risk against coverage."""

from typing import Any

import numpy as np

from calibrant.measures.calibration import DEFAULT_BINS, bin_edges, equal_width_bins
from calibrant.measures.sample import IntArray, ScoredSample
from calibrant.measures.weighting import tie_groups, unweighted
from calibrant.measures.wilson import effective_rows, wilson_interval

HISTOGRAM_BINS = 20
RISK_COVERAGE_POINTS = 200


def reliability(
    sample: ScoredSample, *, bins: int = DEFAULT_BINS, level: float
) -> list[dict[str, Any]]:
    """Return the bins of a reliability diagram, the same that ``calibration.ece`` uses.

    Returns:
        One entry per bin, empty ones included: low, high (edges), n, confidence (mean), accuracy,
        accuracy_low and accuracy_high (Wilson's interval at ``level``, as if the answers to one
        question were all alike); the last four are None where n is 0.
    """
    edges = bin_edges(bins)
    codes = equal_width_bins(sample.confidence, bins)
    return [
        {
            "low": float(edges[number]),
            "high": float(edges[number + 1]),
            **_bin_figures(sample, np.flatnonzero(codes == number), level),
        }
        for number in range(bins)
    ]


def _bin_figures(sample: ScoredSample, rows: IntArray, level: float) -> dict[str, Any]:
    if len(rows) == 0:
        empty = dict.fromkeys(("confidence", "accuracy", "accuracy_low", "accuracy_high"))
        return {"n": 0, **empty}
    share = float(sample.correct[rows].mean())
    worth = float(effective_rows(sample.cluster[rows])[-1])
    low, high = wilson_interval(share * worth, worth, level)
    return {
        "n": len(rows),
        "confidence": float(sample.confidence[rows].mean()),
        "accuracy": share,
        "accuracy_low": low,
        "accuracy_high": high,
    }


def histogram(sample: ScoredSample, *, bins: int = HISTOGRAM_BINS) -> list[dict[str, Any]]:
    """Return counts of confidences in equal-width bins: low, high, n and right (of those).

    Bins are left-closed, the last closed at 1. Their edges are the fractions k / bins and not
    ``linspace``, so that a stated 0.6 is counted in the bar that starts at 0.6.
    """
    edges = np.arange(bins + 1) / bins
    codes = np.searchsorted(edges[1:-1], sample.confidence, side="right")
    counts = np.bincount(codes, minlength=bins)
    right = np.bincount(codes, weights=sample.correct, minlength=bins)
    return [
        {
            "low": float(edges[number]),
            "high": float(edges[number + 1]),
            "n": int(counts[number]),
            "right": int(right[number]),
        }
        for number in range(bins)
    ]


def risk_coverage(
    sample: ScoredSample, *, level: float, points: int = RISK_COVERAGE_POINTS
) -> list[dict[str, float]]:
    """Return the risk of answering only at or above a threshold, from strict to lax.

    Answers of one confidence enter together, so a threshold stands for one point. With more than
    ``points`` distinct confidences, the points nearest to even steps of coverage are kept; the
    last, which answers everything, always is.

    Returns:
        coverage (share answered), threshold (answer at this confidence or above), risk (share
        wrong among them), risk_low and risk_high (Wilson's interval at ``level``, as in
        ``reliability``). Empty for an empty sample.
    """
    groups = tie_groups(sample)
    n = len(sample)
    weighted = unweighted(groups)
    answered = (n - weighted.running_total[0, :-1])[::-1]
    wrong = (weighted.total - weighted.right)[0][::-1].cumsum()
    worth = effective_rows(groups.cluster[::-1])
    thresholds = groups.confidence[::-1]
    curve = []
    for index in _kept_points(answered, n, points):
        independent = float(worth[int(answered[index]) - 1])
        risk = float(wrong[index] / answered[index])
        low, high = wilson_interval(risk * independent, independent, level)
        curve.append(
            {
                "coverage": float(answered[index] / n),
                "threshold": float(thresholds[index]),
                "risk": risk,
                "risk_low": low,
                "risk_high": high,
            }
        )
    return curve


def _kept_points(answered: np.ndarray, n: int, points: int) -> IntArray:
    if len(answered) <= points:
        return np.arange(len(answered))
    targets = n * np.arange(1, points + 1) / points
    return np.unique(np.searchsorted(answered, targets, side="left"))
