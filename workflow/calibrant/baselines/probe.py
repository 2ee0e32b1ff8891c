"""A linear probe: whether an answer is right, read off the model's hidden state at its end.

A logistic regression with an L2 penalty, on features brought to mean 0 and standard deviation 1. The
penalty is chosen by cross-validation in which all answers to a question are in one fold. Hidden states
have more dimensions than there are graded answers, so the features are first turned into the space
that the answers span: the penalty and the fit are the same there (Hastie & Tibshirani 2004,
Biostatistics 5(3)), and Newton steps cost a fraction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibrant.baselines.question_folds import question_folds
from calibrant.errors import CalibrantError
from calibrant.judging.signed_logistic import fit_signed_logistic, sigmoid
from calibrant.measures.sample import FloatArray, IntArray

BoolArray = NDArray[np.bool_]

PENALTIES = (0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5)
"""Penalties tried: ``penalty / 2`` times the sum of squared coefficients is added to the sum of the log
losses. The last leaves little but the share of right answers."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A fitted probe.

    Attributes:
        weights: Coefficients for hidden states as they are, shape (width,).
        intercept: Log-odds at a state of zeros.
    """

    weights: FloatArray
    intercept: float

    def probabilities(self, states: FloatArray) -> FloatArray:
        """Return the probability that each answer is right, shape (n,), from states (n, width).

        Raises:
            CalibrantError: If the states are of another width than the probe was fitted on.
        """
        if states.ndim != 2 or states.shape[1] != len(self.weights):
            raise CalibrantError(
                f"reads {len(self.weights)} numbers per answer, not an array of {states.shape}",
                where="probe",
                repair="Use the model it was fitted on",
            )
        return sigmoid(states @ self.weights + self.intercept)

    def to_json(self) -> dict[str, Any]:
        """Return what ``from_json`` reads."""
        return {"weights": self.weights.tolist(), "intercept": self.intercept}

    @classmethod
    def from_json(cls, value: Any) -> "Probe":
        """Return the probe that ``to_json`` described."""
        return cls(np.asarray(value["weights"], dtype=np.float64), float(value["intercept"]))


@dataclass(frozen=True, slots=True, eq=False)
class FittedProbe:
    """A probe and how it was chosen.

    Attributes:
        probe: Fitted on all answers with the chosen penalty.
        penalty: The chosen one: least loss, and of equals the largest.
        losses: Mean log loss (nats per answer) on held-out folds, by penalty, in their order.
        without: By question fitted on, a probe with the chosen penalty fitted without its fold.
    """

    probe: Probe
    penalty: float
    losses: tuple[float, ...]
    without: Mapping[str, Probe]

    def probabilities(self, states: FloatArray, questions: Sequence[str]) -> FloatArray:
        """Return the probability that each answer is right, shape (n,).

        No answer is scored by a probe that has seen a grade of its question: it would look surer than
        on any other, and a calibrator or threshold fitted on such scores would be wrong.

        Args:
            states: Hidden state at the end of each answer, shape (n, width).
            questions: The question each answers, n.

        Raises:
            CalibrantError: As ``Probe.probabilities``.
        """
        found = self.probe.probabilities(states)
        for at, question in enumerate(questions):
            if question in self.without:
                found[at] = self.without[question].probabilities(states[at : at + 1])[0]
        return found


def fit_probe(
    states: FloatArray, correct: Sequence[bool], questions: Sequence[str], seed: int
) -> FittedProbe:
    """Fit a probe on graded answers.

    Args:
        states: Hidden state at the end of each answer, shape (n, width).
        correct: Whether each is right, n.
        questions: The question each answers, n.
        seed: Seed of the folds.

    Raises:
        CalibrantError: If fewer than two questions have a right answer, or fewer than two a wrong one,
            or a state is not finite.
    """
    if not np.isfinite(states).all():
        raise CalibrantError("a hidden state is not finite", where="probe")
    labels = np.asarray(correct, dtype=np.float64)
    folds = question_folds(labels, questions, seed)
    mean, scale = states.mean(axis=0), states.std(axis=0)
    # A feature that never changes says nothing; its rounding noise must not be blown up.
    scale = np.where(scale > 1e-12 * np.abs(states).max(axis=0, initial=0.0), scale, np.inf)
    turned, directions = _span((states - mean) / scale)
    losses = tuple(_held_out_loss(turned, labels, folds, penalty) for penalty in PENALTIES)
    least = min(losses)
    penalty = max(
        tried for tried, loss in zip(PENALTIES, losses, strict=True) if loss <= least + 1e-12
    )

    def fitted_on(rows: BoolArray) -> Probe:
        coefficients, intercept = fit_logistic(turned[rows], labels[rows], penalty)
        weights = (directions @ coefficients) / scale
        return Probe(weights, intercept - float(mean @ weights))

    others = [fitted_on(folds != fold) for fold in range(int(folds.max()) + 1)]
    without = {name: others[fold] for name, fold in zip(questions, folds, strict=True)}
    return FittedProbe(fitted_on(folds >= 0), penalty, losses, without)


def fit_logistic(
    columns: FloatArray, labels: FloatArray, penalty: float
) -> tuple[FloatArray, float]:
    """Return the coefficients, shape (d,), and the unpenalised intercept of a logistic regression.

    Args:
        columns: Features, shape (n, d).
        labels: 1 and 0, both present, shape (n,).
        penalty: As in ``PENALTIES``, above 0.
    """
    any_sign = np.zeros(columns.shape[1], dtype=np.int64)
    return fit_signed_logistic(columns, labels, any_sign, penalty)


def _span(features: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the features in the space they span, (n, r), and its directions, (width, r)."""
    _, lengths, rows = np.linalg.svd(features, full_matrices=False)
    kept = rows[lengths > lengths.max(initial=0.0) * 1e-12]
    return features @ kept.T, kept.T


def _held_out_loss(
    columns: FloatArray, labels: FloatArray, folds: IntArray, penalty: float
) -> float:
    """Return the mean log loss of every answer under a fit on the other folds."""
    total = 0.0
    for fold in range(int(folds.max()) + 1):
        out = folds == fold
        coefficients, intercept = fit_logistic(columns[~out], labels[~out], penalty)
        log_odds = columns[out] @ coefficients + intercept
        total += float((np.logaddexp(0, log_odds) - labels[out] * log_odds).sum())
    return total / len(labels)
