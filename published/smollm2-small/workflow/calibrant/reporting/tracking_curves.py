"""Training curves as step metrics of the MLflow run of their training."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from calibrant.lineage.record import Record
from calibrant.reporting.curves import CURVE_ENDING, numbers_by_round, read_lines
from calibrant.reporting.tracking_places import unchanged_output

if TYPE_CHECKING:
    from mlflow.entities import Metric


def curve_metrics(
    record: Record, root: Path, moment: int, say: Callable[[str], None]
) -> "list[Metric]":
    """Return the numbers of every round in the curves that a stage wrote.

    A metric is named after the kind of line and its key, such as ``train/reward``; its step is the
    round. A curve that is gone, or is no longer the one the record describes, is said and left out.

    Args:
        record: Record of the stage.
        root: Folder of the study's results.
        moment: Time of all metrics (milliseconds since 1970).
        say: Prints a line.
    """
    from mlflow.entities import Metric

    return [
        Metric(name, value, moment, step)
        for path in unchanged_output(record, root, lambda name: name.endswith(CURVE_ENDING), say)
        for name, step, value in numbers_by_round(read_lines(path))
    ]
