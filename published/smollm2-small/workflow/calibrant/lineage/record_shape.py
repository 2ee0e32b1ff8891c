"""Whether what stands in a record file has the shape of a record."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PLAIN: dict[str, type | tuple[type, ...]] = {
    "stage": str,
    "subject": str,
    "settings": dict,
    "settings_sha256": str,
    "seed": (int, type(None)),
    "planned": (dict, type(None)),
    "lock": (dict, type(None)),
    "environment": dict,
    "command": list,
    "started": str,
    "finished": str,
    "seconds": (int, float),
    "git": (dict, type(None)),
    "metrics": dict,
    "notes": list,
}


def check_shape(record: Any, where: Path) -> None:
    """Check the fields that other parts rely on; a record may have been edited by anybody.

    Args:
        record: What ``read_record`` returned.
        where: Its file, for the message.

    Raises:
        CalibrantError: Names the first field that is not as a stage writes it.
    """
    for name, kind in _PLAIN.items():
        # True is an int to Python and no number to anybody else.
        if not isinstance(record[name], kind) or isinstance(record[name], bool):
            raise _malformed(name, where)
    for name, is_good in _CHECKS.items():
        if not is_good(record[name]):
            raise _malformed(name, where)


def _malformed(name: str, where: Path) -> CalibrantError:
    return CalibrantError(f"is no record of a stage: {name} is malformed", where=where)


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _is_plain_path(value: Any) -> bool:
    # Stages write paths in their shortest form; any other may leave the study's folder.
    return isinstance(value, str) and ".." not in value.split("/")


def _are_files(entries: Any) -> bool:
    return isinstance(entries, list) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("name"), str)
        and _is_plain_path(entry.get("path"))
        and isinstance(entry.get("bytes"), int)
        and _is_digest(entry.get("sha256"))
        and (entry.get("record") is None or _is_digest(entry["record"]))
        for entry in entries
    )


def _is_lock(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and _is_digest(value.get("sha256"))
    )


def _is_code(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("digest"), str)
        and isinstance(value.get("modules"), dict)
        and all(isinstance(digest, str) for digest in value["modules"].values())
    )


def _is_plan(value: Any) -> bool:
    return value is None or (
        isinstance(value.get("code"), str | None) and _is_lock(value.get("lock"))
    )


def _is_environment(value: Any) -> bool:
    packages, torch = value.get("packages"), value.get("torch")
    return (
        _are_texts(packages)
        and {"python", "platform"} <= value.keys()
        and (torch is None or (isinstance(torch, dict) and {"version", "cuda"} <= torch.keys()))
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "outputs": lambda value: bool(value) and _are_files(value),
    "inputs": _are_files,
    "lock": _is_lock,
    "planned": _is_plan,
    "code": _is_code,
    "command": _are_texts,
    "environment": _is_environment,
}
