"""Accuracy, Brier score and signed gap from a judge's verdicts and a few of people."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from calibrant.judging.agreement_figures import Estimate, Resampling
from calibrant.judging.judged_answers import JudgedAnswers
from calibrant.judging.prediction_powered import (
    PairedLosses,
    paired_losses,
    powered_means,
    sum_by,
    tuned_weights,
)
from calibrant.measures.bootstrap import draw_clusters, percentile_interval
from calibrant.measures.replicates import DEFAULT_EXECUTION, Execution, run_replicates
from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import ratio

SCORES = ("accuracy", "brier", "gap")


@dataclass(frozen=True, slots=True)
class CorrectedScore:
    """One score, as people would have given it.

    Attributes:
        corrected: From both kinds of verdicts; its interval counts the error of both samples.
        human: From the answers alone that people judged.
        judged: From the judge's verdicts as they are.
        weight: How far the judge is followed on average, in 0..1; near 0 it is of no use.
    """

    corrected: Estimate
    human: Estimate
    judged: float
    weight: float


def score_losses(answers: JudgedAnswers) -> PairedLosses:
    """Return what every answer adds to ``SCORES``, columns in that order.

    Accuracy is the mean of y, the Brier score of (c - y)^2 (Brier 1950), the gap of c - y.
    """
    c = answers.confidence
    one = np.ones_like(c)
    return paired_losses(
        np.stack([one, (c - 1) ** 2, c - 1], axis=1), np.stack([0 * one, c**2, c], axis=1), answers
    )


def corrected_scores(answers: JudgedAnswers, level: float = 0.95) -> dict[str, CorrectedScore]:
    """Return accuracy, Brier score and signed gap with intervals by the delta method.

    Prediction-powered estimates with the tuned weight of PPI++ (``prediction_powered``): right for
    any judge, however it errs with domain or confidence, if people judged a random part of the
    answers; a good judge makes the interval shorter than people alone would, a useless one leaves
    it as it was. The interval is normal; in simulations with 200 labels of 1,000 answers it covers
    94 to 97 %, and 92 % where the labels hold only about two errors of the judge.

    Args:
        answers: Both kinds of verdicts.
        level: Level of the intervals, in (0, 1).

    Returns:
        By name of ``SCORES``.
    """
    losses = score_losses(answers)
    z = NormalDist().inv_cdf((1 + level) / 2)
    judged = losses.predicted.mean(axis=0)
    found = {
        kind: powered_means(losses, weight)
        for kind, weight in (("corrected", None), ("human", np.zeros((len(answers), len(SCORES)))))
    }
    scores = {}
    for column, name in enumerate(SCORES):
        estimates = {}
        for kind, means in found.items():
            reach = z * float(means.standard_error[column])
            middle, (least, most) = float(means.centre[column]), _range(name)
            ends = max(least, middle - reach), min(most, middle + reach)
            estimates[kind] = Estimate(float(means.value[column]), *ends)
        weight = float(found["corrected"].weight[answers.labelled, column].mean())
        scores[name] = CorrectedScore(
            estimates["corrected"], estimates["human"], float(judged[column]), weight
        )
    return scores


def resampled_scores(
    answers: JudgedAnswers, resampling: Resampling, execution: Execution = DEFAULT_EXECUTION
) -> dict[str, CorrectedScore]:
    """Return the scores of ``corrected_scores`` with percentile intervals of a cluster bootstrap.

    Each replicate draws whole questions, with the verdicts of judge and people on them, so the
    interval counts both samples; the weights stay those of the sample. Assumes independent
    questions (Davison and Hinkley 1997, section 3.8). Where people found no error of the judge the
    replicates find none either: the delta interval is the better one there.

    Args:
        answers: Both kinds of verdicts.
        resampling: Seed, replicates and level.
        execution: Threads and progress; changes no result.
    """
    losses = score_losses(answers)
    totals, k = _question_totals(losses), losses.questions

    def work(chunk: range) -> dict[str, FloatArray]:
        counts = np.stack([draw_clusters(k, resampling.seed, number) for number in chunk])
        # Not a matrix product: its order of adding may differ between machines.
        sums = [[(counts * column).sum(axis=1) for column in table.T] for table in totals]
        values = {}
        for name, (known, said, followed, unseen, rest, m) in zip(SCORES, sums, strict=True):
            values[f"human {name}"] = human = ratio(known, m)
            added = np.where(followed > 0, ratio(followed, m) * ratio(rest, unseen), 0.0)
            values[f"corrected {name}"] = human - ratio(said, m) + added
        return values

    replicated = run_replicates(
        work, resampling.replicates, stage="corrected scores", row_size=k, execution=execution
    )
    scores = {}
    for name, score in corrected_scores(answers, resampling.level).items():
        corrected, human = (
            _percentiles(estimate.value, replicated[f"{kind} {name}"], resampling.level)
            for kind, estimate in (("corrected", score.corrected), ("human", score.human))
        )
        scores[name] = CorrectedScore(corrected, human, score.judged, score.weight)
    return scores


def _question_totals(losses: PairedLosses) -> list[FloatArray]:
    """Return per score the sums over each question that the estimates are made of, (k, 6)."""
    seen, weight = losses.labelled.astype(np.float64), tuned_weights(losses)
    tables = []
    for column in range(len(SCORES)):
        said, w = losses.predicted[:, column], weight[:, column]
        known = seen * losses.truth[:, column]
        rows = (known, seen * w * said, seen * w, 1 - seen, (1 - seen) * said, seen)
        tables.append(sum_by(np.stack(rows, axis=1), losses.cluster, losses.questions))
    return tables


def _percentiles(value: float | None, replicated: FloatArray, level: float) -> Estimate:
    ends = percentile_interval(replicated, level)
    if ends.low is None or ends.high is None or ends.high - ends.low < 1e-12:
        return Estimate(value, None, None, reason="no interval: resampling shows no spread")
    return Estimate(value, ends.low, ends.high)


def _range(name: str) -> tuple[float, float]:
    return (-1.0, 1.0) if name == "gap" else (0.0, 1.0)
