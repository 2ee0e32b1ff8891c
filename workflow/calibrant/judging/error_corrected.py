"""Means over answers that a judge graded, corrected with the errors it was measured to have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calibrant.errors import CalibrantError
from calibrant.judging.agreement import POOLED
from calibrant.judging.error_model import ChosenErrors, Errors, Share
from calibrant.judging.prediction_powered import sum_by
from calibrant.measures.sample import FloatArray, IntArray

_ADDED = 2.0
"""Answers added to those a share was measured on, for its variance: half of each kind."""
_ROUNDING = 1e-6


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
        measured: The judge's errors in every domain and in all together, as ``ErrorModel.domains``;
            read where ``errors`` holds those of all together beside a domain's own.
    """

    confidence: FloatArray
    said: FloatArray
    judged: NDArray[np.bool_]
    domain: IntArray
    errors: tuple[ChosenErrors, ...]
    cluster: IntArray
    measured: Mapping[str, Errors] = field(default_factory=dict)

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
    or errors never seen would count as known not to happen. The errors of all domains together were
    measured on a domain's own answers too: where both are corrected with, the share of all is taken
    apart into that of the domain and that of the rest, weighted by their answers.

    Args:
        constant: What an answer adds whatever its label, shape (n, p).
        factor: What a right one adds on top, shape (n, p).
        answers: Who said what.

    Raises:
        CalibrantError: If the errors of all domains together stand beside a domain's own and
            ``answers.measured`` does not say how they are made of these.
    """
    labels, n = corrected_labels(answers), len(answers)
    rows = constant + factor * labels[:, None]
    value = rows.mean(axis=0)
    k = int(answers.cluster.max()) + 1
    sums = sum_by(rows - value, answers.cluster, k)
    covariance = (k / (k - 1) if k > 1 else 1.0) * sums.T @ sums / n**2
    by_a, by_b = _measured_shares(factor, labels, answers)
    for share in [*_independent(by_a), *_independent(by_b)]:
        covariance = covariance + share.variance * np.outer(share.gradient, share.gradient)
    return CorrectedMeans(value, np.asarray(covariance))


class _Measured(NamedTuple):
    """A measured share, how many answers it was counted on, and what it moves the means by, (p,)."""

    value: float
    worth: float
    size: int
    gradient: FloatArray

    @property
    def variance(self) -> float:
        worth = self.worth + _ADDED
        middle = (self.value * self.worth + _ADDED / 2) / worth
        return middle * (1 - middle) / worth


def _measured_shares(
    factor: FloatArray, labels: FloatArray, answers: GradedByJudge
) -> tuple[dict[str, _Measured], dict[str, _Measured]]:
    """Return the sensitivities and the specificities corrected with, by where they were measured."""
    by_a, by_b = {}, {}
    # Domains that share one measurement share its error.
    for name, source in {errors.measured_in: errors for errors in answers.errors}.items():
        same = [at for at, errors in enumerate(answers.errors) if errors.measured_in == name]
        here = answers.judged & np.isin(answers.domain, same)
        a, b = source.sensitivity, source.specificity
        scale = (a.value + b.value - 1) * len(answers)
        right, wrong = _counts(name, answers)
        by_a[name] = _share(a, right, (factor[here] * -labels[here, None]).sum(axis=0) / scale)
        by_b[name] = _share(b, wrong, (factor[here] * (1 - labels[here, None])).sum(axis=0) / scale)
    return by_a, by_b


def _share(share: Share, size: int, gradient: FloatArray) -> _Measured:
    return _Measured(share.value, share.worth, size, gradient)


def _counts(name: str, answers: GradedByJudge) -> tuple[int, int]:
    """Return how many answers people called right and wrong where errors were measured."""
    sources = {errors.measured_in for errors in answers.errors}
    if POOLED not in sources or len(sources) == 1:
        return 0, 0  # Nothing is taken apart.
    if name not in answers.measured:
        raise CalibrantError(
            f"there are no counts of domain {name!r}, whose errors are corrected with beside others",
            where="measured",
            repair="Pass the domains of the error model",
        )
    return answers.measured[name].right, answers.measured[name].wrong


def _independent(shares: Mapping[str, _Measured]) -> list[_Measured]:
    """Return shares measured on different answers, with the derivatives of those that overlap."""
    own = [share for name, share in shares.items() if name != POOLED]
    if POOLED not in shares or not own:
        return list(shares.values())
    pooled = shares[POOLED]
    rest = pooled.size - sum(share.size for share in own)
    hits = pooled.size * pooled.value - sum(share.size * share.value for share in own)
    if rest < 0 or not -_ROUNDING <= hits <= rest + _ROUNDING:
        raise CalibrantError(
            "the errors of all domains together do not contain those of each",
            where="measured",
            repair="Validate the judge again",
        )
    # A share of counts is the mean of its parts' shares, weighted by their counts.
    parts = [
        share._replace(gradient=share.gradient + share.size / pooled.size * pooled.gradient)
        for share in own
    ]
    if rest:
        part = rest / pooled.size
        value = min(1.0, max(0.0, hits / rest))
        parts.append(_Measured(value, pooled.worth * part, rest, pooled.gradient * part))
    return parts
