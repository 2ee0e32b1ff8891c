"""Checkpoints as models of MLflow: their manifest and its digest, never their weights."""

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from calibrant.files import read_json
from calibrant.lineage.record import OutputEntry, Record
from calibrant.reporting.tracking_places import unchanged_output
from calibrant.reporting.tracking_run import RECORD_TAG

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel

MANIFEST = "manifest.json"
_SUPERSEDED = "calibrant.superseded"
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Published:
    """The models of a study in MLflow.

    Attributes:
        by_record: Identifier of the model, by the digest of the record that made it.
        created: How many of them this call made.
    """

    by_record: dict[str, str]
    created: int


def publish_models(  # noqa: PLR0913 (where to, and what)
    client: "MlflowClient",
    experiment: str,
    records: Mapping[str, Record],
    *,
    runs: Mapping[str, str],
    root: Path,
    say: Callable[[str], None],
) -> Published:
    """Bring the models of an experiment up to date with the checkpoints that records describe.

    A model is external to MLflow: its tags say where the manifest lies and what digests manifest and
    weights have, and the manifest is its one artifact beside MLflow's own description. A model whose
    record is gone gets the tag ``calibrant.superseded`` = ``true``.

    Args:
        client: An open store.
        experiment: Identifier of the experiment.
        records: The records by digest.
        runs: Identifier of the run of every record, by digest.
        root: Folder of the study's results.
        say: Prints a line.
    """
    known = _known(client, experiment)
    wanted = {digest: entry for digest, item in records.items() if (entry := _manifest(item))}
    for digest, model in known.items():
        now = "false" if digest in wanted else "true"
        if model.tags.get(_SUPERSEDED, "false") != now:
            client.set_logged_model_tags(model.model_id, {_SUPERSEDED: now})
    found = {digest: str(model.model_id) for digest, model in known.items()}
    missing = [digest for digest in wanted if digest not in known]
    for digest in missing:
        for path in unchanged_output(records[digest], root, _is_manifest, say):
            tags = _tags(records[digest], digest, wanted[digest], path)
            name = _model_name(records[digest])
            model = client.create_logged_model(
                experiment,
                name=name,
                source_run_id=runs[digest],
                tags=tags,
                model_type="checkpoint",
            )
            _finish(client, model, path, runs[digest])
            found[digest] = str(model.model_id)
    return Published(found, sum(digest in found for digest in missing))


def _is_manifest(path: str) -> bool:
    return Path(path).name == MANIFEST


def _manifest(record: Record) -> OutputEntry | None:
    return next((entry for entry in record["outputs"] if _is_manifest(entry["path"])), None)


def _known(client: "MlflowClient", experiment: str) -> "dict[str, LoggedModel]":
    """Return the finished models by record, after removing what an interrupted call left."""
    found, token = {}, None
    while True:
        page = client.search_logged_models([experiment], max_results=_AT_ONCE, page_token=token)
        for model in page:
            digest = model.tags.get(RECORD_TAG)
            if digest and str(model.status) != "READY":
                client.delete_logged_model(model.model_id)
            elif digest:
                found[digest] = model
        token = page.token
        if not token:
            return found


def _tags(record: Record, digest: str, entry: OutputEntry, path: Path) -> dict[str, str]:
    tags = {
        "mlflow.model.isExternal": "true",
        RECORD_TAG: digest,
        "calibrant.stage": record["stage"],
        "calibrant.subject": record["subject"],
        "calibrant.manifest": entry["path"],
        "calibrant.manifest_sha256": entry["sha256"],
        "calibrant.git_commit": (record["git"] or {}).get("commit"),
        "calibrant.weights_sha256": read_json(path).get("weights_sha256"),
    }
    return {name: value for name, value in tags.items() if value is not None}


def _model_name(record: Record) -> str:
    # MLflow takes no slash, colon, dot or quotation mark in the name of a model.
    return re.sub(r"[^\w-]", "-", f"{record['subject']}-{record['stage']}", flags=re.ASCII)


def _finish(client: "MlflowClient", model: "LoggedModel", manifest: Path, run: str) -> None:
    from mlflow.entities import LoggedModelOutput
    from mlflow.models.utils import get_external_mlflow_model_spec

    client.log_model_artifact(model.model_id, str(manifest))
    with tempfile.TemporaryDirectory() as folder:
        # The model registry refuses a model without this file.
        description = Path(folder) / "MLmodel"
        get_external_mlflow_model_spec(model).save(str(description))
        client.log_model_artifact(model.model_id, str(description))
    client.log_outputs(run, [LoggedModelOutput(model.model_id, 0)])
    client.finalize_logged_model(model.model_id, "READY")
