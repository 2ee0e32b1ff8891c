"""One stage record as one MLflow run: tags, parameters, metrics, inputs and times."""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from calibrant.files import canonical_json, sha256_text
from calibrant.lineage.record import InputEntry, Record

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, Metric

RECORD_TAG = "calibrant.record_sha256"
OUTPUTS_TAG = "calibrant.outputs"

# Limits of MLflow. Servers of before 2.8 take 500 characters of a parameter.
MAX_PARAMETER = 500
MAX_NAME = 250
MAX_DIGEST = 36
MAX_DATASET_NAME = 500
PARAMETERS_AT_ONCE = 100
METRICS_AT_ONCE = 1000
_NAME = re.compile(r"[\w\-. /]+", re.ASCII)


def publish_run(  # noqa: PLR0913 (where to, under what, and what)
    client: "MlflowClient",
    experiment: str,
    parent: str,
    digest: str,
    record: Record,
    *,
    curves: "Sequence[Metric]" = (),
) -> str:
    """Write a record as a finished run, nested under ``parent``, and return its identifier.

    A run that is interrupted here stays in status RUNNING, by which the next call knows it.

    Args:
        client: An open store.
        experiment: Identifier of the experiment.
        parent: Identifier of the study's run.
        digest: SHA-256 of the record's file.
        record: The record.
        curves: Numbers of every round, where the stage wrote any.
    """
    from mlflow.entities import Metric, Param

    run = client.create_run(
        experiment,
        start_time=milliseconds(record["started"]),
        run_name=f"{record['stage']} {record['subject']}".strip(),
        tags=run_tags(record, digest, parent),
    )
    number, end = run.info.run_id, milliseconds(record["finished"])
    parameters = [Param(name, value) for name, value in parameters_of(record["settings"]).items()]
    for start in range(0, len(parameters), PARAMETERS_AT_ONCE):
        client.log_batch(number, params=parameters[start : start + PARAMETERS_AT_ONCE])
    metrics = [
        Metric(valid_name(name), float(value), end, 0) for name, value in record["metrics"].items()
    ]
    metrics += [
        Metric(valid_name(item.key), item.value, item.timestamp, item.step) for item in curves
    ]
    for start in range(0, len(metrics), METRICS_AT_ONCE):
        client.log_batch(number, metrics=metrics[start : start + METRICS_AT_ONCE])
    client.log_inputs(number, datasets=_datasets(record))
    client.set_terminated(number, status="FINISHED", end_time=end)
    return str(number)


def run_tags(record: Record, digest: str, parent: str) -> dict[str, str]:
    """Return the tags of a run; what the record does not know is left out."""
    git, lock, environment = record["git"] or {}, record["lock"], record["environment"]
    tags: dict[str, object] = {
        "mlflow.parentRunId": parent,
        "mlflow.source.name": record["command"][0] if record["command"] else None,
        "mlflow.source.git.commit": git.get("commit"),
        "mlflow.note.content": "\n\n".join(record["notes"]) or None,
        RECORD_TAG: digest,
        OUTPUTS_TAG: "\n".join(entry["path"] for entry in record["outputs"]),
        "calibrant.stage": record["stage"],
        "calibrant.subject": record["subject"] or None,
        "calibrant.code_digest": record["code"]["digest"],
        "calibrant.settings_sha256": record["settings_sha256"],
        "calibrant.lock": lock["name"] if lock else None,
        "calibrant.lock_sha256": lock["sha256"] if lock else None,
        "calibrant.git_commit": git.get("commit"),
        "calibrant.git_dirty": git.get("dirty"),
        "calibrant.seed": record["seed"],
        "calibrant.host": record["host"],
        "calibrant.device": record["device"],
        "calibrant.python": environment["python"],
        "calibrant.slurm_job": record["slurm_job"],
    }
    return {name: _text(value) for name, value in tags.items() if value is not None}


def parameters_of(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return settings as MLflow parameters: nested keys joined by dots, values as text.

    A list is one parameter in JSON. A text beyond 500 characters is cut and ends with the SHA-256
    of the whole, so that equal parameters still mean equal settings.
    """
    found: dict[str, str] = {}
    for path, value in _flat(settings, ()):
        name = valid_name(".".join(path))
        if name in found:
            # {"a.b": 1, "a": {"b": 2}}: two settings, one joined name.
            name = f"{name[: MAX_NAME - 20]}-{sha256_text(canonical_json(path))[:8]}"
        found[name] = _shortened(_text(value))
    return found


def valid_name(name: str) -> str:
    """Return a name that MLflow accepts; a changed name ends with a digest and stays unique."""
    is_plain = name == posixpath.normpath(name) and not name.startswith((".", "/"))
    if is_plain and len(name) <= MAX_NAME and _NAME.fullmatch(name):
        return name
    readable = re.sub(r"[^\w\-. ]", "_", name, flags=re.ASCII).lstrip(".")
    return f"{readable[: MAX_NAME - 20]}-{sha256_text(name)[:8]}"


def dataset_input(entry: InputEntry) -> "DatasetInput":
    """Return an input of a stage as MLflow's dataset, whose whole digest is a tag of it."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    dataset = Dataset(
        name=entry["path"][-MAX_DATASET_NAME:],
        digest=entry["sha256"][:MAX_DIGEST],
        source_type="local",
        source=json.dumps({"uri": entry["path"]}),
    )
    tags = [
        InputTag("mlflow.data.context", entry["name"]),
        InputTag("calibrant.sha256", entry["sha256"]),
    ]
    return DatasetInput(dataset, tags)


def milliseconds(moment: str) -> int:
    """Return an ISO 8601 time as milliseconds since 1970."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _flat(
    value: Mapping[str, Any], prefix: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, item in value.items():
        if isinstance(item, Mapping) and item:
            yield from _flat(item, (*prefix, key))
        else:
            yield (*prefix, key), item


def _text(value: object) -> str:
    return value if isinstance(value, str) else canonical_json(value)


def _shortened(text: str) -> str:
    if len(text) <= MAX_PARAMETER:
        return text
    end = f"... sha256:{sha256_text(text)}"
    return text[: MAX_PARAMETER - len(end)] + end


def _datasets(record: Record) -> "list[DatasetInput]":
    found = {}
    for entry in record["inputs"]:
        item = dataset_input(entry)
        found[item.dataset.name, item.dataset.digest] = item
    return list(found.values())
