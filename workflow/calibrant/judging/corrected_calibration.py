"""The reliability diagram and ECE from a judge's verdicts and a few of people."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrant.errors import CalibrantError
from calibrant.judging.agreement_figures import Estimate, effective_number
from calibrant.judging.corrected_rate import CountedShare, rogan_gladen
from calibrant.judging.judged_answers import LEAST_LABELLED, JudgedAnswers
from calibrant.judging.noisy_sum import denoised_sum
from calibrant.judging.prediction_powered import paired_losses, powered_means, tuned_weights
from calibrant.measures.calibration import bin_edges, equal_width_bins
from calibrant.measures.sample import FloatArray


@dataclass(frozen=True, slots=True)
class CorrectedBin:
    """One bin of the reliability diagram.

    Attributes:
        low: Lower edge, in the bin.
        high: Upper edge, not in it but for 1.
        answers: Number of answers in it.
        mean_confidence: Of all of them.
        judged: Share that the judge calls right.
        corrected: Share of right answers; no value where people judged all of the bin.
        errors_from: ``bin`` or ``all``: where the errors of the judge were measured.
    """

    low: float
    high: float
    answers: int
    mean_confidence: float
    judged: float
    corrected: Estimate
    errors_from: str


@dataclass(frozen=True, slots=True)
class CorrectedEce:
    """Expected calibration error behind the verdicts of a judge.

    Attributes:
        value: The estimate, freed of what noise adds to it.
        low: Lower end of the interval.
        high: Upper end.
        plain: The estimate with that noise in it.
        floor: What ``plain`` would be on average for a calibrated predictor.
        judged: ECE of the judge's verdicts as they are.
    """

    value: float
    low: float
    high: float
    plain: float
    floor: float
    judged: float


def corrected_reliability(
    answers: JudgedAnswers, bins: int, level: float = 0.95, least: int = LEAST_LABELLED
) -> list[CorrectedBin]:
    """Return the reliability diagram with the share of right answers of each bin corrected.

    Rogan and Gladen's estimate bin by bin (``corrected_rate.rogan_gladen``): the judge's share over
    the answers that people did not see, corrected with its sensitivity and specificity on those
    that they did; the two samples are apart, and the interval of Lang and Reiczigel counts both.
    A bin's own sensitivity and specificity are taken where people call at least ``least`` of its
    answers right and as many wrong; elsewhere those of all bins, which assumes that the judge errs
    alike at every confidence. Where that is in doubt, trust ``corrected_ece``, which does not.

    Args:
        answers: Both kinds of verdicts.
        bins: Number of bins of equal width.
        level: Level of the intervals, each by itself, in (0, 1).
        least: Answers of each kind that a bin needs to be corrected with its own errors.

    Returns:
        The bins that hold an answer, ascending.

    Raises:
        CalibrantError: If the judge is no better than chance where its errors are taken from, or
            people call no answer right or none wrong.
    """
    place, edges = equal_width_bins(answers.confidence, bins), bin_edges(bins)
    everywhere = _errors(answers, np.ones(len(answers), dtype=bool))
    found = []
    for number in np.unique(place):
        here = place == number
        own = answers.labelled & here
        right = int(answers.human[own].sum())
        enough = min(right, int(own.sum()) - right) >= least
        errors = _errors(answers, here) if enough else everywhere
        found.append(
            CorrectedBin(
                low=float(edges[number]),
                high=float(edges[number + 1]),
                answers=int(here.sum()),
                mean_confidence=float(answers.confidence[here].mean()),
                judged=float(answers.judge[here].mean()),
                corrected=_corrected(answers, here & ~answers.labelled, errors, level),
                errors_from="bin" if enough else "all",
            )
        )
    return found


def corrected_ece(
    answers: JudgedAnswers, bins: int, *, level: float = 0.95, seed: int
) -> CorrectedEce:
    """Return ECE over equal-width bins, had people judged all answers.

    ECE is the sum over bins of |e_b|, where e_b is the mean over all answers of c - y inside the bin
    and 0 outside. Every e_b is a mean, so it is estimated as one (``prediction_powered``), with one
    weight for all bins; that holds however the judge errs with confidence. The sum of absolute
    values is biased upwards by the noise of the e_b: value and interval are those of
    ``noisy_sum.denoised_sum``, with e_b normal.

    Args:
        answers: Both kinds of verdicts.
        bins: Number of bins of equal width.
        level: Level of the interval, in (0, 1).
        seed: Seed of the simulation of the noise.
    """
    place = equal_width_bins(answers.confidence, bins)
    inside = (place[:, None] == np.unique(place)).astype(np.float64)
    c = answers.confidence[:, None]
    losses = paired_losses(inside * (c - 1), inside * c, answers)
    means = powered_means(losses, tuned_weights(losses, common=True))
    total = denoised_sum(means.value, means.covariance, level=level, seed=seed)
    judged = float(np.abs(losses.predicted.mean(axis=0)).sum())
    # No bins of confidences in 0..1 can be further from the truth than 1.
    value, low, high = (min(1.0, end) for end in (total.value, total.low, total.high))
    return CorrectedEce(value, low, high, total.plain, total.floor, judged)


def _errors(answers: JudgedAnswers, rows: NDArray[np.bool_]) -> tuple[CountedShare, CountedShare]:
    """Return sensitivity and specificity on the labelled ones of the rows."""
    rows = rows & answers.labelled
    right, wrong = rows & (answers.human == 1), rows & (answers.human == 0)
    return _share(answers, answers.judge, right), _share(answers, 1 - answers.judge, wrong)


def _share(answers: JudgedAnswers, hit: FloatArray, rows: NDArray[np.bool_]) -> CountedShare:
    if not rows.any():
        raise CalibrantError(
            "people call no answer right, or none wrong, so the errors of the judge are not known",
            where="human",
            repair="Have people judge more answers",
        )
    question = answers.cluster[rows]
    hits = np.bincount(question, weights=hit[rows]).astype(np.float64)
    size = np.bincount(question).astype(np.float64)
    worth = effective_number(hits, size, most=int(rows.sum()))
    return CountedShare(hit[rows].mean(), worth)


def _corrected(
    answers: JudgedAnswers,
    unseen: NDArray[np.bool_],
    errors: tuple[CountedShare, CountedShare],
    level: float,
) -> Estimate:
    if not unseen.any():
        return Estimate(None, None, None, reason="people judged every answer in this bin")
    judged = _share(answers, answers.judge, unseen)
    rate = rogan_gladen(judged, *errors, level)
    return Estimate(float(rate.value), float(rate.low), float(rate.high))
