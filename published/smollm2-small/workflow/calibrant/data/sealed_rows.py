"""The check that a stage learns only from the split, and the datasets, that it may learn from.

A study that would train, select or tune on held-out or test rows is refused when it is read, and the
workflow hands no such file to these stages. This check is for what neither sees: a file that was
replaced or mixed up afterwards. Every stage that learns from rows calls it on all rows that it reads.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.files import sha256_file
from calibrant.lineage.record import read_record, record_path
from calibrant.rows import Prediction, Question, Split

_REPAIR = "Delete the file and let the workflow make it again"


def check_rows(
    rows: Sequence[Question] | Sequence[Prediction],
    split: Split,
    datasets: Collection[str] | None,
    where: object = None,
) -> None:
    """Refuse rows of another split or dataset.

    Args:
        rows: All rows that a stage learns from.
        split: The only split they may be of.
        datasets: The only datasets they may be of; None where any will do.
        where: The file; else the dataset of the row is named, and who answered it.

    Raises:
        CalibrantError: Names the first such row.
    """
    for row in rows:
        if row.split != split:
            what = f"is of the split {row.split}, and only rows of {split} may be learnt from here"
        elif datasets is not None and row.dataset not in datasets:
            named = ", ".join(datasets) or "nothing"
            what = f"is of the dataset {row.dataset}, and only {named} may be learnt from here"
        else:
            continue
        answered = f"{row.method}/" if isinstance(row, Prediction) else ""
        raise CalibrantError(
            f"{row.question_id} {what}", where=where or f"{answered}{row.dataset}", repair=_REPAIR
        )


def check_as_made(path: Path, root: Path) -> None:
    """Refuse a file that is not what the stage that made it left behind.

    A row can be written into a file with a split that is not its own; the record tells.

    Args:
        path: A result below ``root``.
        root: ``results/STUDY``.

    Raises:
        CalibrantError: If the file has no record, or other content than its record says.
    """
    record = read_record(record_path(path, root))
    # By name: a run may have been brought from a machine where the project lies elsewhere.
    listed = {Path(entry["path"]).name: entry["sha256"] for entry in record["outputs"]}
    if listed.get(path.name) != sha256_file(path):
        raise CalibrantError(
            f"is not the file that stage {record['stage']} made", where=path, repair=_REPAIR
        )
