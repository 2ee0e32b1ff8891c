"""The lowest threshold whose risk is certified: learn then test, in a fixed sequence.

Candidates t_1 > t_2 > ... are fixed without the labels tested. For each, the null hypothesis says
that the error rate among answers with confidence >= t exceeds alpha. Given how many answers reach
t, their errors are binomial, so P(X <= errors) under alpha is an exact p-value. The hypotheses are
tested from the highest threshold down, each at the full delta, until one is not rejected: a true null
can be rejected only if the first true null in the sequence is, which happens with probability at
most delta (Angelopoulos et al. 2021, 2110.01052).

Nothing is assumed about how risk varies with confidence. The start matters, though, and may not be
chosen from the counts tested: skipping the candidates that "too few answers reach" would, where
risk is not monotone, favour samples whose mixture happens to be easy. ``candidates`` therefore
chooses it on questions of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibrant.certification.binomial import lower_tail
from calibrant.certification.feasibility import check_levels
from calibrant.errors import CalibrantError
from calibrant.measures.sample import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class TestedThreshold:
    """One hypothesis of the sequence.

    Attributes:
        threshold: Answers with this confidence or more are accepted.
        accepted: Number of tested answers accepted.
        errors: Number of wrong ones among them.
        p_value: Of the null hypothesis that the risk exceeds alpha.
    """

    threshold: float
    accepted: int
    errors: int
    p_value: float


@dataclass(frozen=True, slots=True)
class ThresholdTest:
    """What the fixed sequence found.

    Attributes:
        threshold: The lowest certified threshold, or None if the first candidate failed.
        tested: The hypotheses in the order tested; the last is the one that failed, if any did.
    """

    threshold: float | None
    tested: tuple[TestedThreshold, ...]


def certify_threshold(  # noqa: PLR0913
    confidence: FloatArray,
    correct: FloatArray,
    candidates: Sequence[float],
    *,
    alpha: float,
    delta: float,
    cluster: IntArray | None = None,
) -> ThresholdTest:
    """Return the lowest threshold t with P(error rate among confidence >= t exceeds alpha) <= delta.

    The probability is over samples of independent answers from one source.

    Args:
        confidence: In [0, 1], NaN where missing (never accepted), shape (n,).
        correct: 1 for a right answer and 0 for a wrong one, shape (n,).
        candidates: Thresholds in [0, 1], in any order, chosen without these labels and counts.
        alpha: Highest error rate allowed, in (0, 1).
        delta: Highest probability that the threshold's error rate exceeds it, in (0, 1).
        cluster: Code of the question of every answer, shape (n,), or None if all differ.

    Raises:
        CalibrantError: If a level, a candidate or the sample is no good, or a question has more
            than one answer: their errors hang together, and no binomial bound holds for them
            without assumptions. ``one_per_question`` draws one.
    """
    check_levels(alpha, delta)
    _check(confidence, correct, candidates, cluster)
    tested: list[TestedThreshold] = []
    certified: float | None = None
    for threshold in sorted(set(candidates), reverse=True):
        reached = confidence >= threshold
        accepted = int(reached.sum())
        errors = accepted - int(correct[reached].sum())
        p_value = lower_tail(errors, accepted, alpha)
        tested.append(TestedThreshold(threshold, accepted, errors, p_value))
        if p_value > delta:
            break
        certified = threshold
    return ThresholdTest(certified, tuple(tested))


def _check(
    confidence: FloatArray,
    correct: FloatArray,
    candidates: Sequence[float],
    cluster: IntArray | None,
) -> None:
    if len(confidence) != len(correct):
        raise CalibrantError(
            f"has {len(correct)} rows where confidence has {len(confidence)}", where="correct"
        )
    if not np.isin(correct, (0, 1)).all():
        raise CalibrantError("holds something other than 0 and 1", where="correct")
    if ((confidence < 0) | (confidence > 1)).any():
        raise CalibrantError("holds something outside 0 to 1", where="confidence")
    if not candidates or not all(0 <= threshold <= 1 for threshold in candidates):
        raise CalibrantError(
            "are none, or not all between 0 and 1",
            where="candidate thresholds",
            repair="Give thresholds such as 0.95 0.9 0.85",
        )
    if cluster is not None and len(np.unique(cluster)) < len(confidence):
        raise CalibrantError(
            "some questions have several answers, which are not independent",
            where="cluster",
            repair="Keep one answer per question, drawn without a look at confidence or label",
        )
