"""The record a stage leaves beside its outputs: what it read, ran with, and wrote.

A record is plain JSON at ``results/STUDY/records/<path of the output>.json``. It is written last:
an output without a record was not finished. A stage with several outputs writes the same bytes for
each of them, so a record is known by the SHA-256 of its file.
"""

import os
from pathlib import Path
from typing import Any, Final, TypedDict, cast

from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, read_json, sha256_file

SCHEMA: Final = "calibrant-record/1"
RECORDS = "records"


class OutputEntry(TypedDict):
    """A file that a stage wrote; ``name`` is its option on the command line."""

    name: str
    path: str
    sha256: str
    bytes: int


class InputEntry(OutputEntry):
    """A file that a stage read; ``record`` is the SHA-256 of the record that made it, or None."""

    record: str | None


class LockEntry(TypedDict):
    """The lock file of a stage's environment, ``envs/NAME.lock``."""

    name: str
    sha256: str


class CodeEntry(TypedDict):
    """The import closure of a stage (see ``code_closure``) and its digest."""

    digest: str
    modules: dict[str, str]


class TorchEntry(TypedDict):
    """The build of torch a stage had imported; ``cuda`` is None for a build without it."""

    version: str
    cuda: str | None
    gpus: list[str]


class EnvironmentEntry(TypedDict):
    """What was installed, as observed; ``torch`` is None where the stage did not import it."""

    python: str
    platform: str
    packages: list[str]
    torch: TorchEntry | None


class GitEntry(TypedDict, total=False):
    """The commit, and the SHA-256 of the difference from it where there is one.

    ``problem`` is present only where git could not answer, and says why.
    """

    commit: str | None
    dirty: bool | None
    diff_sha256: str | None
    problem: str


class PlannedEntry(TypedDict):
    """The digests that the workflow planned the stage with."""

    code: str | None
    lock: LockEntry | None


class Record(TypedDict):
    """One finished stage. Paths are POSIX, relative to the project's folder where they are in it.

    Times are ISO 8601 in UTC, ``seconds`` is the duration, ``cpus`` the processors the stage could
    use, ``planned`` None for a stage run by hand without digests.
    """

    schema: str
    stage: str
    subject: str
    outputs: list[OutputEntry]
    inputs: list[InputEntry]
    code: CodeEntry
    settings: dict[str, Any]
    settings_sha256: str
    lock: LockEntry | None
    planned: PlannedEntry | None
    seed: int | None
    environment: EnvironmentEntry
    host: str
    cpus: int
    device: str
    slurm_job: str | None
    git: GitEntry | None
    command: list[str]
    started: str
    finished: str
    seconds: float
    metrics: dict[str, float]
    notes: list[str]


def record_path(output: Path, root: Path) -> Path:
    """Return where the record of an output lies.

    Args:
        output: A file below ``root``.
        root: ``results/STUDY``.

    Raises:
        CalibrantError: If ``output`` is not below ``root``, or is itself a record.
    """
    inner = Path(os.path.relpath(output, root))
    if not inner.parts or inner.parts[0] in ("..", RECORDS):
        raise CalibrantError(
            f"is not a result below {root}",
            where=output,
            repair="Give --root the folder of the study (results/STUDY) that holds the output",
        )
    return root / RECORDS / inner.with_name(f"{inner.name}.json")


def project_path(path: Path) -> str:
    """Return a path as records write it: relative to the project's folder, else absolute."""
    # Not resolve(): results may be a link to another disk, and the record says results/.
    absolute = Path(os.path.abspath(path))
    folder = Path.cwd()
    return (
        absolute.relative_to(folder) if absolute.is_relative_to(folder) else absolute
    ).as_posix()


def describe_input(name: str, path: Path, root: Path) -> InputEntry:
    """Return the entry of an input, with the record of the stage that made it if there is one.

    Raises:
        CalibrantError: If the file cannot be read.
    """
    absolute = Path(os.path.abspath(path))
    record = None
    if absolute.is_relative_to(os.path.abspath(root)):
        producer = record_path(absolute, Path(os.path.abspath(root)))
        record = sha256_file(producer) if producer.is_file() else None
    return {**describe_output(name, path), "record": record}


def describe_output(name: str, path: Path, content: Path | None = None) -> OutputEntry:
    """Return the entry of an output, whose bytes may still lie at ``content``.

    Raises:
        CalibrantError: If the file cannot be read.
    """
    content = content or path
    digest = sha256_file(content)
    return {
        "name": name,
        "path": project_path(path),
        "sha256": digest,
        "bytes": content.stat().st_size,
    }


def record_text(record: Record) -> str:
    """Return the bytes of a record file as text: canonical JSON and a newline."""
    return canonical_json(record) + "\n"


def read_record(path: Path) -> Record:
    """Read a record.

    Raises:
        CalibrantError: If it is absent, not JSON, of another schema, or lacks a field.
    """
    value = read_json(path)
    found = value.get("schema") if isinstance(value, dict) else None
    if found != SCHEMA:
        raise CalibrantError(f"is not a record of schema {SCHEMA} (found {found!r})", where=path)
    missing = sorted(Record.__required_keys__ - value.keys())
    if missing:
        raise CalibrantError(f"is a record without {', '.join(missing)}", where=path)
    return cast(Record, value)


def find_records(root: Path) -> list[Path]:
    """Return the record files of a study, sorted by path."""
    # A name with a dot in front is the temporary file of a stage that is finishing or was killed.
    return sorted(
        path for path in (root / RECORDS).rglob("*.json") if not path.name.startswith(".")
    )
