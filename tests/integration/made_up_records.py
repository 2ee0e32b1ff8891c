"""Made-up records of stages, and the MLflow runs that they become."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibrant.files import sha256_bytes, sha256_file, write_json
from calibrant.lineage.record import Record, record_path, record_text

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run


def record(stage: str, *outputs: str, **changes: Any) -> Record:
    """Return a made-up record of a stage with these outputs."""
    entries = [
        {"name": "out", "path": f"results/demo/{path}", "sha256": "a" * 64, "bytes": 1}
        for path in outputs
    ]
    values: dict[str, Any] = {
        "schema": "calibrant-record/1",
        "stage": stage,
        "subject": "base/seed1",
        "outputs": entries,
        "inputs": [],
        "code": {"digest": "c" * 64, "modules": {}},
        "settings": {},
        "settings_sha256": "5" * 64,
        "lock": {"name": "core", "sha256": "d" * 64},
        "planned": None,
        "seed": 1,
        "environment": {"python": "3.11.7", "platform": "Linux", "packages": [], "torch": None},
        "host": "machine",
        "cpus": 2,
        "device": "cpu",
        "slurm_job": None,
        "git": {"commit": "e" * 40, "dirty": False, "diff_sha256": None},
        "command": ["workflow/scripts/x.py"],
        "started": "2026-11-24T10:00:00.250Z",
        "finished": "2026-11-24T10:00:02.750Z",
        "seconds": 2.5,
        "metrics": {},
        "notes": [],
    }
    found: Record = {**values, **changes}  # type: ignore[typeddict-item]
    return found


def write_measures(root: Path, name: str, **changes: Any) -> dict[str, Any]:
    """Write a measure file as the stage does and return the ``outputs`` of its record."""
    document = {
        "schema": "calibrant-measures/1", "method": "base", "seed": 1, "dataset": "x",
        "views": {
            "graded": {
                "measures": {
                    "accuracy": {"value": 0.75, "low": 0.5, "high": 1.0, "undefined": None},
                    "brier": {"value": 0.125, "low": None, "high": None, "undefined": "few"},
                    "auroc": {"value": None, "low": None, "high": None, "undefined": "one class"},
                }
            }
        },
    } | changes  # fmt: skip
    path = root / f"measures/{name}.json"
    write_json(path, document)
    recorded = f"results/demo/measures/{name}.json"
    entry = {"name": "measures", "path": recorded, "sha256": sha256_file(path), "bytes": 1}
    return {"outputs": [entry]}


def write(root: Path, value: Record) -> str:
    """Write a record as a stage does and return its digest."""
    for entry in value["outputs"]:
        path = record_path(root / Path(entry["path"]).relative_to("results/demo"), root)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(record_text(value))
    return sha256_bytes(record_text(value).encode())


def fresh_client(root: Path) -> "MlflowClient":
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=f"sqlite:///{root / 'mlflow.db'}")


def runs(root: Path) -> "dict[str, Run]":
    """Return the runs of the experiment by name; fails when two have the same."""
    client = fresh_client(root)
    found = list(client.search_runs([client.get_experiment_by_name("demo").experiment_id]))
    by_name = {run.info.run_name: run for run in found}
    assert len(by_name) == len(found)
    return by_name
