"""Training curves as step metrics of the MLflow run of their training."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from calibrant.files import sha256_file
from calibrant.lineage.record import Record
from calibrant.reporting.curves import CURVE_ENDING, numbers_by_round, read_lines

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

    metrics = []
    for entry in record["outputs"]:
        if not entry["path"].endswith(CURVE_ENDING):
            continue
        path = _local_path(entry["path"], root)
        if not path.is_file() or sha256_file(path) != entry["sha256"]:
            say(f"{path}: is not the curve that its record describes, left out")
            continue
        metrics += [
            Metric(name, value, moment, step)
            for name, step, value in numbers_by_round(read_lines(path))
        ]
    return metrics


def _local_path(recorded: str, root: Path) -> Path:
    """Return where an output lies, whose record says ``results/STUDY/...`` or an absolute path."""
    path = Path(recorded)
    parts = path.parts
    for start in range(len(parts) - 1):
        # The results may have been moved, or be reached from another folder.
        if parts[start] == root.name:
            moved = root.joinpath(*parts[start + 1 :])
            if moved.is_file():
                return moved
    return path
