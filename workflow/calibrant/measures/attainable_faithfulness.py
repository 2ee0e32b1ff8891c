"""The faithfulness that a model would reach which states exactly how sure it is.

Measured faithfulness compares a stated confidence with a share of K - 1 other answers. That share
is noisy, so even the exact confidence misses it, by about sqrt(p (1 - p) / (K - 1)): of a model
whose certainty is spread evenly over 0.5 to 1, cMFG* is 0.87 with 8 answers to a question and 0.96
with 64. A measured figure is to be read against this one and not against 1.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from calibrant.measures.binomial_mixture import PROBABILITIES, count_chances, fit_mixtures
from calibrant.measures.bootstrap import Interval, draw_clusters, percentile_interval
from calibrant.measures.faithfulness import cmfg, cmfg_star, mfg
from calibrant.measures.figure_entry import FROM_ONE_QUESTION, figure_entry
from calibrant.measures.sample import FloatArray, IntArray, ScoredSample
from calibrant.measures.weighting import Measure, tie_groups, weigh_rows

FEWEST_ANSWERS = 4
TOO_FEW = f"fewer than {FEWEST_ANSWERS} answers to a question do not show what could be reached"
_REPLICATES = 50
_MEASURES: dict[str, Measure] = {"mfg": mfg, "cmfg": cmfg, "cmfg_star": cmfg_star}
# The last bits of an iteration may differ between processors; a published digit must not.
_DIGITS = 9


@dataclass(frozen=True, slots=True, eq=False)
class AgreementCounts:
    """How many of the others say the same as an answer, counted over all answers.

    Attributes:
        same: Others that say the same, shape (u,), one entry per distinct pair with ``others``.
        others: Other readable answers to the question, at least 1, shape (u,).
        answers: Answers to every question for which that is so, shape (questions, u).
    """

    same: IntArray
    others: IntArray
    answers: FloatArray

    @property
    def shares(self) -> FloatArray:
        """Intrinsic confidence, shape (u,), in [0, 1]."""
        return np.round(self.same / self.others, _DIGITS)


def count_agreement(questions: Sequence[Sequence[int | None]]) -> AgreementCounts:
    """Count agreement in the groups that ``grading.same_answer`` made of the answers to each question.

    Questions with fewer than two readable answers (None marks an unreadable one) are left out.
    """
    rows: list[Counter[tuple[int, int]]] = []
    for groups in questions:
        sizes = Counter(group for group in groups if group is not None)
        others = sum(sizes.values()) - 1
        if others >= 1:
            row: Counter[tuple[int, int]] = Counter()
            for size in sizes.values():
                row[(size - 1, others)] += size
            rows.append(row)
    cells = sorted(set().union(*rows))
    table = np.array([[row[cell] for cell in cells] for row in rows], np.float64)
    pairs = np.array(cells, np.int64).reshape(-1, 2)
    return AgreementCounts(pairs[:, 0], pairs[:, 1], table.reshape(len(rows), len(cells)))


def exact_faithfulness(counts: AgreementCounts, mixtures: FloatArray) -> FloatArray:
    """Return the mean faithfulness of an exact statement, given what the other answers show.

    Args:
        counts: The agreement, u distinct pairs.
        mixtures: Of the probability with which an answer is given, taken over answers and not over
            questions, as shares of ``PROBABILITIES``, shape (r, 101).

    Returns:
        E(1 - |p - same / others|) given ``same`` and ``others``, shape (r, u), in [0, 1]; 0 for
        counts that the mixture makes impossible.
    """
    chances = count_chances(counts.same, counts.others)
    gained = 1 - np.abs(PROBABILITIES[:, None] - counts.shares)
    likely = np.einsum("rp,pu->ru", mixtures, chances)
    expected = np.einsum("rp,pu->ru", mixtures, chances * gained)
    return np.divide(expected, likely, out=np.zeros_like(likely), where=likely > 0)


def attainable_faithfulness(
    questions: Sequence[Sequence[int | None]], *, level: float, seed: int
) -> dict[str, Any]:
    """Return MFG, cMFG and cMFG* of a model that says exactly how surely it gives each answer.

    The probabilities behind the shares are estimated for the sample as a whole
    (``fit_mixtures``): the share itself taken for the probability of every single question would
    make a model look surer than it is, and a fixed smoothing would make a sure one look unsure.
    Each answer then counts with the faithfulness that an exact statement would have on average
    where the others agree as much. Bins and answers are those of the measured figures, except that
    an answer without a readable confidence counts too.

    Against simulated exact models (200 questions; 8, 16 and 32 answers) the mean error of MFG and
    cMFG* is below 0.005 where certainty differs between questions. Where it is the same for all
    (0.25, 1/3, 0.5 or 0.953) the estimate sees differences that are not there and is too high: MFG
    by up to 0.008, cMFG* by up to 0.02 and mostly 0.01, cMFG, in which a bin of few answers counts
    as much as any, by up to 0.025. With 4 answers errors reach 0.04 either way. The intervals show
    how the estimate varies with the questions and are not corrected for this.

    Args:
        questions: Per question the group of every answer, None for one that cannot be read.
        level: Level of the intervals, in (0, 1).
        seed: Seed of the bootstrap over questions, 50 replicates, each with its own estimate.

    Returns:
        ``mfg``, ``cmfg`` and ``cmfg_star``, each value, low, high, left_out (replicates) and
        undefined; no value where no question has four readable answers.
    """
    counts = count_agreement(questions)
    if not len(counts.others) or counts.others.max() + 1 < FEWEST_ANSWERS:
        return {name: figure_entry(None, Interval(None, None, 0), TOO_FEW) for name in _MEASURES}
    number = len(counts.answers)
    drawn = [draw_clusters(number, seed, at) for at in range(_REPLICATES)] if number > 1 else []
    multiples = np.stack([np.ones(number), *drawn])
    weights = np.einsum("rq,qu->ru", multiples, counts.answers)
    values = _figures(counts, weights)
    entries = {}
    for name, column in values.items():
        interval = percentile_interval(column[1:], level)
        entries[name] = figure_entry(
            float(column[0]), interval, None if number > 1 else FROM_ONE_QUESTION
        )
    return entries


def _figures(counts: AgreementCounts, weights: FloatArray) -> dict[str, FloatArray]:
    """Return every measure for every row of weights, shape (r,) by name."""
    mixtures = fit_mixtures(count_chances(counts.same, counts.others), weights)
    cells = np.arange(len(counts.same))
    found: dict[str, list[float]] = {name: [] for name in _MEASURES}
    for faithful, weight in zip(exact_faithfulness(counts, mixtures), weights, strict=True):
        groups = tie_groups(ScoredSample(counts.shares, faithful, cells))
        weighted = weigh_rows(groups, weight[None])
        for name, measure in _MEASURES.items():
            found[name].append(float(measure(weighted)[0]))
    return {name: np.minimum(np.round(column, _DIGITS), 1.0) for name, column in found.items()}
