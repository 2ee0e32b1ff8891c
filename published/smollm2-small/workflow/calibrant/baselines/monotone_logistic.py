"""Logistic regression without a penalty whose slopes are never negative, on counts.

A calibrator never turns the order of confidences around: where right answers are the less sure
ones, the slope is 0 and all answers get the accuracy.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from calibrant.errors import CalibrantError
from calibrant.judging.signed_logistic import sigmoid
from calibrant.measures.sample import FloatArray

_TOLERANCE = 1e-9
_MOST_STEPS = 100
_MOST_HALVINGS = 60


def fit_monotone_logistic(
    columns: FloatArray, total: FloatArray, right: FloatArray, *, shift: bool
) -> tuple[FloatArray, float]:
    """Return the slopes, shape (d,), each at least 0, and the shift that minimise the log loss.

    The loss is convex, so its minimum under the limits is a minimum without limits over some of
    the columns: the best of these with no negative slope. There are ``2**d`` choices; d is 1 or 2.
    The minimum must exist (see ``smoothed_counts``).

    Args:
        columns: Features that rise with the confidence, none the same for all, shape (m, d).
        total: Answers at each of m confidences, shape (m,), above 0.
        right: How many are right, whole or smoothed, shape (m,).
        shift: False keeps the shift at 0.

    Raises:
        CalibrantError: If the steps do not converge.
    """
    # Standardised, so that the tolerance means the same for any spread of confidences.
    centre = np.average(columns, axis=0, weights=total) if shift else np.zeros(columns.shape[1])
    spread = np.sqrt(np.average((columns - centre) ** 2, axis=0, weights=total))
    design = np.hstack([(columns - centre) / spread, np.ones((len(total), int(shift)))])
    slopes_of = columns.shape[1]
    fits = [
        _fit_some(design, total, right, np.array([*kept, *(True,) * shift]), slopes_of)
        for kept in product((True, False), repeat=slopes_of)
    ]
    weights, _, converged = min(fits, key=lambda fit: fit[1])
    if not converged:
        raise CalibrantError(
            f"the fit does not converge in {_MOST_STEPS} steps",
            where="calibrator",
            repair="Use the calibrator isotonic",
        )
    slopes = weights[:slopes_of] / spread
    return slopes, float(weights[slopes_of:].sum() - slopes @ centre)


def smoothed_counts(total: FloatArray, right: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return counts whose fit always exists: Platt's targets in place of 1 and 0.

    A right answer counts as ``(n+ + 1) / (n+ + 2)`` right, a wrong one as ``1 / (n- + 2)``, with n+
    right and n- wrong answers (Platt 1999, "Probabilistic outputs for support vector machines").
    They keep every log-odds finite where right and wrong answers are separated.
    """
    n_right, n_wrong = right.sum(), (total - right).sum()
    if_right, if_wrong = (n_right + 1) / (n_right + 2), 1 / (n_wrong + 2)
    return total, right * if_right + (total - right) * if_wrong


def separated(feature: FloatArray, total: FloatArray, right: FloatArray) -> bool:
    """Return whether no answer that is wrong has a larger feature than one that is right.

    Then steeper is always better and the fit does not exist; so it is where all are right or all
    are wrong. Only with one feature value for all, right and wrong, does it exist all the same.

    Args:
        feature: A number per confidence, ascending, shape (m,).
        total: Answers at each, above 0.
        right: How many of these are right.
    """
    with_right, with_wrong = feature[right > 0], feature[right < total]
    if not len(with_right) or not len(with_wrong):
        return True
    return bool(with_wrong.max() <= with_right.min() and feature.min() < feature.max())


def _fit_some(
    design: FloatArray, total: FloatArray, right: FloatArray, kept: NDArray[np.bool_], slopes: int
) -> tuple[FloatArray, float, bool]:
    """Return weights, loss and convergence of a fit on some columns; infinite if a slope falls."""
    weights = np.zeros(len(kept))
    weights[kept], loss, converged = _newton(design[:, kept], total, right)
    return weights, loss if np.all(weights[:slopes] >= 0) else np.inf, converged


def _newton(
    design: FloatArray, total: FloatArray, right: FloatArray
) -> tuple[FloatArray, float, bool]:
    """Return weights, loss and convergence of Newton steps, each halved until the loss falls."""
    weights = np.zeros(design.shape[1])
    loss = _loss(design @ weights, total, right)
    for _ in range(_MOST_STEPS):
        chance = sigmoid(design @ weights)
        slope = design.T @ (total * chance - right)
        if np.max(np.abs(slope), initial=0.0) < _TOLERANCE * total.sum():
            return weights, loss, True
        curve = (design * (total * chance * (1 - chance))[:, None]).T @ design
        # Least squares: nearly equal columns leave a direction that the answers say nothing of.
        step = np.linalg.lstsq(curve, slope, rcond=1e-13)[0]
        # Near the minimum a true descent is smaller than the rounding of the loss.
        allowed = loss + 1e-13 * abs(loss)
        for _ in range(_MOST_HALVINGS):
            if _loss(design @ (weights - step), total, right) <= allowed:
                break
            step = step / 2
        weights = weights - step
        loss = _loss(design @ weights, total, right)
    return weights, loss, False


def _loss(log_odds: FloatArray, total: FloatArray, right: FloatArray) -> float:
    return float((total * np.logaddexp(0, log_odds) - right * log_odds).sum())
