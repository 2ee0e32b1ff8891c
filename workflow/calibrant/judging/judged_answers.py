"""Answers with a verdict of a judge each, some of which people have judged too."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from calibrant.errors import CalibrantError
from calibrant.judging.paired_verdicts import binary_verdicts
from calibrant.measures.sample import FloatArray, IntArray, check_probabilities, cluster_codes

LEAST_LABELLED = 30
"""Fewer human verdicts say nothing that an interval could carry."""


@dataclass(frozen=True, slots=True, eq=False)
class JudgedAnswers:
    """n answers, m of them judged by people.

    The m must be drawn at random from the n, without a look at answer, confidence or verdict: every
    correction rests on that.

    Attributes:
        confidence: Stated confidence, in [0, 1], shape (n,).
        judge: 1 where the judge calls the answer right, else 0, shape (n,).
        human: The same of people, 0 where they did not look, shape (n,).
        labelled: Whether people did, bool of shape (n,).
        cluster: Code of the question answered, shape (n,).
    """

    confidence: FloatArray
    judge: FloatArray
    human: FloatArray
    labelled: NDArray[np.bool_]
    cluster: IntArray

    def __len__(self) -> int:
        """Return the number of answers."""
        return len(self.judge)


def judged_answers(
    confidence: ArrayLike, judge: ArrayLike, human: ArrayLike, cluster: ArrayLike | None = None
) -> JudgedAnswers:
    """Check plain arrays and put them side by side.

    Args:
        confidence: In [0, 1], shape (n,). For accuracy alone any constant will do.
        judge: 1 and 0, or True and False, shape (n,).
        human: 1 and 0, NaN where people did not judge, shape (n,).
        cluster: A label of the question per answer; None where every answer has its own.

    Raises:
        CalibrantError: If lengths differ, a value is out of range, or people judged fewer than 30
            answers or answers to a single question.
    """
    verdicts = binary_verdicts(judge, "judge").astype(np.float64)
    n = len(verdicts)
    stated, people = np.asarray(confidence, np.float64), np.asarray(human, np.float64)
    for name, column in (("confidence", stated), ("human", people)):
        if column.shape != (n,):
            raise CalibrantError(f"has shape {column.shape} beside {n} verdicts", where=name)
    check_probabilities(stated, "confidence")
    labelled = ~np.isnan(people)
    people = np.where(labelled, people, 0.0)
    binary_verdicts(people, "human")
    codes = cluster_codes(cluster, n)
    if labelled.sum() < LEAST_LABELLED or len(np.unique(codes[labelled])) < 2:
        raise CalibrantError(
            f"people judged {labelled.sum()} answers; {LEAST_LABELLED}, to several questions, are "
            "needed to correct a judge",
            where="human",
            repair="Have people judge more answers, drawn at random",
        )
    return JudgedAnswers(stated, verdicts, people, labelled, codes)
