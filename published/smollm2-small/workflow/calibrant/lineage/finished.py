"""The record of a stage at the moment it has finished."""

import os
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from calibrant.files import canonical_json, sha256_text
from calibrant.lineage.code import code_digest
from calibrant.lineage.command import StageArguments, redacted_command
from calibrant.lineage.environment import (
    observed_device,
    observed_environment,
    observed_git,
    usable_cpus,
)
from calibrant.lineage.record import SCHEMA, PlannedEntry, Record, describe_output
from calibrant.lineage.snapshot import Snapshot


@dataclass(slots=True)
class Protocol:
    """What a stage notes down while it runs.

    Attributes:
        command: Program and arguments.
        started: When it started, in UTC.
        clock: The same moment in seconds of ``time.perf_counter``.
        metrics: Numbers for the record.
        notes: Sentences for the record.
    """

    command: Sequence[str]
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.perf_counter)
    metrics: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def finished_record(
    stage: str,
    arguments: StageArguments,
    snapshot: Snapshot,
    protocol: Protocol,
    written: Mapping[str, Path],
) -> Record:
    """Return the record of a stage that ends now.

    Args:
        stage: Name of the stage.
        arguments: What it was asked to do.
        snapshot: What it ran with.
        protocol: What it noted down.
        written: Where the bytes of every output lie at present, by name.
    """
    environment = observed_environment()
    planned: PlannedEntry | None = None
    if arguments.planned_code or arguments.planned_lock:
        planned = {"code": arguments.planned_code, "lock": arguments.planned_lock}
    return {
        "schema": SCHEMA,
        "stage": stage,
        "subject": arguments.subject,
        "outputs": [
            describe_output(name, path, written[name]) for name, path in arguments.outputs.items()
        ],
        "inputs": snapshot.inputs,
        "code": {"digest": code_digest(snapshot.modules), "modules": snapshot.modules},
        "settings": arguments.settings,
        "settings_sha256": sha256_text(canonical_json(arguments.settings)),
        "lock": snapshot.lock,
        "planned": planned,
        "seed": arguments.seed,
        "environment": environment,
        "host": socket.gethostname(),
        "cpus": usable_cpus(),
        "device": observed_device(environment),
        "slurm_job": os.environ.get("SLURM_JOB_ID"),
        "git": observed_git(Path.cwd()),
        "command": redacted_command(protocol.command),
        "started": _iso(protocol.started),
        "finished": _iso(datetime.now(UTC)),
        "seconds": round(time.perf_counter() - protocol.clock, 3),
        "metrics": protocol.metrics,
        "notes": protocol.notes,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
