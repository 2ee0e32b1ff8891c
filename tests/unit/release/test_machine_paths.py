"""A release does not tell where on a machine a study lay, unless whoever releases it says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.lineage.tampering import edit_record
from tests.unit.release.conftest import release

from calibrant.errors import CalibrantError
from calibrant.lineage.snapshot import PACKAGE_ROOT
from calibrant.release.machine_paths import check_no_machine_paths
from calibrant.release.plan import About, plan_release

PREPARED = "data/questions/sums.parquet"


def check(study: Path, most_bytes: int = 5_000_000) -> None:
    check_no_machine_paths(plan_release(study, About("small", "2026-01-01", most_bytes)))


def refused(study: Path) -> str:
    with pytest.raises(CalibrantError, match="names a path of this machine") as caught:
        check(study)
    return str(caught.value)


def read_elsewhere(record: dict[str, Any]) -> None:
    for entry in record["inputs"]:
        entry["path"] = "/scratch/mine/own.csv"


def from_elsewhere(record: dict[str, Any]) -> None:
    record["settings"]["own"]["file"] = "~/own.csv"


def says_home(record: dict[str, Any]) -> None:
    record["notes"].append(f"read {Path.home()}/secret/own.csv")


def says_project(record: dict[str, Any]) -> None:
    record["command"].append(f"--cache={Path.cwd()}/cache")


def test_a_study_within_its_project_names_no_path(study: Path) -> None:
    check(study)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (read_elsewhere, "/scratch/mine/own.csv"),
        (from_elsewhere, "~/own.csv"),
        (says_home, "home/secret/own.csv"),
        (says_project, "project/cache"),
    ],
)
def test_a_record_with_a_path_of_the_machine_is_named(
    study: Path, change: Callable[[dict[str, Any]], None], path: str
) -> None:
    edit_record(study, PREPARED, change)
    said = refused(study)
    # The stage wrote two files, so its record is there twice.
    assert f"{path}, the first of 2 files that do" in said
    assert "records/data/questions/sums.json.json: names a path of this machine" in said


@pytest.mark.parametrize("name", ["report/report.html", "train/taught/seed1/config.json"])
def test_so_is_another_file_of_the_release(study: Path, name: str) -> None:
    file = study / name
    file.write_bytes(file.read_bytes() + f'"file://{Path.cwd()}/{name}"'.encode())
    assert f"{name}: names a path of this machine, {Path.cwd()}/{name}. Move" in refused(study)


def test_so_is_the_address_of_a_database_wherever_the_project_lay(study: Path) -> None:
    file = study / "report/numbers.json"
    before = file.read_bytes()
    file.write_bytes(before + b'{"address": "sqlite:////other/small/mlflow.db"}')
    assert "this machine, sqlite:////other/small/mlflow.db. " in refused(study)
    file.write_bytes(before + b'{"address": "sqlite:///mlflow.db"}')
    check(study)


def test_a_home_whose_name_json_escapes_is_found(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/zoë")
    file = study / "report/numbers.json"
    for name in (b'"/home/zo\\u00eb/x"', '"/home/zoë/x"'.encode()):
        before = file.read_bytes()
        file.write_bytes(before + name)
        assert "report/numbers.json" in refused(study)
        file.write_bytes(before)


def test_what_is_left_out_or_only_looks_like_the_home_is_not_named(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/people")
    file = study / "report/report.html"
    file.write_bytes(
        file.read_bytes() + b"https://a.org/people/x square/people/x /peoples/x /people"
    )
    weights = study / "train/taught/seed1/model.safetensors"
    weights.write_bytes(weights.read_bytes() + b" /people/x")
    check(study, most_bytes=0)
    refused(study)


def test_a_home_that_is_the_root_finds_nothing(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/")
    check(study)


def test_the_command_refuses_paths_until_they_are_allowed_and_tells_of_hosts(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Its records name the scripts of this checkout, outside the small project.
    monkeypatch.setenv("HOME", str(PACKAGE_ROOT.parents[1]))
    with pytest.raises(CalibrantError, match="names a path of this machine"):
        release()
    assert not Path("releases").exists()
    capsys.readouterr()
    release("--allow-paths")
    assert "the records name the host of each stage: " in capsys.readouterr().out
