"""What a stage depends on at one moment, and whether it is what was planned and has stayed so.

Without this, code that is edited between planning and running, or while a stage runs, would be
recorded as the code that ran.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.files import sha256_file
from calibrant.lineage.code import code_closure, code_digest
from calibrant.lineage.command import StageArguments
from calibrant.lineage.record import InputEntry, LockEntry, describe_input

PACKAGE_ROOT = Path(os.path.abspath(__file__)).parents[1]
_REPAIR = "Run the workflow again, so that this stage is planned and run with what is there now"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Digests of everything a stage depends on.

    Attributes:
        modules: The import closure (see ``code_closure``).
        lock: The lock file of the environment, or None when run by hand.
        inputs: Every input file.
    """

    modules: dict[str, str]
    lock: LockEntry | None
    inputs: list[InputEntry]


def take_snapshot(script: Path, arguments: StageArguments) -> Snapshot:
    """Read and hash the code, the lock file and the inputs of a stage.

    Raises:
        CalibrantError: If one of them cannot be read.
    """
    planned = arguments.planned_lock
    lock: LockEntry | None = None
    if planned:
        lock = {"name": planned["name"], "sha256": sha256_file(lock_path(planned["name"]))}
    return Snapshot(
        modules=code_closure(script, PACKAGE_ROOT),
        lock=lock,
        inputs=[
            describe_input(name, path, arguments.root)
            for name, paths in arguments.inputs.items()
            for path in paths
        ],
    )


def lock_path(name: str) -> Path:
    """Return where the lock file of an environment lies in the project."""
    return Path("envs") / f"{name}.lock"


def check_planned(snapshot: Snapshot, arguments: StageArguments) -> None:
    """Check that code and lock file are the ones the workflow planned the stage with.

    Raises:
        CalibrantError: If one is not. A digest does not tell which module differs, so the message
            names the one edited last.
    """
    found = code_digest(snapshot.modules)
    if arguments.planned_code not in (None, found):
        raise CalibrantError(
            f"the code is not what was planned (planned {arguments.planned_code}, found {found}; "
            f"edited last: {_edited_last(snapshot.modules)})",
            repair=_REPAIR,
        )
    if snapshot.lock != arguments.planned_lock and arguments.planned_lock:
        raise CalibrantError(
            "the lock file is not the one that was planned",
            where=lock_path(arguments.planned_lock["name"]),
            repair=_REPAIR,
        )


def check_unchanged(before: Snapshot, script: Path, arguments: StageArguments) -> None:
    """Check that nothing a stage depends on changed while it ran.

    Raises:
        CalibrantError: If something did; names every file that changed.
    """
    try:
        after = take_snapshot(script, arguments)
    except CalibrantError as error:
        raise CalibrantError(
            f"changed while the stage ran: {error.what}", where=error.where, repair=_REPAIR
        ) from error
    changed = _differences(before.modules, after.modules)
    if before.lock != after.lock and before.lock:
        changed.append(str(lock_path(before.lock["name"])))
    changed += _differences(_digests(before.inputs), _digests(after.inputs))
    if changed:
        raise CalibrantError(
            "changed while the stage ran", where=", ".join(changed), repair=_REPAIR
        )


def _digests(inputs: list[InputEntry]) -> dict[str, str]:
    return {entry["path"]: entry["sha256"] for entry in inputs}


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return sorted(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )


def _edited_last(modules: Mapping[str, str]) -> str:
    times = {name: (PACKAGE_ROOT.parent / name).stat().st_mtime for name in modules}
    newest = max(times, key=lambda name: times[name])
    return f"{newest} at {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(times[newest]))}"
