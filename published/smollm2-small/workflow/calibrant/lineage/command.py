"""The command line of a stage: every stage has the same options, and its own inputs and outputs."""

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.lineage.record import LockEntry, record_path

_SECRET_OPTION = re.compile(r"--?[\w-]*(key|token|secret|password)$", re.IGNORECASE)
_REDACTED = "[redacted]"
_PART = re.compile(r"(?!\.)[^/\0]+")

Names = Sequence[str] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StageArguments:
    """What a stage was asked to do.

    Attributes:
        subject: What the stage works on, such as ``base/seed17/pubmedqa``; for messages.
        root: Folder of the study's results.
        inputs: Files of every input, by name; a list may be empty.
        outputs: File of every output, by name.
        settings: The stage's part of the study.
        seed: Seed of everything random in the stage, or None.
        planned_code: Digest the workflow planned the stage with, or None when run by hand.
        planned_lock: Lock file the workflow planned the stage with, or None when run by hand.
    """

    subject: str
    root: Path
    inputs: dict[str, tuple[Path, ...]]
    outputs: dict[str, Path]
    settings: dict[str, Any]
    seed: int | None
    planned_code: str | None
    planned_lock: LockEntry | None


def parse_stage_arguments(
    stage: str, inputs: Names, outputs: Names, argv: Sequence[str], description: str | None = None
) -> StageArguments:
    """Read the command line of a stage.

    Args:
        stage: Name of the stage.
        inputs: Names of the inputs, or names with a help text each. Each takes any number of files.
        outputs: Names of the outputs, likewise. Each is one file.
        argv: The arguments, without the program.
        description: Text shown by ``--help``.

    Raises:
        CalibrantError: If a value is malformed, an input does not exist, an output lies outside
            the root, the subject would be a path that leaves its folder, or one file is given twice
            where that cannot be meant.
        SystemExit: With code 2 and a usage line, if an option is missing or unknown.
    """
    parser = _parser(stage, inputs, outputs, description)
    values = vars(parser.parse_args(argv))
    arguments = StageArguments(
        subject=values["subject"],
        root=values["root"],
        inputs={name: tuple(values[f"input:{name}"]) for name in inputs},
        outputs={name: values[f"output:{name}"] for name in outputs},
        settings=_settings(values["settings"]),
        seed=values["seed"],
        planned_code=values["code"],
        planned_lock=_lock(values["lock"]),
    )
    _check_subject(arguments.subject)
    _check_paths(arguments)
    return arguments


def redacted_command(argv: Sequence[str]) -> list[str]:
    """Return a command line with the values of options named like a secret replaced."""
    shown: list[str] = []
    hiding = False
    for text in argv:
        option, separator, _ = text.partition("=")
        if text.startswith("-"):
            is_secret = bool(_SECRET_OPTION.match(option))
            shown.append(f"{option}={_REDACTED}" if is_secret and separator else text)
            hiding = is_secret and not separator
        else:
            shown.append(_REDACTED if hiding else text)
    return shown


def _parser(
    stage: str, inputs: Names, outputs: Names, description: str | None
) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=Path(sys.argv[0]).name,
        description=description or f"The stage {stage} of Calibrant.",
        allow_abbrev=False,
    )
    for kind, names in (("input", inputs), ("output", outputs)):
        group = parser.add_argument_group(f"{kind}s")
        for name in names:
            text = names[name] if isinstance(names, Mapping) else f"{kind}: {name}"
            options: dict[str, Any] = {"nargs": "*"} if kind == "input" else {}
            group.add_argument(
                f"--{name.replace('_', '-')}", dest=f"{kind}:{name}", required=True, type=Path,
                metavar="PATH", help=text, **options,
            )  # fmt: skip
    group = parser.add_argument_group("settings")
    group.add_argument(
        "--root", required=True, type=Path, help="folder of the results: results/STUDY"
    )
    group.add_argument("--settings", default="{}", help="the stage's part of the study, as JSON")
    group.add_argument("--subject", default="", help="what the stage works on, for messages")
    group.add_argument("--seed", type=int, help="seed of everything random in the stage")
    group = parser.add_argument_group("plan", "Given by the workflow; leave out by hand.")
    group.add_argument("--code", metavar="DIGEST", help="digest of the code that was planned")
    group.add_argument("--lock", metavar="NAME:SHA256", help="lock file (envs/NAME.lock) planned")
    return parser


def _settings(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise CalibrantError(f"not valid JSON: {error}", where="--settings") from error
    if not isinstance(value, dict):
        raise CalibrantError("is not a JSON object", where="--settings")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _lock(text: str | None) -> LockEntry | None:
    if text is None:
        return None
    match = re.fullmatch(r"([\w.-]+):([0-9a-f]{64})", text)
    if match is None:
        raise CalibrantError(f"{text!r} is not NAME:SHA256", where="--lock")
    return {"name": match[1], "sha256": match[2]}


def _check_subject(subject: str) -> None:
    # Stages keep unfinished work in folders named after it, and remove them.
    if subject and not all(_PART.fullmatch(part) for part in subject.split("/")):
        raise CalibrantError(
            f"{subject!r} is not names joined by slashes",
            where="--subject",
            repair="Write it like base/seed17/pubmedqa",
        )


def _check_paths(arguments: StageArguments) -> None:
    inputs = [path for paths in arguments.inputs.values() for path in paths]
    for name, paths in arguments.inputs.items():
        for path in paths:
            if not path.is_file():
                what = "is a folder, not a file" if path.is_dir() else "does not exist"
                raise CalibrantError(f"input {name} {what}", where=path)
    taken = {path.absolute() for path in inputs}
    for name, path in arguments.outputs.items():
        record_path(path, arguments.root)
        if path.absolute() in taken:
            raise CalibrantError(f"output {name} is also an input or another output", where=path)
        taken.add(path.absolute())
