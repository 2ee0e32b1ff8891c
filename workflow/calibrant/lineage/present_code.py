"""The code that is here now against the code that a record names."""

from pathlib import Path

from calibrant.lineage.code import code_closure
from calibrant.lineage.record import Record
from calibrant.lineage.snapshot import PACKAGE_ROOT


def differing_modules(module: str, record: Record) -> list[str]:
    """Return the modules behind a module that are not here as a record has them.

    Args:
        module: File of the module, relative to the package.
        record: The record of a stage that imports the module.

    Returns:
        Names as in records, sorted; empty where the code here is the code that ran.
    """
    recorded = record["code"]["modules"]
    here = code_closure(PACKAGE_ROOT / module, PACKAGE_ROOT)
    return sorted(name for name, digest in here.items() if recorded.get(name) != digest)


def script_of(record: Record) -> Path | None:
    """Return the script of a record's stage as it lies here, or None where it does not."""
    for name in record["code"]["modules"]:
        path = PACKAGE_ROOT.parent / name
        if path.parent.name == "scripts" and path.stem == record["stage"] and path.is_file():
            return path
    return None


def stage_script(stage: str) -> Path | None:
    """Return the script of a stage as it lies here, or None where the package is without it."""
    path = PACKAGE_ROOT.parent / f"scripts/{stage}.py"
    return path if path.is_file() else None
