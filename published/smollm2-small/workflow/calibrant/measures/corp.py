"""CORP decomposition of the Brier score: Brier = miscalibration - discrimination + uncertainty.

The confidences are recalibrated by isotonic regression (pool adjacent violators), the best
non-decreasing map in hindsight, so there are no bins to choose (Dimitriadis, Gneiting and Jordan
2021, "Stable reliability diagrams for probabilistic classifiers", PNAS). Answers of equal
confidence are pooled first. The identity is exact, whatever the sample.
"""

import numpy as np

from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import WeightedSample, ratio


def miscalibration(weighted: WeightedSample) -> FloatArray:
    """Brier score less that of the recalibrated confidences (MCB).

    Shape (r,), in [0, 1], 0 best; NaN without answers. Never negative, up to rounding: doing
    nothing is one of the maps chosen from. Trap: the map is fitted on the same answers, so a
    calibrated predictor is above 0 on a finite sample, the more so the more distinct confidences.
    """
    recalibrated = isotonic_accuracy(weighted)
    # Loss of a group at c less that at p: t (c^2 - p^2) - 2 k (c - p), with k right of t.
    moved = weighted.confidence - recalibrated
    total, right = weighted.total, weighted.right
    gain = moved * (total * (weighted.confidence + recalibrated) - 2 * right)
    return ratio(gain.sum(axis=1), weighted.n)


def discrimination(weighted: WeightedSample) -> FloatArray:
    """Brier score of the accuracy as a constant less that of the recalibrated confidences (DSC).

    Shape (r,), in [0, 1/4], and at most ``uncertainty``; more is better; NaN without answers. 0 for
    a constant confidence, or one that falls as accuracy rises. Trap: optimistic in sample, as
    ``miscalibration``; distinct confidences on few answers rank something by chance.
    """
    base = ratio(weighted.n_right, weighted.n)
    spread = (isotonic_accuracy(weighted) - base[:, None]) ** 2
    return ratio((weighted.total * spread).sum(axis=1), weighted.n)


def uncertainty(weighted: WeightedSample) -> FloatArray:
    """Accuracy times one minus accuracy (UNC): the Brier score of the best constant in hindsight.

    Shape (r,), in [0, 1/4]; NaN without answers. It is a property of the answers and not of the
    confidences. Trap: Brier scores of systems with different accuracy differ by it alone.
    """
    base = ratio(weighted.n_right, weighted.n)
    return base * (1 - base)


def isotonic_accuracy(weighted: WeightedSample) -> FloatArray:
    """Recalibrate: the non-decreasing accuracies that minimise the Brier score.

    Returns:
        One value per distinct confidence, shape (r, m), in [0, 1]. A confidence without weight in a
        row gets the value of its neighbour below (0 at the start), which no mean looks at.
    """
    fitted = np.zeros_like(weighted.total)
    for row, (total, right) in enumerate(zip(weighted.total, weighted.right, strict=True)):
        fitted[row] = _pool_adjacent_violators(total.tolist(), right.tolist())
    return fitted


def _pool_adjacent_violators(total: list[float], right: list[float]) -> FloatArray:
    # Blocks, from low to high, as their total, right and number of groups. Counts are whole
    # numbers, so comparing by cross-multiplication is exact.
    totals, rights, lengths = [0.0], [0.0], [0]
    for t, k in zip(total, right, strict=True):
        length = 1
        if t == 0:
            lengths[-1] += 1
            continue
        while totals[-1] > 0 and rights[-1] * t >= k * totals[-1]:
            t += totals.pop()  # noqa: PLW2901 (the block grows downwards)
            k += rights.pop()  # noqa: PLW2901
            length += lengths.pop()
        totals.append(t)
        rights.append(k)
        lengths.append(length)
    level = np.divide(rights, totals, out=np.zeros(len(totals)), where=np.array(totals) > 0)
    return np.repeat(level, lengths)
