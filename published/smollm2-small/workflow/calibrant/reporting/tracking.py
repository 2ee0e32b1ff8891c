"""Records as MLflow runs, written by one publisher after the fact.

Stages never open the database: parallel jobs would race for it, and importing MLflow takes
seconds. The records remain the evidence; what MLflow shows can be made again from them at any time.
"""

import os
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibrant.errors import CalibrantError
from calibrant.files import sha256_file
from calibrant.lineage.record import RECORDS, Record, find_records, read_record
from calibrant.reporting.tracking_artifacts import attach_artifacts
from calibrant.reporting.tracking_curves import curve_metrics
from calibrant.reporting.tracking_figures import read_figures
from calibrant.reporting.tracking_methods import (
    Measured,
    answering_model,
    log_measured,
    method_of,
    method_runs,
    tag_commits,
)
from calibrant.reporting.tracking_models import publish_models
from calibrant.reporting.tracking_run import OUTPUTS_TAG, RECORD_TAG, milliseconds, publish_run
from calibrant.reporting.tracking_store import open_store

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

STUDY_TAG = "calibrant.study"
SUPERSEDED_TAG = "calibrant.superseded"
PARENT_TAG = "mlflow.parentRunId"
SUBJECT_TAG = "calibrant.subject"


def publish(root: Path, database: Path, study: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Bring the MLflow copy of a study up to date with its records.

    A study is an experiment with one run. Nested under that is a run for every method and seed, with
    all its figures as metrics, and nested under these a run for every record; records that belong to
    no method are nested under the study's run. Checkpoints are models, without their weights. Report,
    numbers and the table of all figures are artifacts of the study's run. What is there already is
    skipped. A run whose outputs now belong to another record gets the tag ``calibrant.superseded`` =
    ``true``; nothing is deleted but what an interrupted call left half written.

    Args:
        root: Folder of the study's results.
        database: SQLite file to publish to, unless ``MLFLOW_TRACKING_URI`` names a server.
        study: Name of the study.
        say: Prints a line.

    Returns:
        ``address`` (a file's from ``root`` on), ``experiment_id``, ``run_id`` of the study's run,
        and the numbers of ``records``, ``published``, ``skipped`` and ``superseded`` runs and of
        ``models`` made by this call.

    Raises:
        CalibrantError: If there are no records, one is malformed, or the store cannot be opened.
    """
    records = _current_records(root)
    client, address = open_store(database)
    experiment = _experiment(client, study, database)
    runs = _all_runs(client, experiment)
    parent = _study_run(client, experiment, study, records, runs)
    known = _published(client, runs)
    methods = method_runs(client, experiment, parent, records.values(), runs)
    missing = [digest for digest in records if digest not in known]
    numbers = {digest: str(run.info.run_id) for digest, run in known.items()}
    for digest in missing:
        record = records[digest]
        curves = curve_metrics(record, root, milliseconds(record["finished"]), say)
        above = methods.get(method_of(record["subject"]) or "", parent)
        numbers[digest] = publish_run(client, experiment, above, digest, record, curves=curves)
    _nest(client, known, methods, parent)
    superseded = _mark_superseded(client, known, records)
    models = publish_models(client, experiment, records, runs=numbers, root=root, say=say)
    figures = read_figures(records, root, say)
    for digest, found in figures.items():
        model = answering_model(records[digest], records, models.by_record)
        measured = Measured(digest, records[digest], found, model)
        above = methods.get(method_of(records[digest]["subject"]) or "", parent)
        log_measured(client, above, measured)
    attach_artifacts(client, parent, root, chain.from_iterable(figures.values()))
    tag_commits(client, client.get_run(parent), records.values())
    end = max(milliseconds(record["finished"]) for record in records.values())
    client.set_terminated(parent, status="FINISHED", end_time=end)
    skipped = len(records) - len(missing)
    say(f"{address}: {len(missing)} new, {skipped} already there, {superseded} superseded")
    return {
        "address": _address_to_publish(client, address, root, database),
        "experiment_id": experiment,
        "run_id": parent,
        "records": len(records),
        "published": len(missing),
        "skipped": skipped,
        "superseded": superseded,
        "models": models.created,
    }


def _address_to_publish(client: "MlflowClient", address: str, root: Path, database: Path) -> str:
    # The summary is published with the study, so it must not tell where this machine keeps it.
    if not _is_file(client):
        return address
    return f"sqlite:///{Path(os.path.relpath(database, root)).as_posix()}"


def _is_file(client: "MlflowClient") -> bool:
    return str(client.tracking_uri).startswith("sqlite:")


def _current_records(root: Path) -> dict[str, Record]:
    """Return the records by digest, the first started first; equal files are one record."""
    found = {sha256_file(path): read_record(path) for path in find_records(root)}
    if not found:
        raise CalibrantError(
            "holds no records", where=root / RECORDS, repair="Run the study, then publish it"
        )
    return dict(sorted(found.items(), key=lambda item: (item[1]["started"], item[0])))


def _experiment(client: "MlflowClient", study: str, database: Path) -> str:
    found = client.get_experiment_by_name(study)
    if found is not None and found.lifecycle_stage != "active":
        client.restore_experiment(found.experiment_id)
    if found is not None:
        return str(found.experiment_id)
    # MLflow's own choice is a folder in the working directory; a server decides for itself.
    folder = str(database.absolute().parent / "mlflow-artifacts") if _is_file(client) else None
    return str(client.create_experiment(study, artifact_location=folder))


def _all_runs(client: "MlflowClient", experiment: str) -> "list[Run]":
    runs: list[Run] = []
    token = None
    while True:
        page = client.search_runs([experiment], max_results=1000, page_token=token)
        runs += page
        token = page.token
        if not token:
            return runs


def _study_run(
    client: "MlflowClient",
    experiment: str,
    study: str,
    records: Mapping[str, Record],
    runs: "list[Run]",
) -> str:
    for run in runs:
        if run.data.tags.get(STUDY_TAG) == study:
            return str(run.info.run_id)
    start = min(milliseconds(record["started"]) for record in records.values())
    created = client.create_run(
        experiment, start_time=start, run_name=study, tags={STUDY_TAG: study}
    )
    return str(created.info.run_id)


def _published(client: "MlflowClient", runs: "list[Run]") -> "dict[str, Run]":
    """Return the finished runs by record, after removing what an interrupted call left."""
    known = {}
    for run in runs:
        digest = run.data.tags.get(RECORD_TAG)
        if digest and run.info.status != "FINISHED":
            client.delete_run(run.info.run_id)
        elif digest:
            known[digest] = run
    return known


def _mark_superseded(
    client: "MlflowClient", known: "Mapping[str, Run]", records: Mapping[str, Record]
) -> int:
    current = {entry["path"] for record in records.values() for entry in record["outputs"]}
    marked = 0
    for digest, run in known.items():
        was = run.data.tags.get(SUPERSEDED_TAG) == "true"
        outputs = set(run.data.tags.get(OUTPUTS_TAG, "").split("\n"))
        now = digest not in records and (was or bool(outputs & current))
        # A restored result makes its old run current again.
        if now != was:
            client.set_tag(run.info.run_id, SUPERSEDED_TAG, "true" if now else "false")
            marked += now
    return marked


def _nest(
    client: "MlflowClient", known: "Mapping[str, Run]", methods: Mapping[str, str], parent: str
) -> None:
    """Put runs that were there before under the run of their method."""
    for run in known.values():
        tags = run.data.tags
        above = methods.get(method_of(tags.get(SUBJECT_TAG, "")) or "", parent)
        if tags.get(PARENT_TAG) != above:
            client.set_tag(run.info.run_id, PARENT_TAG, above)
