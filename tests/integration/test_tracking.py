"""Records in a real MLflow store: one run each, published once, readable by any client."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.made_up_records import (
    fresh_client,
    record,
    runs,
    write,
    write_measures,
)

import calibrant.files
from calibrant.errors import CalibrantError
from calibrant.files import sha256_bytes, sha256_file
from calibrant.lineage.record import record_path
from calibrant.reporting.tracking import publish
from calibrant.reporting.tracking_run import MAX_NAME, MAX_PARAMETER, parameters_of, valid_name

LONG = "word " * 200


GRADE = record(
    "grade",
    "predictions/x.parquet",
    "predictions/y.parquet",
    settings={"scale": "percent", "deep": {"bins": 10, "names": ["a", "b"]}, "prompt": LONG},
    inputs=[
        {"name": "questions", "path": "q.csv", "sha256": "b" * 64, "bytes": 9, "record": None},
        {"name": "again", "path": "q.csv", "sha256": "b" * 64, "bytes": 9, "record": None},
    ],
    metrics={"graded": 40, "brier score @ all": 0.25},
    notes=["one row had no answer"],
)
ANSWERS = {
    "name": "predictions", "path": "results/demo/predictions/x.parquet", "sha256": "a" * 64,
    "bytes": 1, "record": None,
}  # fmt: skip
MEASURE = record("measure", started="2026-11-24T11:00:00Z", git=None, lock=None, inputs=[ANSWERS])


def silent(text: str) -> None:
    """Take a line and print nothing."""


@pytest.fixture(scope="module", autouse=True)
def no_server() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        yield


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of a study that was not published yet."""
    root = tmp_path_factory.mktemp("study") / "results/demo"
    write(root, GRADE)
    MEASURE.update(write_measures(root, "x"))  # type: ignore[typeddict-item]
    write(root, MEASURE)
    (root / "report").mkdir()
    (root / "report/report.html").write_text("<p>first</p>")
    return root


@pytest.fixture(scope="module", autouse=True)
def first(root: Path, no_server: None) -> "subprocess.CompletedProcess[str]":
    """Publish the study for the first time, as the workflow does: in a process of its own."""
    code = (
        "import sys; from pathlib import Path; from calibrant.reporting.tracking import publish;"
        "publish(Path(sys.argv[1]), Path(sys.argv[2]), 'demo', print)"
    )
    package = Path(calibrant.files.__file__).parents[1]
    return subprocess.run(
        [sys.executable, "-c", code, str(root), str(root / "mlflow.db")],
        capture_output=True, text=True, check=False, cwd=root,
        env={**os.environ, "PYTHONPATH": str(package)},
    )  # fmt: skip


def test_a_record_is_a_run_and_a_stage_with_two_outputs_is_one(root: Path) -> None:
    assert set(runs(root)) == {"demo", "base seed 1", "grade base/seed1", "measure base/seed1"}


def test_a_method_and_seed_is_a_run_between_the_study_and_its_records(root: Path) -> None:
    found = runs(root)
    method = found["base seed 1"]
    assert method.data.tags["mlflow.parentRunId"] == found["demo"].info.run_id
    assert method.data.tags["calibrant.method_seed"] == "base/seed1"
    assert method.data.tags["calibrant.git_commits"] == "e" * 40
    assert method.data.params == {"method": "base", "seed": "1"}
    # What is not defined is no metric.
    assert method.data.metrics == {"x/graded/accuracy": 0.75, "x/graded/brier": 0.125}
    [answers] = method.inputs.dataset_inputs
    assert (answers.dataset.name, answers.dataset.digest) == (ANSWERS["path"], "a" * 36)


def test_tags_times_and_nesting_come_from_the_record(root: Path) -> None:
    found = runs(root)
    run = found["grade base/seed1"]
    assert run.info.status == "FINISHED"
    # 2026-11-24T10:00:00Z is 20781 days and 10 hours after 1970.
    assert run.info.start_time == (20781 * 86400 + 36000) * 1000 + 250
    assert run.info.end_time == run.info.start_time + 2500
    expected = {
        "mlflow.parentRunId": found["base seed 1"].info.run_id,
        "mlflow.runName": "grade base/seed1",
        "mlflow.source.git.commit": "e" * 40,
        "mlflow.source.name": "workflow/scripts/x.py",
        "mlflow.note.content": "one row had no answer",
        "calibrant.stage": "grade",
        "calibrant.subject": "base/seed1",
        "calibrant.git_commit": "e" * 40,
        "calibrant.git_dirty": "false",
        "calibrant.code_digest": "c" * 64,
        "calibrant.settings_sha256": "5" * 64,
        "calibrant.lock": "core",
        "calibrant.lock_sha256": "d" * 64,
        "calibrant.seed": "1",
        "calibrant.record_sha256": sha256_file(record_path(root / "predictions/x.parquet", root)),
    }
    assert expected.items() <= run.data.tags.items()


def test_what_a_record_does_not_know_is_left_out(root: Path) -> None:
    tags = runs(root)["measure base/seed1"].data.tags
    for name in ("calibrant.git_commit", "calibrant.lock", "calibrant.slurm_job"):
        assert name not in tags


def test_settings_and_metrics_can_be_read_back(root: Path) -> None:
    data = runs(root)["grade base/seed1"].data
    assert data.params["scale"] == "percent"
    assert data.params["deep.bins"] == "10"
    assert json.loads(data.params["deep.names"]) == ["a", "b"]
    assert data.params["prompt"].startswith("word word")
    assert data.params["prompt"].endswith(sha256_bytes(LONG.encode()))
    assert data.metrics["graded"] == 40
    assert sorted(data.metrics.values()) == [0.25, 40]


def test_an_input_is_a_dataset_with_its_digest(root: Path) -> None:
    [found] = runs(root)["grade base/seed1"].inputs.dataset_inputs
    assert (found.dataset.name, found.dataset.digest) == ("q.csv", "b" * 36)
    assert {tag.key: tag.value for tag in found.tags}["calibrant.sha256"] == "b" * 64


def test_the_report_is_an_artifact_of_the_study(root: Path) -> None:
    run = runs(root)["demo"]
    found = [item.path for item in fresh_client(root).list_artifacts(run.info.run_id)]
    assert found == ["evaluation.json", "report.html"]
    assert (root / "mlflow-artifacts").is_dir()


def test_what_is_published_of_the_database_is_where_it_lies_in_the_study(root: Path) -> None:
    summary = publish(root, root / "mlflow.db", "demo", silent)
    assert summary["address"] == "sqlite:///mlflow.db"
    assert str(root) not in str(summary)


def test_publishing_again_changes_nothing(root: Path) -> None:
    before = {name: run.to_dictionary() for name, run in runs(root).items()}
    summary = publish(root, root / "mlflow.db", "demo", silent)
    assert (summary["published"], summary["skipped"], summary["superseded"]) == (0, 2, 0)
    assert {name: run.to_dictionary() for name, run in runs(root).items()} == before


def test_another_record_of_the_same_output_supersedes_the_run(root: Path) -> None:
    old = write(root, MEASURE)
    new = write(root, {**MEASURE, "subject": "edited"})
    try:
        summary = publish(root, root / "mlflow.db", "demo", silent)
        assert (summary["published"], summary["superseded"]) == (1, 1)
        found = runs(root)
        tags = found["measure base/seed1"].data.tags
        assert tags["calibrant.record_sha256"] == old
        assert tags["calibrant.superseded"] == "true"
        assert found["measure edited"].data.tags["calibrant.record_sha256"] == new
        for name in ("measure edited", "grade base/seed1"):
            assert found[name].data.tags.get("calibrant.superseded") != "true"
    finally:
        write(root, MEASURE)
    publish(root, root / "mlflow.db", "demo", silent)
    found = runs(root)
    assert found["measure base/seed1"].data.tags["calibrant.superseded"] == "false"
    assert found["measure edited"].data.tags["calibrant.superseded"] == "true"


def test_a_run_that_was_interrupted_is_published_anew(root: Path) -> None:
    client = fresh_client(root)
    run = runs(root)["grade base/seed1"]
    client.update_run(run.info.run_id, status="RUNNING")
    assert publish(root, root / "mlflow.db", "demo", silent)["published"] == 1
    again = runs(root)["grade base/seed1"]
    assert again.info.run_id != run.info.run_id
    assert again.data.metrics == run.data.metrics


def test_the_first_publication_prints_nothing_but_what_it_says(
    root: Path, first: "subprocess.CompletedProcess[str]"
) -> None:
    assert first.stderr == ""
    database = root / "mlflow.db"
    expected = f"sqlite:///{database}: 2 new, 0 already there, 0 superseded\n"
    assert first.stdout == expected
    assert not (root / "mlruns").exists()


def test_without_records_there_is_nothing_to_publish(tmp_path: Path) -> None:
    with pytest.raises(CalibrantError, match="holds no records"):
        publish(tmp_path, tmp_path / "mlflow.db", "demo", silent)
    assert not (tmp_path / "mlflow.db").exists()


def test_a_file_that_is_no_database_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("words " * 1000)
    with pytest.raises(CalibrantError, match=r"x\.db: cannot be opened: .*not a database"):
        publish(root, tmp_path / "x.db", "demo", silent)


@pytest.mark.parametrize(
    "address",
    ["sqlite:///x.db", "file:///tmp/x", "server:5000", "http://", "http://[1", "databricks"],
)
def test_only_a_server_may_stand_in_the_environment(
    root: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    with pytest.raises(CalibrantError, match="MLFLOW_TRACKING_URI: is not the address of a server"):
        publish(root, root / "mlflow.db", "demo", silent)


def test_a_server_that_is_not_there_is_one_line_without_the_password(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:hush@127.0.0.1:9/")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(CalibrantError, match=r"http://127\.0\.0\.1:9: cannot be opened") as caught:
        publish(root, root / "mlflow.db", "demo", silent)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["a", "a.b/c d-e_f", "é", "a@b", "a//b", "/a", "..", ".", "x" * 300]
)
def test_names_become_valid_and_stay_apart(name: str) -> None:
    from mlflow.utils.validation import (
        _validate_metric_name,
        _validate_param_name,
    )

    _validate_metric_name(valid_name(name))
    _validate_param_name(valid_name(name))
    assert len(valid_name(name)) <= MAX_NAME
    assert valid_name(name) == name or valid_name(name) != valid_name(name + "@")


def test_settings_that_join_to_the_same_name_stay_apart() -> None:
    found = parameters_of({"a.b": 1, "a": {"b": 2}, "none": None, "empty": {}, "flag": True})
    assert sorted(found.values()) == ["1", "2", "null", "true", "{}"]
    assert len(parameters_of({"x": "y" * 5000})["x"]) == MAX_PARAMETER
