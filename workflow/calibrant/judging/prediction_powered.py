"""Prediction-powered means: many cheap labels, corrected by a few true ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrant.judging.judged_answers import JudgedAnswers
from calibrant.measures.sample import FloatArray, IntArray

ADDED = 2.0
"""Answers added to the m labelled ones for the interval, all with the other human verdict."""


@dataclass(frozen=True, slots=True, eq=False)
class PairedLosses:
    """Losses of n answers under both kinds of verdicts, in p columns that are averaged at once.

    Attributes:
        truth: Loss under the human verdict, shape (n, p); read on labelled rows only.
        turned: Loss if people had said the opposite, likewise.
        predicted: Loss under the judge's verdict, shape (n, p).
        labelled: Which rows people judged, bool of shape (n,); a random part of all.
        cluster: Code of the question answered, shape (n,).
    """

    truth: FloatArray
    turned: FloatArray
    predicted: FloatArray
    labelled: NDArray[np.bool_]
    cluster: IntArray

    @property
    def questions(self) -> int:
        """Number of questions k."""
        return int(self.cluster.max()) + 1


def paired_losses(
    if_right: FloatArray, if_wrong: FloatArray, answers: JudgedAnswers
) -> PairedLosses:
    """Return the losses of answers.

    Args:
        if_right: Loss of every answer if it is right, shape (n, p).
        if_wrong: Loss if it is wrong, shape (n, p).
        answers: Verdicts of the judge and of people.
    """
    said, known = answers.judge[:, None] == 1, answers.human[:, None] == 1
    return PairedLosses(
        truth=np.where(known, if_right, if_wrong),
        turned=np.where(known, if_wrong, if_right),
        predicted=np.where(said, if_right, if_wrong),
        labelled=answers.labelled,
        cluster=answers.cluster,
    )


@dataclass(frozen=True, slots=True, eq=False)
class PoweredMeans:
    """Corrected means of p losses.

    Attributes:
        value: The estimates, shape (p,).
        weight: How far the judge is followed on every answer, in 0..1, shape (n, p); 0 is people
            alone.
        centre: Middle of a normal interval, moved slightly from ``value``, shape (p,).
        factor: Rows whose squares add up to the variances, shape (k + m, p).
    """

    value: FloatArray
    weight: FloatArray
    centre: FloatArray
    factor: FloatArray

    @property
    def standard_error(self) -> FloatArray:
        """Standard errors, shape (p,)."""
        return np.asarray(np.sqrt((self.factor**2).sum(axis=0)))

    @property
    def covariance(self) -> FloatArray:
        """Covariance of the estimates, shape (p, p)."""
        return np.asarray(self.factor.T @ self.factor)


def tuned_weights(losses: PairedLosses, *, common: bool = False) -> FloatArray:
    """Return the weight of the judge that makes the variance least, for every answer, shape (n, p).

    cov(L, L') / ((1 + m / N) var L'), kept in 0..1, with L the loss under the human verdict and L'
    under the judge's, over m labelled and N other answers (Angelopoulos, Duchi and Zrnic 2023,
    PPI++, arXiv 2311.01453, section 6). The covariance for an answer leaves out all answers to its
    question: a weight that has seen the errors it multiplies would bias the mean, by a seventh of
    its standard error with a judge that errs on a few of 200 labelled answers.

    Args:
        losses: L and L'.
        common: One weight for all columns, for the least sum of variances.
    """
    seen, predicted = losses.labelled, losses.predicted
    n, m = len(seen), int(seen.sum())
    if m == n:
        return np.zeros(predicted.shape)
    known, said = losses.truth[seen], predicted[seen]
    # Centred beforehand, so that the differences of sums below lose no digits.
    known, said = known - known.mean(axis=0), said - said.mean(axis=0)
    question = losses.cluster
    without = [
        rows.sum(axis=0) - sum_by(rows, question[seen], losses.questions)
        for rows in (known * said, known, said, np.ones((m, 1)))
    ]
    left = np.maximum(without[3], 2.0)
    joint = (without[0] - without[1] * without[2] / left) / (left - 1)
    # The judge's verdict is known everywhere, so its variance is taken over all answers.
    spread = predicted.var(axis=0, ddof=1)
    if common:
        joint = np.broadcast_to(joint.sum(axis=1, keepdims=True), joint.shape)
        spread = np.full_like(spread, spread.sum())
    # 1 / (1 + m / N) is N / n.
    tuned = joint * (n - m) / n / np.where(spread > 0, spread, np.inf)
    return np.asarray(np.clip(tuned, 0.0, 1.0)[question])


def powered_means(losses: PairedLosses, weight: FloatArray | None = None) -> PoweredMeans:
    """Return means of losses over all answers, had people judged them all.

    value = mean_m(L - w L') + mean_m(w) mean_N(L'): the judge's mean on the N answers that people
    did not see, and a correction by what it got wrong on the m that they did. Unbiased for any
    judge, if the m are a random part of all (Angelopoulos et al. 2023, Prediction-powered
    inference, Science 382; the regression estimator of double sampling, Cochran 1977, section
    12.6). The covariance is that of the linearised estimate with the weights held fixed, summed by
    question over both parts (delta method with clusters).

    Where the judge hardly errs, the m answers may hold no error, and their variance says 0. For the
    interval two answers are added to them, spread over all m with the human verdict turned round,
    as Agresti and Coull (1998) add two successes and two failures to a proportion.

    Args:
        losses: Losses under both kinds of verdicts.
        weight: Weights of the judge, shape (n, p); None tunes them.
    """
    seen = losses.labelled
    m, unseen = int(seen.sum()), int((~seen).sum())
    w = tuned_weights(losses) if weight is None else weight
    followed, explained = w[seen].mean(axis=0), w[seen] * losses.predicted[seen]
    corrected, other = losses.truth[seen] - explained, losses.turned[seen] - explained
    rest = followed * losses.predicted[~seen]
    base = rest.mean(axis=0) if unseen else np.zeros(w.shape[1])
    middle = (corrected.sum(axis=0) + ADDED * other.mean(axis=0)) / (m + ADDED)
    influence = np.empty(w.shape)
    influence[seen] = (corrected - middle) / (m + ADDED)
    influence[~seen] = (rest - base) / max(unseen, 1)
    k = losses.questions
    factor = np.concatenate(
        [
            np.sqrt(k / (k - 1)) * sum_by(influence, losses.cluster, k),
            np.sqrt(ADDED / m) * (other - middle) / (m + ADDED),
        ]
    )
    return PoweredMeans(corrected.mean(axis=0) + base, w, middle + base, factor)


def sum_by(rows: FloatArray, question: IntArray, k: int) -> FloatArray:
    """Return sums of the rows (n, p) of each of k questions, shape (k, p)."""
    return np.stack(
        [np.bincount(question, weights=column, minlength=k) for column in rows.T], axis=1
    ).astype(np.float64)
