"""What it is worth to answer only where confidence is high.

An answer is given where the confidence is at a threshold or above, else the question is deferred.
Answers of one confidence are given together or deferred together; the areas take the mean over all
orders within a tie, which is the same for every order of rows.

Trap of everything here that picks a threshold from the outcomes: it is chosen and scored on the
same answers, so it is optimistic and no guarantee for new ones.
"""

import numpy as np

from calibrant.measures.ranking import aurc
from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import WeightedSample, ratio

_ROUNDING = 1e-9
"""Slack, in answers, of comparisons such as 7 >= 0.7 * 10, which rounding would make false."""


def excess_aurc(weighted: WeightedSample) -> FloatArray:
    """AURC less that of the best order with the same error rate (E-AURC); 0 best.

    The best order puts all right answers first. Its AURC is the finite mean
    ``(w - k (H(n) - H(k))) / n`` with k right, w wrong and harmonic numbers H, and not the limit
    ``e + (1 - e) ln(1 - e)`` of Geifman et al. (2019), which is off by up to order 1 / n and would
    make small samples negative. Shape (r,), in [0, 1); NaN without answers, 0 where all are right
    or all wrong. Trap: as AURC it weighs the most confident few heavily (see ``augrc``).
    """
    return aurc(weighted) - aurc(_perfectly_ranked(weighted))


def _perfectly_ranked(weighted: WeightedSample) -> WeightedSample:
    """Return the same answers with confidence 1 where right and 0 where wrong."""
    n, right = weighted.n, weighted.n_right
    nothing = np.zeros_like(n)
    return WeightedSample(
        confidence=np.array([0.0, 1.0]),
        total=np.stack([n - right, right], axis=1),
        right=np.stack([nothing, right], axis=1),
        running_total=np.stack([nothing, n - right, n], axis=1),
        running_right=np.stack([nothing, nothing, right], axis=1),
        running_excess=np.zeros((len(n), 3)),
    )


def augrc(weighted: WeightedSample) -> FloatArray:
    """Area under the generalised risk against coverage; 0 best.

    Generalised risk is the share of ALL answers that are given and wrong, so the area is the mean
    chance of an undetected error over coverages, every answer weighing the same (Traub et al. 2024,
    arXiv 2407.01032). With straight lines between points and ties as one line it equals
    ``(1 - AUROC) a e + e^2 / 2`` for accuracy a and error rate e = 1 - a. The sum over i = 1..n in
    place of the area would be larger by ``e / (2 n)``. Shape (r,), in [0, 1/2]; NaN without
    answers, and defined for one class: 0 where all are right, 1/2 where all are wrong. Trap:
    dominated by the error rate; e^2 / 2 is its floor.
    """
    wrong = weighted.total - weighted.right
    running_wrong = weighted.running_total - weighted.running_right
    wrong_above = running_wrong[:, -1:] - running_wrong[:, 1:]
    area = (weighted.total * (wrong_above + wrong / 2)).sum(axis=1)
    return ratio(area, weighted.n**2)


def accuracy_at_coverage(weighted: WeightedSample, coverage: float) -> FloatArray:
    """Accuracy of the most confident answers that make up at least a share ``coverage``.

    The threshold is the highest that reaches the coverage, ties whole, so more may be answered than
    asked for: a constant confidence answers everything and has the overall accuracy.

    Args:
        weighted: The sample under r rows of weights.
        coverage: Share of the questions to answer, in (0, 1].

    Returns:
        Shape (r,), in [0, 1]; NaN without answers. Defined for every other sample.
    """
    answered, wrong = _answered_and_wrong(weighted)
    enough = answered >= coverage * weighted.n[:, None] - _ROUNDING
    # Columns run from lax to strict; the last that is enough is the strictest.
    last = np.maximum(enough.sum(axis=1) - 1, 0)[:, None]
    given = np.take_along_axis(answered, last, axis=1)[:, 0]
    return 1 - ratio(np.take_along_axis(wrong, last, axis=1)[:, 0], given)


def coverage_at_risk(weighted: WeightedSample, risk: float) -> FloatArray:
    """Largest share that can be answered with at most a share ``risk`` of those wrong.

    The largest over all thresholds, ties whole, also where a stricter threshold has a higher risk
    (Geifman and El-Yaniv 2017).

    Args:
        weighted: The sample under r rows of weights.
        risk: Share of wrong among the given answers, in [0, 1).

    Returns:
        Shape (r,), in [0, 1]; 0 where no threshold reaches the risk, since then nothing can be
        answered; NaN only without answers.
    """
    answered, wrong = _answered_and_wrong(weighted)
    allowed = wrong <= risk * answered + _ROUNDING
    return ratio(np.where(allowed, answered, 0.0).max(axis=1), weighted.n)


def cost_at_threshold(
    weighted: WeightedSample, wrong_price: float, threshold: float | None = None
) -> FloatArray:
    """Mean cost per question of answering at or above a threshold, in prices of a deferral.

    A deferred question costs 1, a wrong answer ``wrong_price``, a right answer nothing.

    Args:
        weighted: The sample under r rows of weights.
        wrong_price: Price of a wrong answer over that of a deferral, above 0.
        threshold: Chosen without looking at these outcomes; None is ``break_even_confidence``, the
            best one if the confidences are calibrated (Chow 1970).

    Returns:
        Shape (r,), from 0 to the greater of 1 and ``wrong_price``; 1 where all is deferred; NaN
        without answers.
    """
    least = break_even_confidence(wrong_price) if threshold is None else threshold
    column = int(np.searchsorted(weighted.confidence, least, side="left"))
    answered, wrong = _answered_and_wrong(weighted)
    cost = weighted.n - answered[:, column] + wrong_price * wrong[:, column]
    return ratio(cost, weighted.n)


def best_cost_in_hindsight(weighted: WeightedSample, wrong_price: float) -> FloatArray:
    """Mean cost per question at the threshold that turns out cheapest on these very answers.

    As ``cost_at_threshold``, over all thresholds, with answering everything and deferring
    everything among them. Shape (r,), from 0 to the smallest of 1, ``wrong_price`` times the error
    rate, and the cost at any given threshold; NaN without answers. Trap: no system can have this
    cost, as it needs the outcomes; the distance to ``cost_at_threshold`` is what a badly placed
    threshold costs.
    """
    answered, wrong = _answered_and_wrong(weighted)
    cost = weighted.n[:, None] - answered + wrong_price * wrong
    return ratio(cost.min(axis=1), weighted.n)


def break_even_confidence(wrong_price: float) -> float:
    """Return the probability of being right at which answering and deferring cost the same.

    ``1 - 1 / wrong_price``, and 0 (answer always) where a wrong answer costs no more than a
    deferral; ``wrong_price`` above 0.
    """
    return max(0.0, 1 - 1 / wrong_price)


def _answered_and_wrong(weighted: WeightedSample) -> tuple[FloatArray, FloatArray]:
    """Return what is answered, and wrong among it, by threshold from lax to strict.

    Column j answers all groups from j on, so the last column answers nothing; shape (r, m + 1).
    """
    running_wrong = weighted.running_total - weighted.running_right
    answered = weighted.n[:, None] - weighted.running_total
    return answered, running_wrong[:, -1:] - running_wrong
