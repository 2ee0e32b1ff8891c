"""One job of a dry run, and what its command says it was planned with."""

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError

# The options that every stage has; all others name inputs and outputs.
_SINGLE = ("root", "subject", "code", "lock", "settings", "seed")


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A job that the workflow would run.

    Attributes:
        rule: Name of the rule, which is the name of its stage.
        subject: What it works on, such as ``base/seed17/pubmedqa``; empty if there is only one.
        inputs: Every file it waits for, as Snakemake names them.
        read: Those that its command is given; the others are only waited for.
        outputs: Every file it writes, its record included.
        threads: Cores it takes.
        snakemake: The reason in Snakemake's words.
        root: Folder of the study's results.
        script: Its script.
        code: Digest of its code.
        lock: Name of its environment, and the digest of that one's lock.
        settings: Its part of the study.
        seed: Its seed, or None for a stage without chance.
        command: Its shell command, whole.
    """

    rule: str
    subject: str
    inputs: tuple[str, ...]
    read: tuple[str, ...]
    outputs: tuple[str, ...]
    threads: int
    snakemake: str
    root: Path
    script: Path
    code: str
    lock: tuple[str, str]
    settings: dict[str, Any]
    seed: int | None
    command: str = ""

    @property
    def name(self) -> str:
        """Rule and subject."""
        return f"{self.rule} {self.subject}".strip()

    @property
    def record(self) -> Path | None:
        """Where the record of an earlier run lies, or None for a job that leaves none."""
        folder = f"{self.root.as_posix()}/records/"
        return next((Path(path) for path in self.outputs if path.startswith(folder)), None)


def planned_job(entry: Mapping[str, Any]) -> PlannedJob | None:
    """Read one line of the plugin's file; None for a target, which runs nothing.

    Raises:
        CalibrantError: If the command is not that of a stage.
    """
    command = entry["command"]
    if command is None:
        return None
    words = shlex.split(command)
    scripts = [word for word in words if re.fullmatch(r"workflow/scripts/\w+\.py", word)]
    options = _options(words[words.index(scripts[0]) + 1 :]) if scripts else {}
    if not options.keys() >= {"root", "code", "lock"}:
        raise CalibrantError(
            "the command of this rule does not run a stage with --root, --code and --lock",
            where=f"rule {entry['rule']}",
        )
    name, _, digest = options["lock"].partition(":")
    return PlannedJob(
        rule=entry["rule"],
        subject=options.get("subject", ""),
        inputs=tuple(entry["inputs"]),
        read=tuple(path for path in entry["inputs"] if path in words),
        outputs=tuple(entry["outputs"]),
        threads=entry["threads"],
        snakemake=entry["reason"],
        root=Path(options["root"]),
        script=Path(scripts[0]),
        code=options["code"],
        lock=(name, digest),
        settings=json.loads(options.get("settings", "{}")),
        seed=int(options["seed"]) if "seed" in options else None,
        command=command,
    )


def makers(jobs: Iterable[PlannedJob]) -> dict[str, PlannedJob]:
    """Return which planned job writes a file, by path."""
    return {path: job for job in jobs for path in job.outputs}


def _options(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for option, value in pairwise(words):
        name = option.removeprefix("--")
        if option != name and name in _SINGLE:
            found.setdefault(name, value)
    return found
