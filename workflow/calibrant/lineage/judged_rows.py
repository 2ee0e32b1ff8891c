"""The check of answers that a judge graded: all but its verdicts is what the graders wrote."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibrant.errors import CalibrantError
from calibrant.lineage.differences import first_difference

if TYPE_CHECKING:
    from calibrant.rows import Prediction

_BY_JUDGE = ("correct", "grade_reason", "grader", "true_probability")


def check_judged_rows(graded: Path, judged: Path) -> None:
    """Check that a judge decided what it was asked, and that nothing else was changed.

    The verdicts themselves would take the judge's model.

    Args:
        graded: Predictions before the judge.
        judged: Predictions after it.

    Raises:
        CalibrantError: If rows differ in what no judge decides, or where none was asked.
    """
    from calibrant.grading.verdict import Grade
    from calibrant.judging.need import needs_judge
    from calibrant.rows import Prediction, read_rows

    before, after = read_rows(graded, Prediction), read_rows(judged, Prediction)
    if len(before) != len(after):
        raise CalibrantError(f"has {len(after)} rows, but {len(before)} were graded")
    for at, (old, new) in enumerate(zip(before, after, strict=True)):
        asked = needs_judge(Grade(old.correct, old.grade_reason, old.grader))
        left_out = _BY_JUDGE if asked else ()
        found = first_difference(_without(left_out, new), _without(left_out, old), f"/{at}")
        if found is not None:
            raise CalibrantError(f"{found} before the judge, who does not decide that")


def _without(names: Sequence[str], row: "Prediction") -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name not in names}
