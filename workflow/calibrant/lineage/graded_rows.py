"""The check of grades: where a grader ran out of time, on one machine or the other, is no forgery."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from calibrant.lineage.differences import first_difference

_TIMEOUT = "timeout"
_BY_GRADER = ("correct", "grade_reason", "grader", "true_probability")


@dataclass(frozen=True, slots=True)
class GradeComparison:
    """How recorded grades compare with those given here.

    Attributes:
        difference: The first difference that no time limit explains, in words, or None.
        timeouts: Answers that were graded in one place and ran out of time in the other.
        counts: Statuses and grades of the recorded rows, as a record's metrics have them.
    """

    difference: str | None
    timeouts: int
    counts: Mapping[str, int]


def compare_grades(recorded: Path, computed: Path, *, shared: bool = False) -> GradeComparison:
    """Compare two files of predictions, leaving out what a time limit decided.

    Args:
        recorded: Predictions as the stage left them.
        computed: Predictions as graded here.
        shared: Leave out rows that are in only one of both.

    Raises:
        CalibrantError: If a file cannot be read.
    """
    from calibrant.grading.predictions import count_statuses
    from calibrant.rows import Prediction, read_rows

    before, after = read_rows(recorded, Prediction), read_rows(computed, Prediction)
    old, new = [asdict(row) for row in before], [asdict(row) for row in after]
    timeouts = 0
    for rows in zip(old, new, strict=False):
        if [row["grade_reason"] for row in rows].count(_TIMEOUT) == 1:
            timeouts += 1
            for row in rows:
                for name in _BY_GRADER:
                    del row[name]
    difference = first_difference(old, new, shared=shared)
    return GradeComparison(difference, timeouts, count_statuses(before))
