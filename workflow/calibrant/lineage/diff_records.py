"""What differs between two runs of stages: what could explain that their outputs differ."""

from collections.abc import Mapping
from typing import Any

from calibrant.lineage.graph import StageRun
from calibrant.lineage.hops import short
from calibrant.lineage.record import OutputEntry

_PLAIN = ("stage", "subject", "seed", "device", "cpus", "host")


def diff_records(first: StageRun, second: StageRun) -> dict[str, list[str]]:
    """Return the differences, as lines by topic; a topic without any is left out.

    Topics: run, settings (by key), code (by module), inputs, outputs, environment (lock,
    interpreter, packages), git. Times are left out: they always differ.
    """
    old, new = first.record, second.record
    topics = {
        "run": _changes({key: old[key] for key in _PLAIN}, {key: new[key] for key in _PLAIN}),  # type: ignore[literal-required]
        "settings": _changes(_flat(old["settings"]), _flat(new["settings"])),
        "code": _changes(old["code"]["modules"], new["code"]["modules"], digests=True),
        "inputs": _changes(
            _files(first, old["inputs"]), _files(second, new["inputs"]), digests=True
        ),
        "outputs": _changes(
            {entry["name"]: entry["sha256"] for entry in old["outputs"]},
            {entry["name"]: entry["sha256"] for entry in new["outputs"]},
            digests=True,
        ),
        "environment": _changes(_environment(first), _environment(second)),
        "git": _changes(_flat(dict(old["git"] or {})), _flat(dict(new["git"] or {}))),
    }
    return {topic: lines for topic, lines in topics.items() if lines}


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], *, digests: bool = False) -> list[str]:
    lines = []
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            lines.append(f"{key}: only in the first")
        elif key not in old:
            lines.append(f"{key}: only in the second")
        elif old[key] != new[key]:
            pair = (short(old[key]), short(new[key])) if digests else (old[key], new[key])
            lines.append(f"{key}: {pair[0]} -> {pair[1]}")
    return lines


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Return nested settings with one key per leaf, such as ``measures.bins`` or ``train.0.limit``."""
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    if not items:
        return {prefix: value} if prefix else {}
    flat: dict[str, Any] = {}
    for key, item in items:
        flat |= _flat(item, f"{prefix}.{key}" if prefix else str(key))
    return flat


def _files(run: StageRun, entries: list[Any]) -> dict[str, str]:
    """Return inputs by option and position: two runs read other paths for the same purpose."""
    counts: dict[str, int] = {}
    found: dict[str, str] = {}
    for entry in entries:
        found[_name(run, entry, counts)] = entry["sha256"]
    return found


def _name(run: StageRun, entry: OutputEntry, counts: dict[str, int]) -> str:
    position = counts.get(entry["name"], 0)
    counts[entry["name"]] = position + 1
    return entry["name"] if position == 0 else f"{entry['name']}.{position}"


def _environment(run: StageRun) -> dict[str, Any]:
    record = run.record
    environment = record["environment"]
    packages = dict(item.partition("==")[::2] for item in environment["packages"])
    lock = record["lock"]
    torch = environment["torch"]
    return {
        **packages,
        "(lock)": None if lock is None else f"{lock['name']} {short(lock['sha256'])}",
        "(python)": environment["python"],
        "(platform)": environment["platform"],
        "(torch build)": None if torch is None else f"{torch['version']}, cuda {torch['cuda']}",
    }
