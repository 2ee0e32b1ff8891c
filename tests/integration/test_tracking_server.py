"""A finished study on a real MLflow server, read back by its client."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.made_up_records import record, write, write_measures
from tests.integration.mlflow_server import mlflow_server, shown

from calibrant.files import sha256_file, write_json, write_text
from calibrant.lineage.record import Record
from calibrant.reporting.tracking import publish

# A server takes half a minute to start.
pytestmark = pytest.mark.slow

PASSWORD = "canary-Zq81-password"
CURVE = "train/rlcr/seed1.curve.jsonl"


def output(root: Path, name: str, path: str) -> dict[str, object]:
    file = root / path
    size = file.stat().st_size
    digest = sha256_file(file)
    return {"name": name, "path": f"results/demo/{path}", "sha256": digest, "bytes": size}


def made_from(root: Path, name: str, path: str, digest: str) -> dict[str, object]:
    return output(root, name, path) | {"record": digest}


def stage(root: Path, name: str, subject: str, path: str, *others: str, **changes: object) -> str:
    """Write the record of a stage whose outputs lie there and return its digest."""
    value: Record = record(name, subject=subject, **changes)
    value["outputs"] = [
        output(root, "manifest" if one.endswith("manifest.json") else "out", one)  # type: ignore[misc]
        for one in (path, *others)
    ]
    return write(root, value)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of a made-up study: trained, answered, graded, measured and reported."""
    root = tmp_path_factory.mktemp("study") / "results/demo"
    manifest = "train/rlcr/seed1/manifest.json"
    write_json(root / manifest, {"weights_sha256": "f" * 64, "files": []})
    (root / "train/rlcr/seed1/model.safetensors").write_bytes(b"weights " * 1000)
    write_text(root / CURVE, '{"kind": "train", "round": 1, "reward": 0.5}\n'
                             '{"kind": "train", "round": 2, "reward": 0.75}\n')  # fmt: skip
    write_text(root / "data/questions/x.parquet", "rows")
    write_text(root / "predictions/rlcr/seed1/x.completions.parquet", "rows")
    write_text(root / "predictions/rlcr/seed1/x.parquet", "graded rows")
    write_text(root / "report/report.html", "<p>all</p>")
    write_json(root / "report/numbers.json", {"numbers": []})
    write_text(root / "report/lineage.html", "<p>from where</p>")
    prepared = stage(root, "prepare", "x", "data/questions/x.parquet")
    questions = made_from(root, "questions", "data/questions/x.parquet", prepared)
    trained = stage(root, "train", "rlcr/seed1", manifest, CURVE, inputs=[questions],
                    settings={"rounds": 2, "reward": {"rule": "brier"}})  # fmt: skip
    model = made_from(root, "model", manifest, trained)
    answers = "predictions/rlcr/seed1/x.completions.parquet"
    answered = stage(root, "generate", "rlcr/seed1/x", answers, inputs=[model, questions])
    graded = stage(root, "grade", "rlcr/seed1/x", "predictions/rlcr/seed1/x.parquet",
                   inputs=[made_from(root, "completions", answers, answered)])  # fmt: skip
    write_measures(root, "rlcr/seed1/x", method="rlcr")
    predictions = made_from(root, "predictions", "predictions/rlcr/seed1/x.parquet", graded)
    stage(root, "measure", "rlcr/seed1/x", "measures/rlcr/seed1/x.json", inputs=[predictions])
    return root


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("server")
    with mlflow_server(folder) as address:
        yield address, folder


@pytest.fixture(scope="module")
def published(root: Path, server: tuple[str, Path]) -> Iterator[list[str]]:
    """Publish to the server through the environment, twice; return all that was said."""
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", server[0].replace("://", f"://me:{PASSWORD}@"))
        patch.setenv("MLFLOW_TRACKING_PASSWORD", PASSWORD)
        first = publish(root, root / "mlflow.db", "demo", said.append)
        again = publish(root, root / "mlflow.db", "demo", said.append)
        assert (first["published"], first["models"]) == (5, 1)
        assert (again["published"], again["models"], again["skipped"]) == (0, 0, 5)
        assert first["address"] == server[0]
        yield said


def test_the_whole_study_can_be_read_back_from_the_server(
    published: list[str], root: Path, server: tuple[str, Path]
) -> None:
    from mlflow import MlflowClient

    found = shown(MlflowClient(server[0]), "demo")
    runs = found["runs"]
    above = {name: run["tags"].get("mlflow.parentRunId") for name, run in runs.items()}
    assert above == {
        "demo": None,
        "prepare x": "demo",
        "rlcr seed 1": "demo",
        "train rlcr/seed1": "rlcr seed 1",
        "generate rlcr/seed1/x": "rlcr seed 1",
        "grade rlcr/seed1/x": "rlcr seed 1",
        "measure rlcr/seed1/x": "rlcr seed 1",
    }
    assert runs["demo"]["artifacts"] == [
        "evaluation.json", "lineage.html", "numbers.json", "report.html",
    ]  # fmt: skip
    train = runs["train rlcr/seed1"]
    assert [point[:2] for point in train["metrics"]["train/reward"]] == [(1, 0.5), (2, 0.75)]
    assert train["params"] == {"rounds": "2", "reward.rule": "brier"}
    questions = sha256_file(root / "data/questions/x.parquet")[:36]
    assert train["inputs"] == [("results/demo/data/questions/x.parquet", questions)]
    assert train["tags"]["mlflow.source.git.commit"] == "e" * 40
    for path in (root / "records").rglob("*.json"):
        digest = sha256_file(path)
        holders = [run for run in runs.values()
                   if run["tags"].get("calibrant.record_sha256") == digest]  # fmt: skip
        assert len(holders) == 1, path
    figures = runs["rlcr seed 1"]["metrics"]
    assert figures["x/graded/brier"][0][1] == 0.125


def test_a_checkpoint_is_a_model_without_its_weights(
    published: list[str], root: Path, server: tuple[str, Path]
) -> None:
    from mlflow import MlflowClient

    [model] = shown(MlflowClient(server[0]), "demo")["models"]
    name, status, source, tags, metrics, artifacts = model
    assert (name, status, source) == ("rlcr-seed1-train", "READY", "train rlcr/seed1")
    manifest = "train/rlcr/seed1/manifest.json"
    assert dict(tags)["calibrant.manifest"] == f"results/demo/{manifest}"
    assert dict(tags)["calibrant.manifest_sha256"] == sha256_file(root / manifest)
    assert dict(tags)["calibrant.weights_sha256"] == "f" * 64
    answers = "results/demo/predictions/rlcr/seed1/x.parquet"
    assert metrics == [("x/graded/accuracy", 0.75, answers), ("x/graded/brier", 0.125, answers)]
    assert artifacts == ["MLmodel", "manifest.json"]


def test_the_table_of_figures_and_the_report_come_back_as_they_were(
    published: list[str], root: Path, server: tuple[str, Path], tmp_path: Path
) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(server[0])
    [run] = [
        run
        for run in client.search_runs([client.get_experiment_by_name("demo").experiment_id])
        if run.info.run_name == "demo"
    ]
    number = run.info.run_id
    for name in ("report.html", "numbers.json", "lineage.html"):
        copy = Path(client.download_artifacts(number, name, str(tmp_path)))
        assert copy.read_bytes() == (root / "report" / name).read_bytes()
    table = client.load_table(run.info.experiment_id, "evaluation.json", run_ids=[number])
    assert table.to_dict("records")[0] == {
        "method": "rlcr", "seed": 1, "dataset": "x", "view": "graded", "measure": "accuracy",
        "value": 0.75, "low": 0.5, "high": 1.0,
    }  # fmt: skip
    assert len(table) == 2


def test_any_store_made_from_the_records_shows_the_same(
    published: list[str], root: Path, server: tuple[str, Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from mlflow import MlflowClient

    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    expected = shown(MlflowClient(server[0]), "demo")
    for name in ("first", "second"):
        database = tmp_path / name / "mlflow.db"
        database.parent.mkdir()
        publish(root, database, "demo", str)
        assert shown(MlflowClient(f"sqlite:///{database}"), "demo") == expected


def test_the_password_is_written_nowhere(
    published: list[str], root: Path, server: tuple[str, Path]
) -> None:
    assert os.environ["MLFLOW_TRACKING_PASSWORD"] == PASSWORD
    assert PASSWORD not in json.dumps(published)
    for folder in (root, server[1]):
        for file in folder.rglob("*"):
            assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file
