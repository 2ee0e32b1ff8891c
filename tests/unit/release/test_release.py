"""A release holds what may be published, says what it leaves out, and is whole or absent."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.unit.lineage.tampering import describe_again
from tests.unit.release.conftest import release

from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, read_json, sha256_file, sha256_text, write_text
from calibrant.lineage.findings import Findings
from calibrant.lineage.graph import read_graph
from calibrant.lineage.record import record_text
from calibrant.lineage.verify import verify_folder
from calibrant.release.code_files import find_code
from calibrant.release.contents import holds_rows
from calibrant.release.folder import write_release
from calibrant.release.plan import About, plan_release
from calibrant.reporting.evidence import read_evidence
from calibrant.reporting.page import render_page
from calibrant.stage_settings.report import ReportSettings

EVERYTHING = About("small", "2026-01-01", most_bytes=5_000_000)


def quiet(text: str) -> None:
    pass


def check(folder: Path) -> Findings:
    return verify_folder(folder, quiet)


def files_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256_file(path)
        for path in folder.rglob("*")
        if path.is_file()
    }


def set_licence(study: Path, dataset: str, licence: str) -> None:
    """Make the study one whose report states another licence, in all that its record says."""
    for name in ("report.html", "numbers.json"):
        place = study / f"records/report/{name}.json"
        record = read_json(place)
        card = next(item for item in record["settings"]["datasets"] if item["name"] == dataset)
        card["licence"] = licence
        settings = canonical_json(record["settings"])
        record["settings_sha256"] = sha256_text(settings)
        record["command"][record["command"].index("--settings") + 1] = settings
        place.write_text(record_text(record), encoding="utf-8")
    inputs: dict[str, list[Path]] = {"overlap": [], "published": []}
    for entry in record["inputs"]:
        inputs.setdefault(entry["name"], []).append(Path(entry["path"]))
    page, _ = render_page(read_evidence(**inputs), ReportSettings(**record["settings"]))
    write_text(study / "report/report.html", page)
    describe_again(study, "report/report.html")


def test_the_release_of_a_small_study_is_sound_without_the_study(
    study: Path, tmp_path: Path
) -> None:
    before = files_of(study)
    out = release()
    moved = tmp_path / "elsewhere"
    shutil.move(out, moved)
    shutil.rmtree(study)
    findings = check(moved)
    assert (findings.faults, findings.exit_code) == ([], 0)
    assert findings.recomputed["measure"] == 4
    assert files_of(moved).items() >= before.items()
    assert read_json(moved / "release.json")["left_out"] == []


def test_what_is_too_big_is_listed_with_its_digest_and_verify_names_it(study: Path) -> None:
    out = release("--most-mb", "0")
    listed = {item["path"]: item for item in read_json(out / "release.json")["left_out"]}
    weights = {path for path in files_of(study) if path.endswith(("safetensors", "config.json"))}
    rows = {path for path in files_of(study) if path.endswith(".parquet")}
    assert (len(weights), len(rows)) == (6, 10)
    assert listed.keys() == weights | rows
    for path, item in listed.items():
        assert not (out / path).exists()
        assert item["sha256"] == sha256_file(study / path)
        assert item["bytes"] == (study / path).stat().st_size
    findings = check(out)
    assert {(fault.kind, fault.place) for fault in findings.faults} == {
        ("missing", path) for path in listed
    }
    assert findings.exit_code == 2
    reasons = {item["rows_left_out"] for item in read_json(out / "release.json")["datasets"]}
    assert reasons == {"every file of them is too large"}
    assert "| in |" not in (out / "README.md").read_text(encoding="utf-8")
    # Printed numbers can be checked without a row.
    assert findings.checked["numbers"] == len(read_json(study / "report/numbers.json")["numbers"])


def test_the_limit_is_for_each_file_and_a_file_of_just_that_size_is_in(study: Path) -> None:
    sizes = {path: (study / path).stat().st_size for path in files_of(study) if holds_rows(path)}
    middle = sorted(sizes.values())[len(sizes) // 2]
    out = release("--most-mb", repr(middle / 1e6))
    left_out = {item["path"] for item in read_json(out / "release.json")["left_out"]}
    assert left_out == {path for path, size in sizes.items() if size > middle}
    assert left_out


def test_a_study_that_is_not_sound_is_refused(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measures = study / "measures/tiny/seed17/sums.json"
    measures.write_text(measures.read_text("utf-8").replace("0", "1", 1), "utf-8")
    with pytest.raises(CalibrantError, match="is not sound"):
        release()
    assert "altered: measures/tiny/seed17/sums.json" in capsys.readouterr().out
    assert not Path("releases").exists()


def test_rows_whose_licence_forbids_it_are_left_out_and_what_came_of_them_is_not(
    study: Path,
) -> None:
    set_licence(study, "sums", "CC BY-ND 4.0")
    assert check(study).exit_code == 0
    out = release()
    left_out = {item["path"]: item["why"] for item in read_json(out / "release.json")["left_out"]}
    cells = ("tiny/seed17", "taught/seed1", "taught/seed2")
    assert left_out.keys() == {
        "data/questions/sums.parquet",
        *(
            f"predictions/{cell}/sums{kind}.parquet"
            for cell in cells
            for kind in ("", ".completions")
        ),
    }
    assert all("rows of sums" in why and "CC BY-ND 4.0" in why for why in left_out.values())
    assert (out / "data/questions/tales.parquet").is_file()
    assert (out / "measures/taught/seed1/sums.json").is_file()
    assert "CC BY-ND 4.0 | made up | left out" in (out / "README.md").read_text("utf-8")


def test_who_has_the_right_can_put_rows_in_by_name(study: Path) -> None:
    set_licence(study, "sums", "")
    out = release("--allow-rows", "sums")
    assert read_json(out / "release.json")["left_out"] == []
    assert check(out).exit_code == 0


def test_allowing_the_rows_of_an_unknown_dataset_is_refused(study: Path) -> None:
    with pytest.raises(CalibrantError, match="its datasets are sums, tales"):
        release("--allow-rows", "summs")


@pytest.mark.parametrize("out", ["releases/small", "results/small/releases"])
def test_a_place_that_is_taken_or_in_the_study_is_refused(study: Path, out: str) -> None:
    taken = Path("releases/small/mine.txt")
    taken.parent.mkdir(parents=True)
    taken.write_text("mine")
    before = files_of(Path("."))
    with pytest.raises(CalibrantError, match=r"exists already|lies in the study"):
        release("--out", out)
    assert files_of(Path(".")) == before


@pytest.mark.parametrize("change", ["altered", "gone"])
def test_a_study_that_changes_meanwhile_leaves_no_release_behind(study: Path, change: str) -> None:
    plan = plan_release(study, EVERYTHING)
    file = study / "predictions/tiny/seed17/tales.parquet"
    if change == "altered":
        file.write_bytes(file.read_bytes() + b" ")
    else:
        file.unlink()
    with pytest.raises(CalibrantError, match=r"changed since|cannot write: No such file"):
        write_release(plan, Path("releases/small"), quiet)
    assert list(Path("releases").iterdir()) == []


def test_code_that_is_not_here_as_it_ran_is_named_and_not_released(study: Path) -> None:
    graph = read_graph(study)
    run = next(run for run in graph.runs if run.record["stage"] == "measure")
    code: dict[str, Any] = dict(run.record["code"])
    before = find_code(graph)
    assert "workflow/calibrant/rows.py" in before.files
    # The lock file of the small study is none of the project's.
    assert "envs/core.lock" in before.absent
    code["modules"] |= {"calibrant/rows.py": "0" * 64, "calibrant/gone.py": "0" * 64}
    found = find_code(graph)
    assert set(found.absent) - set(before.absent) == {"calibrant/gone.py", "calibrant/rows.py"}
    assert "workflow/calibrant/rows.py" not in found.files
    assert "workflow/scripts/measure.py" in found.files
