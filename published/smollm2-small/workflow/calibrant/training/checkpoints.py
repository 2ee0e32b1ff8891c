"""Checkpoints to restart from: complete or not there.

A checkpoint is a folder that the trainer writes, and a manifest that is written last. A kill at any
moment leaves either a manifest with all its files, or a folder that the next start removes.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibrant.files import read_json, sha256_file, write_json

MANIFEST = "checkpoint.json"
_NAME = re.compile(r"checkpoint-(\d+)")


@dataclass(frozen=True)
class Checkpoint:
    """A complete checkpoint.

    Attributes:
        folder: Its folder.
        step: Optimiser steps taken.
        state: What the monitors knew.
    """

    folder: Path
    step: int
    state: dict[str, Any]


def seal_checkpoint(folder: Path, state: dict[str, Any]) -> None:
    """Write the manifest that makes a checkpoint complete."""
    files = {
        file.relative_to(folder).as_posix(): sha256_file(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file != folder / MANIFEST
    }
    write_json(folder / MANIFEST, {"files": files, "state": state})


def last_checkpoint(work: Path) -> Checkpoint | None:
    """Return the newest complete checkpoint of a work folder, and remove what a kill left behind."""
    complete = []
    for folder in sorted(work.glob("checkpoint-*")):
        match = _NAME.fullmatch(folder.name)
        if match is None or not _is_complete(folder):
            shutil.rmtree(folder)
            continue
        state = read_json(folder / MANIFEST)["state"]
        complete.append(Checkpoint(folder, int(match[1]), state))
    return max(complete, key=lambda checkpoint: checkpoint.step, default=None)


def prune_checkpoints(work: Path, keep: set[int]) -> None:
    """Remove all checkpoints but those of the given steps.

    The manifest goes first, so that a kill midway leaves nothing that looks complete.
    """
    for folder in work.glob("checkpoint-*"):
        match = _NAME.fullmatch(folder.name)
        if match and int(match[1]) not in keep:
            (folder / MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(folder)


def _is_complete(folder: Path) -> bool:
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return False
    files = read_json(manifest)["files"]
    return all(
        (folder / name).is_file() and sha256_file(folder / name) == digest
        for name, digest in files.items()
    )
