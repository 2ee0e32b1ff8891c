"""Means over answers that a judge graded, corrected with the errors it was measured to have."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrant.judging.error_model import ChosenErrors, Share
from calibrant.judging.prediction_powered import sum_by
from calibrant.measures.sample import FloatArray, IntArray

_ADDED = 2.0
"""Answers added to those a share was measured on, for its variance: half of each kind."""


@dataclass(frozen=True, slots=True, eq=False)
class GradedByJudge:
    """n graded answers, some by a judge and the others by a grader that does not err.

    Attributes:
        confidence: Stated confidence, in [0, 1], shape (n,).
        said: 1 where the answer was called right, else 0, shape (n,).
        judged: Whether it was a judge that said so, bool of shape (n,).
        domain: Position of the answer's domain in ``errors``, shape (n,); read where ``judged``.
        errors: The judge's errors, one per domain.
        cluster: Code of the question answered, in 0..k-1, shape (n,).
    """

    confidence: FloatArray
    said: FloatArray
    judged: NDArray[np.bool_]
    domain: IntArray
    errors: tuple[ChosenErrors, ...]
    cluster: IntArray

    def __len__(self) -> int:
        """Return the number of answers."""
        return len(self.said)


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedMeans:
    """Corrected means of p columns.

    Attributes:
        value: The estimates, shape (p,).
        covariance: Their covariance, shape (p, p): that of the answers, and that of the sample the
            judge's errors were measured on.
    """

    value: FloatArray
    covariance: FloatArray


def corrected_labels(answers: GradedByJudge) -> FloatArray:
    """Return labels whose mean over the judge's errors is the truth, shape (n,).

    (y - (1 - b)) / (a + b - 1) with sensitivity a and specificity b for a verdict y of the judge
    (Rogan and Gladen 1978; Natarajan et al. 2013); a grade that no judge gave stays as it is.
    """
    labels = answers.said.copy()
    for number, errors in enumerate(answers.errors):
        here = answers.judged & (answers.domain == number)
        b = errors.specificity.value
        labels[here] = (answers.said[here] - (1 - b)) / (errors.sensitivity.value + b - 1)
    return labels


def corrected_means(
    constant: FloatArray, factor: FloatArray, answers: GradedByJudge
) -> CorrectedMeans:
    """Return the means of ``constant + factor * y`` with y the true labels, shape (p,).

    Any score of a binary outcome is linear in it, (c - y)^2 = c^2 + (1 - 2c) y among them, so its
    mean is corrected by putting in corrected labels. Assumes that the judge errs here as on the
    verdicts it was measured on, alike at every confidence, and that questions are independent.

    The covariance adds two parts: that of the answers, summed by question, and by the delta method
    that of sensitivity and specificity, with dy/da = -y / (a + b - 1) and dy/db = (1 - y) /
    (a + b - 1). Shares near 1 get half of two answers of each kind added (Agresti and Coull 1998),
    or errors never seen would count as known not to happen.

    Args:
        constant: What an answer adds whatever its label, shape (n, p).
        factor: What a right one adds on top, shape (n, p).
        answers: Who said what.
    """
    labels, n = corrected_labels(answers), len(answers)
    rows = constant + factor * labels[:, None]
    value = rows.mean(axis=0)
    k = int(answers.cluster.max()) + 1
    sums = sum_by(rows - value, answers.cluster, k)
    covariance = (k / (k - 1) if k > 1 else 1.0) * sums.T @ sums / n**2
    # Domains that share one measurement share its error.
    for source in {errors.measured_in: errors for errors in answers.errors}.values():
        same = [
            at
            for at, errors in enumerate(answers.errors)
            if errors.measured_in == source.measured_in
        ]
        here = answers.judged & np.isin(answers.domain, same)
        index = source.sensitivity.value + source.specificity.value - 1
        by_a = (factor[here] * -labels[here, None]).sum(axis=0) / index / n
        by_b = (factor[here] * (1 - labels[here, None])).sum(axis=0) / index / n
        covariance = covariance + _variance(source.sensitivity) * np.outer(by_a, by_a)
        covariance = covariance + _variance(source.specificity) * np.outer(by_b, by_b)
    return CorrectedMeans(value, np.asarray(covariance))


def _variance(share: Share) -> float:
    worth = share.worth + _ADDED
    middle = (share.value * share.worth + _ADDED / 2) / worth
    return middle * (1 - middle) / worth
