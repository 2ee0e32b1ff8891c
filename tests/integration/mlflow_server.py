"""A real MLflow server on this machine, and what a store shows of a study."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

if TYPE_CHECKING:
    from mlflow import MlflowClient

_PATIENCE = 180.0  # seconds; the first start makes the tables
_OPTIONS = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}


@contextmanager
def mlflow_server(folder: Path) -> Iterator[str]:
    """Yield the address of a server that keeps everything in ``folder``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--backend-store-uri", f"sqlite:///{folder / 'server.db'}",
        "--artifacts-destination", str(folder / "artifacts"), "--workers", "1",
    ]  # fmt: skip
    environment = {**os.environ, **_OPTIONS}
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):
        environment.pop(name, None)
    log = folder / "server.log"
    with log.open("w") as lines:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=lines, stderr=lines, start_new_session=True
        )
    try:
        _wait(f"{address}/health", server, log)
        yield address
    finally:
        # It has worker processes, which end with it.
        server.terminate()
        server.wait(timeout=60)


def shown(client: "MlflowClient", study: str) -> dict[str, Any]:
    """Return all that a store shows of a study, but identifiers and where artifacts are kept."""
    experiment = client.get_experiment_by_name(study).experiment_id
    found = list(client.search_runs([experiment], max_results=1000))
    names = {run.info.run_id: run.info.run_name for run in found}
    assert len(set(names.values())) == len(found), "a run is there twice"
    models = list(client.search_logged_models([experiment]))
    model_names = {model.model_id: model.name for model in models}
    return {
        "runs": {run.info.run_name: _run(client, run, names, model_names) for run in found},
        "models": sorted(_model(client, model, names) for model in models),
    }


def _run(client: "MlflowClient", run: Any, names: dict[str, str], models: dict[str, str]) -> Any:
    tags = dict(run.data.tags)
    if "mlflow.parentRunId" in tags:
        tags["mlflow.parentRunId"] = names[tags["mlflow.parentRunId"]]
    tags.pop("mlflow.user", None)
    return {
        "status": (run.info.status, run.info.start_time, run.info.end_time),
        "params": run.data.params,
        "tags": tags,
        "metrics": {
            name: [(item.step, item.value, item.timestamp)
                   for item in client.get_metric_history(run.info.run_id, name)]
            for name in run.data.metrics
        },
        "inputs": sorted((item.dataset.name, item.dataset.digest)
                         for item in run.inputs.dataset_inputs),
        "outputs": sorted(models[item.model_id] for item in run.outputs.model_outputs)
        if run.outputs else [],
        "artifacts": sorted(item.path for item in client.list_artifacts(run.info.run_id)),
    }  # fmt: skip


def _model(client: "MlflowClient", model: Any, names: dict[str, str]) -> Any:
    metrics = sorted((item.key, item.value, item.dataset_name) for item in model.metrics or [])
    artifacts = sorted(item.path for item in client.list_logged_model_artifacts(model.model_id))
    tags = sorted(model.tags.items())
    return (model.name, str(model.status), names[model.source_run_id], tags, metrics, artifacts)


def _wait(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.5)
