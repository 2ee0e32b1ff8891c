"""Logistic regression whose coefficients keep a given sign, by projected Newton steps."""

from collections.abc import Callable

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.measures.sample import FloatArray, IntArray

_TOLERANCE = 1e-8
_MOST_STEPS = 200
_MOST_HALVINGS = 50


def sigmoid(log_odds: FloatArray) -> FloatArray:
    """Return the probabilities of log-odds, without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0, -log_odds)))


def fit_signed_logistic(
    columns: FloatArray, labels: FloatArray, signs: IntArray, penalty: float
) -> tuple[FloatArray, float]:
    """Return the coefficients, shape (d,), and the intercept that minimise the penalised loss.

    The loss is the sum of the log losses plus ``penalty / 2`` times the sum of squared
    coefficients; the intercept is free. It is convex, and so are the sign limits: there is one
    minimum (projected Newton, Bertsekas 1982).

    Args:
        columns: Features, standardised, shape (n, d).
        labels: 1 and 0, both present, shape (n,).
        signs: Per feature 1 for a coefficient of at least 0, -1 for at most 0, 0 for any.
        penalty: Above 0.

    Raises:
        CalibrantError: If all labels are the same, or the steps do not converge.
    """
    if labels.min() == labels.max():
        raise CalibrantError(
            "all verdicts are the same, so nothing can be learned from them", where="human"
        )
    n, d = columns.shape
    design = np.hstack([columns, np.ones((n, 1))])
    ridge = np.append(np.full(d, penalty), 0.0)
    limits = np.append(signs, 0)
    weights = np.zeros(d + 1)

    def loss(at: FloatArray) -> float:
        log_odds = design @ at
        terms = np.logaddexp(0, log_odds) - labels * log_odds
        return float(terms.sum() + (ridge * at * at).sum() / 2)

    for _ in range(_MOST_STEPS):
        chance = sigmoid(design @ weights)
        slope = design.T @ (chance - labels) + ridge * weights
        # A coefficient on its limit stays there while the loss falls only beyond it.
        free = ~((limits != 0) & (weights == 0) & (limits * slope >= 0))
        if np.max(np.abs(slope[free]), initial=0.0) < _TOLERANCE * n:
            return weights[:-1], float(weights[-1])
        part = design[:, free]
        curve = (part * (chance * (1 - chance))[:, None]).T @ part + np.diag(ridge[free])
        step = np.zeros(d + 1)
        step[free] = np.linalg.solve(curve + 1e-12 * np.eye(len(curve)), slope[free])
        weights = _walk(loss, limits, weights, slope, step)
    raise CalibrantError(
        f"the fit of {d} coefficients does not converge in {_MOST_STEPS} steps",
        where="panel",
        repair="Raise the penalty",
    )


def _walk(
    loss: Callable[[FloatArray], float],
    limits: IntArray,
    start: FloatArray,
    slope: FloatArray,
    step: FloatArray,
) -> FloatArray:
    """Return the first point down the step, halved while needed, that lowers the loss enough."""
    before = loss(start)
    # Near the minimum a true descent is smaller than the rounding of the loss.
    slack = 1e-13 * abs(before)
    length = 1.0
    point = start
    for _ in range(_MOST_HALVINGS):
        point = start - length * step
        point = np.where(limits * point < 0, 0.0, point)
        if loss(point) <= before - 1e-4 * float(slope @ (start - point)) + slack:
            break
        length /= 2
    return point
