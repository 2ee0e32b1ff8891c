"""What a model forecast of its own faithfulness, one row per question, and its Parquet file."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from calibrant.errors import CalibrantError
from calibrant.files import atomic_path

# Not among the rows of ``calibrant.rows``: every stage reads that module, and few these.
_SCHEMA = pa.schema(
    [
        pa.field("question_id", pa.string(), nullable=False),
        pa.field("dataset", pa.string(), nullable=False),
        pa.field("method", pa.string(), nullable=False),
        pa.field("seed", pa.int64(), nullable=False),
        pa.field("reply", pa.string(), nullable=False),
        pa.field("forecast", pa.float64()),
        pa.field("stated", pa.float64()),
        pa.field("intrinsic", pa.float64()),
    ],
    metadata={"calibrant_row": "Forecast"},
)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a model said of its first answer to a question, and what its other answers show.

    Attributes:
        question_id: The question answered.
        dataset: Its dataset.
        method: The system that answered and was asked.
        seed: Its seed.
        reply: Its reply to the second query, as it stands.
        forecast: The forecast read from it, in [0, 1], or None where none can be read.
        stated: Confidence that the answer stated, in [0, 1], or None.
        intrinsic: Share of the other answers that say the same, in [0, 1], or None where there is no
            other or the answer cannot be read.
    """

    question_id: str
    dataset: str
    method: str
    seed: int
    reply: str
    forecast: float | None
    stated: float | None
    intrinsic: float | None


def write_forecasts(path: Path, rows: Iterable[Forecast]) -> None:
    """Write forecasts to a Parquet file, atomically; equal rows give equal bytes."""
    table = pa.Table.from_pylist([asdict(row) for row in rows], schema=_SCHEMA)
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_forecasts(path: Path) -> list[Forecast]:
    """Read a file that ``write_forecasts`` wrote.

    Raises:
        CalibrantError: If it is absent, not Parquet, or holds other columns.
    """
    names = [field.name for field in fields(Forecast)]
    try:
        table = pq.read_table(path)
        rows = table.select(names).cast(_SCHEMA).to_pylist()
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise CalibrantError(
            f"is not a table of forecasts: {error}",
            where=path,
            repair="Delete it and let the workflow make it again",
        ) from error
    return [Forecast(**row) for row in rows]
