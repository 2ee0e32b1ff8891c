"""Checks of records by themselves: whether each agrees with itself in all that it says twice."""

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_text
from calibrant.lineage.code import code_digest
from calibrant.lineage.findings import Findings
from calibrant.lineage.graph import Graph, StageRun
from calibrant.lineage.record import RECORDS, LockEntry

# Stages whose seed is that of the path; others take the study's, such as that of the bootstrap.
_SEED_OF_PATH = frozenset({"generate", "read_transcripts", "train"})
_SEED = re.compile(r"(?:^|/)seed(\d+)(?=[./]|$)")
_SCRIPT = re.compile(r"(?:.*/)?scripts/[^/]+\.py")
_REDACTED = "[redacted]"


def check_records(graph: Graph, broken: Sequence[CalibrantError], findings: Findings) -> None:
    """Check every record.

    Args:
        graph: All that could be read.
        broken: Why others could not.
        findings: Gets the faults.
    """
    for error in broken:
        where = Path(error.where or graph.root)
        findings.altered(_from(graph.root, where), error.what)
    for run in graph.runs:
        place = f"{RECORDS}/{run.places[0]}.json"
        for what in [*_stage(run), *_digests(run), *_plan(run), *_seed(run), *_command(run)]:
            findings.altered(place, f"{what} (record of {run.name})")
        _check_copies(graph, run, findings)
    findings.checked["records"] = sum(len(run.places) for run in graph.runs) + len(broken)


def _from(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _stage(run: StageRun) -> list[str]:
    """Return where the stage is not the one whose script ran; each stage has one of its name."""
    stage = run.record["stage"]
    command = run.record["command"]
    is_script = bool(command) and command[0].endswith(".py")
    scripts = command[:1] if is_script else [word for word in command if _SCRIPT.fullmatch(word)]
    faults = []
    if not scripts:
        faults.append("its command line names no script")
    elif Path(scripts[0]).stem != stage:
        faults.append(f"its command line runs {Path(scripts[0]).name}")
    if f"scripts/{stage}.py" not in run.record["code"]["modules"]:
        faults.append(f"scripts/{stage}.py is not among its modules")
    return faults


def _digests(run: StageRun) -> list[str]:
    record = run.record
    faults = []
    try:
        settings = sha256_text(canonical_json(record["settings"]))
    except ValueError:
        settings = None
    if settings != record["settings_sha256"]:
        faults.append("its settings do not have the digest it gives for them")
    if code_digest(record["code"]["modules"]) != record["code"]["digest"]:
        faults.append("its modules do not have the digest it gives for its code")
    return faults


def _plan(run: StageRun) -> list[str]:
    record = run.record
    planned = record["planned"]
    if planned is None:
        return []
    faults = []
    if planned["code"] not in (None, record["code"]["digest"]):
        faults.append("the code is not what was planned")
    if planned["lock"] is not None and planned["lock"] != record["lock"]:
        faults.append("the lock file is not what was planned")
    return faults


def _seed(run: StageRun) -> list[str]:
    record = run.record
    if record["stage"] not in _SEED_OF_PATH:
        return []
    wrong = {seed for inner in run.outputs for seed in _SEED.findall(inner)} - {str(record["seed"])}
    return (
        [f"the seed is {record['seed']}, in its path {', '.join(sorted(wrong))}"] if wrong else []
    )


def _command(run: StageRun) -> list[str]:
    """Return where the command line says otherwise than the record."""
    record = run.record
    options = _options(record["command"])
    planned = record["planned"] or {"code": None, "lock": None}
    said: dict[str, tuple[bool, object]] = {
        "--seed": (True, None if record["seed"] is None else str(record["seed"])),
        "--code": (True, planned["code"]),
        "--lock": (True, _lock_text(planned["lock"])),
        "--subject": (True, record["subject"]),
        "--settings": (False, record["settings"]),
    }
    faults = []
    for option, (is_text, value) in said.items():
        words = options.get(option)
        if words and _REDACTED not in words:
            found = words[-1] if is_text else _json(words[-1])
            if found != value:
                faults.append(f"its command line has another {option}")
    for kind in ("inputs", "outputs"):
        paths: dict[str, list[str]] = {}
        for entry in record[kind]:
            paths.setdefault(f"--{entry['name'].replace('_', '-')}", []).append(entry["path"])
        faults += [
            f"its command line has other files for {option}"
            for option, listed in paths.items()
            if option in options and not _same_paths(options[option], listed)
        ]
    return faults


def _options(command: Sequence[str]) -> dict[str, list[str]]:
    options: dict[str, list[str]] = {}
    words: list[str] = []
    for word in command[1:]:
        if word.startswith("--"):
            name, separator, value = word.partition("=")
            words = [value] if separator else []
            options[name] = words
        else:
            words.append(word)
    return options


def _lock_text(lock: LockEntry | None) -> str | None:
    return None if lock is None else f"{lock['name']}:{lock['sha256']}"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _same_paths(words: Sequence[str], listed: Sequence[str]) -> bool:
    """Return whether paths as typed can be those recorded, from the project's folder on."""
    if len(words) != len(listed):
        return False
    for word, path in zip(words, listed, strict=True):
        typed = Path(os.path.normpath(word)).as_posix()
        # Where a path with .. leads to is known only in the folder it was typed in.
        if not typed.startswith("..") and typed != path and not f"/{typed}".endswith(f"/{path}"):
            return f"/{path}".endswith(f"/{typed}")
    return True


def _check_copies(graph: Graph, run: StageRun, findings: Findings) -> None:
    for inner in run.outputs:
        place = f"{RECORDS}/{inner}.json"
        if inner in run.places or not (graph.root / place).is_file():
            if inner not in run.places:
                findings.missing(place, f"the record of {run.name} is gone")
        elif graph.writer(inner) is not run:
            findings.altered(place, f"is not the record that {run.name} left with its other files")
