"""Records: where they lie, what they say about files, and which ones are refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.files import sha256_bytes
from calibrant.lineage.record import (
    SCHEMA,
    Record,
    describe_input,
    describe_output,
    find_records,
    project_path,
    read_record,
    record_path,
)

ROOT = Path("results/demo")


def test_a_record_mirrors_the_path_of_its_output() -> None:
    found = record_path(ROOT / "predictions/base/seed1/x.parquet", ROOT)
    assert found == ROOT / "records/predictions/base/seed1/x.parquet.json"


@given(
    st.lists(st.text("abc._-", min_size=1).filter(lambda x: x.strip(".")), min_size=1).map(tuple)
)
def test_different_outputs_have_different_records(parts: tuple[str, ...]) -> None:
    output = ROOT.joinpath("data", *parts)
    assert record_path(output, ROOT).relative_to(ROOT / "records").as_posix() == (
        output.relative_to(ROOT).as_posix() + ".json"
    )


@pytest.mark.parametrize(
    "output", ["results/other/x.csv", "x.csv", "results/demo", "results/demo/records/x.json"]
)
def test_what_is_not_a_result_of_the_study_has_no_record(output: str) -> None:
    with pytest.raises(CalibrantError, match="is not a result below results/demo"):
        record_path(Path(output), ROOT)


def test_paths_are_relative_to_the_project_where_they_are_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    (project / "sub").mkdir(parents=True)
    monkeypatch.chdir(project)
    assert project_path(Path("sub/../sub/a.csv")) == "sub/a.csv"
    assert project_path(project / "sub/a.csv") == "sub/a.csv"
    assert project_path(tmp_path / "other/a.csv") == (tmp_path / "other/a.csv").as_posix()


def test_results_on_another_disk_keep_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project/results").symlink_to(tmp_path / "disk")
    monkeypatch.chdir(tmp_path / "project")
    assert project_path(Path("results/demo/a.csv")) == "results/demo/a.csv"


def test_an_input_names_the_record_that_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made, raw = ROOT / "data/made.csv", Path("own.csv")
    for path, text in ((made, "made"), (raw, "raw"), (record_path(made, ROOT), "{}\n")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert describe_input("table", made, ROOT) == {
        "name": "table",
        "path": "results/demo/data/made.csv",
        "sha256": sha256_bytes(b"made"),
        "bytes": 4,
        "record": sha256_bytes(b"{}\n"),
    }
    assert describe_input("table", raw, ROOT)["record"] is None


def test_an_output_is_described_by_the_bytes_that_will_be_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("final").write_text("old bytes")
    Path("temporary").write_text("new")
    entry = describe_output("table", Path("final"), Path("temporary"))
    assert entry["path"] == "final"
    assert entry["sha256"] == sha256_bytes(b"new")
    assert entry["bytes"] == 3


def test_temporary_records_are_not_found(tmp_path: Path) -> None:
    for name in ("data/a.csv.json", "data/.partial-host-1-b.csv.json", "z/c.csv.json"):
        (tmp_path / "records" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "records" / name).write_text("{}")
    found = [path.relative_to(tmp_path).as_posix() for path in find_records(tmp_path)]
    assert found == ["records/data/a.csv.json", "records/z/c.csv.json"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"schema": "calibrant-record/2"}, "is not a record of schema calibrant-record/1"),
        ([1], "is not a record of schema"),
        ({"schema": SCHEMA}, "is a record without code, command"),
    ],
)
def test_what_is_not_a_record_is_refused(tmp_path: Path, value: object, message: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps(value))
    with pytest.raises(CalibrantError) as caught:
        read_record(path)
    assert message in str(caught.value)


def test_a_record_has_the_promised_fields() -> None:
    assert Record.__required_keys__ == {
        "schema", "stage", "subject", "outputs", "inputs", "code", "settings", "settings_sha256",
        "lock", "planned", "seed", "environment", "host", "cpus", "device", "slurm_job", "git",
        "command", "started", "finished", "seconds", "metrics", "notes",
    }  # fmt: skip
