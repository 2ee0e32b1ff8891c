"""One MLflow run for each method and seed: between the study's run and those of its records."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calibrant.lineage.record import InputEntry, Record
from calibrant.reporting.tracking_figures import Figure
from calibrant.reporting.tracking_run import MAX_DIGEST, dataset_input, milliseconds, valid_name

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

METHOD_TAG = "calibrant.method_seed"
FIGURES_TAG = "calibrant.figures"
COMMITS_TAG = "calibrant.git_commits"
_METHOD = re.compile(r"([\w.-]+/seed\d+)(?:/.*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one record, and what they are figures of.

    Attributes:
        digest: SHA-256 of the record's file.
        record: The record.
        figures: Its figures.
        model: Identifier of the model that answered, or None for answers that were given.
    """

    digest: str
    record: Record
    figures: list[Figure]
    model: str | None


def method_of(subject: str) -> str | None:
    """Return ``METHOD/seedN`` of a stage's subject, or None where it is about something else."""
    match = _METHOD.fullmatch(subject)
    return match[1] if match else None


def method_runs(
    client: "MlflowClient",
    experiment: str,
    parent: str,
    records: Iterable[Record],
    runs: "Iterable[Run]",
) -> dict[str, str]:
    """Return the run of every method and seed that has records, made where it is not there yet."""
    known = {run.data.tags[METHOD_TAG]: run for run in runs if METHOD_TAG in run.data.tags}
    groups: dict[str, list[Record]] = {}
    for record in records:
        if method := method_of(record["subject"]):
            groups.setdefault(method, []).append(record)
    found = {}
    for method, group in groups.items():
        run = known.get(method) or _create(client, experiment, parent, method, group)
        found[method] = str(run.info.run_id)
        tag_commits(client, run, group)
        client.set_terminated(found[method], status="FINISHED", end_time=_end(group))
    return found


def tag_commits(client: "MlflowClient", run: "Run", records: Iterable[Record]) -> None:
    """Tag a run with the commits that its records were made at, sorted, one a line."""
    known = {str((item["git"] or {}).get("commit") or "") for item in records} - {""}
    commits = "\n".join(sorted(known))
    if run.data.tags.get(COMMITS_TAG, "") != commits:
        client.set_tag(run.info.run_id, COMMITS_TAG, commits)


def log_measured(client: "MlflowClient", run: str, measured: Measured) -> None:
    """Write the figures of a record as metrics of the run of its method, once.

    They are tied to the answers they were measured on, a dataset with its digest, and to the model
    that gave them.
    """
    from mlflow.entities import Metric

    tag = f"{FIGURES_TAG}.{measured.figures[0].dataset}"
    if client.get_run(run).data.tags.get(tag) == measured.digest:
        return
    answers = _answers(measured.record)
    dataset = dataset_input(answers)
    client.log_inputs(run, datasets=[dataset])
    moment = milliseconds(measured.record["finished"])
    metrics = [
        Metric(
            valid_name(figure.name), figure.value, moment, 0,
            model_id=measured.model,
            dataset_name=dataset.dataset.name,
            dataset_digest=answers["sha256"][:MAX_DIGEST],
        )
        for figure in measured.figures
    ]  # fmt: skip
    client.log_batch(run, metrics=metrics)
    # Last: a call that is interrupted before is repeated, and equal metrics are one.
    client.set_tag(run, tag, measured.digest)


def answering_model(
    record: Record, by_record: Mapping[str, Record], models: Mapping[str, str]
) -> str | None:
    """Return the model that gave the answers a record measures, by the records before it."""
    pending, seen = [record], set()
    while pending:
        for entry in pending.pop()["inputs"]:
            digest = entry["record"]
            if digest is None or digest in seen or digest not in by_record:
                continue
            seen.add(digest)
            before = by_record[digest]
            if before["stage"] == "generate":
                return _first_model(before, models)
            pending.append(before)
    return None


def _first_model(record: Record, models: Mapping[str, str]) -> str | None:
    made = [models.get(entry["record"] or "") for entry in record["inputs"]]
    return next(filter(None, made), None)


def _answers(record: Record) -> InputEntry:
    return next(
        (entry for entry in record["inputs"] if entry["name"] == "predictions"),
        record["inputs"][0],
    )


def _create(
    client: "MlflowClient", experiment: str, parent: str, method: str, group: list[Record]
) -> "Run":
    name, seed = method.rsplit("/seed", 1)
    start = min(milliseconds(record["started"]) for record in group)
    tags = {METHOD_TAG: method, "mlflow.parentRunId": parent}
    run = client.create_run(experiment, start_time=start, run_name=f"{name} seed {seed}", tags=tags)
    client.log_param(run.info.run_id, "method", name)
    client.log_param(run.info.run_id, "seed", seed)
    return run


def _end(group: list[Record]) -> int:
    return max(milliseconds(record["finished"]) for record in group)
