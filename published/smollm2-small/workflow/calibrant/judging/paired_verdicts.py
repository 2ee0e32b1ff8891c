"""What people and a judge said about the same answers, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from calibrant.errors import CalibrantError
from calibrant.measures.sample import FloatArray, IntArray, cluster_codes


@dataclass(frozen=True, slots=True, eq=False)
class PairedVerdicts:
    """Two verdicts per answer, on n answers.

    Attributes:
        human: Whether people call the answer right, bool of shape (n,).
        judge: Whether the judge does, bool of shape (n,).
        cluster: Code of the question answered, shape (n,).
        weight: How many answers of the population each stands for, above 0, shape (n,).
    """

    human: NDArray[np.bool_]
    judge: NDArray[np.bool_]
    cluster: IntArray
    weight: FloatArray

    def __len__(self) -> int:
        """Return the number of answers."""
        return len(self.human)

    def rows(self, chosen: NDArray[np.bool_]) -> "PairedVerdicts":
        """Return the rows where ``chosen``, shape (n,), is true."""
        return PairedVerdicts(
            self.human[chosen], self.judge[chosen], self.cluster[chosen], self.weight[chosen]
        )

    def tables(self) -> FloatArray:
        """Return the table of every question, shape (k, 4).

        Columns are the weight of true positives (both say right), false positives (only the judge
        does), false negatives (only people do) and true negatives.
        """
        cell = 2 * (~self.human).astype(np.int64) + (self.human == self.judge)
        # The codes are 0 false negative, 1 true positive, 2 false positive, 3 true negative.
        _, question = np.unique(self.cluster, return_inverse=True)
        k = int(question.max()) + 1
        flat = np.bincount(4 * question + cell, weights=self.weight, minlength=4 * k)
        return flat.astype(np.float64).reshape(k, 4)[:, [1, 2, 0, 3]]


def paired_verdicts(
    human: ArrayLike,
    judge: ArrayLike,
    cluster: ArrayLike | None = None,
    weight: ArrayLike | None = None,
) -> PairedVerdicts:
    """Check plain arrays and put them side by side.

    Args:
        human: True and False, or 1 and 0, shape (n,).
        judge: The same of the judge.
        cluster: A label of the question per answer; None where every answer has its own.
        weight: Sampling weights above 0; None where all answers count alike.

    Raises:
        CalibrantError: If there is no row, lengths differ, a verdict is missing or a weight is not
            a number above 0.
    """
    people, machine = binary_verdicts(human, "human"), binary_verdicts(judge, "judge")
    n = len(people)
    if n == 0:
        raise CalibrantError("there are no verdicts to compare", where="human")
    weights = np.ones(n) if weight is None else np.asarray(weight, np.float64)
    for name, column in (("judge", machine), ("weight", weights)):
        if column.shape != (n,):
            raise CalibrantError(f"has shape {column.shape} beside {n} human verdicts", where=name)
    if not np.all(np.isfinite(weights) & (weights > 0)):
        raise CalibrantError("holds something that is not a number above 0", where="weight")
    return PairedVerdicts(people, machine, cluster_codes(cluster, n), weights)


def binary_verdicts(values: ArrayLike, name: str) -> NDArray[np.bool_]:
    """Return verdicts as bool, shape (n,).

    Raises:
        CalibrantError: If one is neither right (True, 1) nor wrong (False, 0); names its row.
    """
    column = np.asarray(values)
    if column.ndim != 1:
        raise CalibrantError(f"has {column.ndim} dimensions instead of one", where=name)
    bad = np.flatnonzero(~np.asarray((column == 0) | (column == 1), bool))
    if len(bad):
        raise CalibrantError(
            f"{column[bad[0]]!r} is neither right (1) nor wrong (0)",
            where=f"{name}, row {bad[0]}",
            repair="Leave out answers without a verdict, and count them",
        )
    return column.astype(bool)


def confidence_bands(confidence: ArrayLike, edges: Sequence[float]) -> NDArray[np.str_]:
    """Return the band of every confidence, such as ``[0.5, 0.8)``, or ``missing``; shape (n,).

    Args:
        confidence: Stated confidences, NaN where there is none, shape (n,).
        edges: Ends of the bands, ascending; a band holds its lower end, the last one both.

    Raises:
        CalibrantError: If edges do not ascend, or a confidence lies outside them.
    """
    ends = np.asarray(edges, np.float64)
    if len(ends) < 2 or not np.all(np.diff(ends) > 0):
        raise CalibrantError("edges must ascend", where="edges", repair="Write 0, 0.5, 1")
    stated = np.asarray(confidence, np.float64)
    missing = np.isnan(stated)
    outside = np.flatnonzero(~missing & ~((stated >= ends[0]) & (stated <= ends[-1])))
    if len(outside):
        raise CalibrantError(
            f"{stated[outside[0]]:g} lies in no band", where=f"confidence, row {outside[0]}"
        )
    names = [f"[{a:g}, {b:g})" for a, b in pairwise(ends[:-1])]
    names += [f"[{ends[-2]:g}, {ends[-1]:g}]", "missing"]
    band = np.minimum(np.searchsorted(ends, stated, side="right") - 1, len(ends) - 2)
    return np.asarray(names)[np.where(missing, len(names) - 1, band)]
