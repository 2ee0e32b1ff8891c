"""A study that nobody touched is sound wherever it lies; every way to touch it is found."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.lineage import tampering as by
from tests.unit.lineage.tampering import CELL, COMPLETIONS, MEASURES, NUMBER, PREDICTIONS

import calibrant.lineage
from calibrant.errors import CalibrantError
from calibrant.files import read_json, sha256_file, write_json
from calibrant.lineage.differences import first_difference
from calibrant.lineage.findings import Findings
from calibrant.lineage.verify import verify_folder

Change = Callable[[Path], None]


def check(folder: Path, *, quick: bool = False) -> Findings:
    return verify_folder(folder, lambda text: None, quick=quick)


def said(findings: Findings) -> str:
    return "\n".join(f"{item.kind}: {item.place}: {item.what}" for item in findings.faults)


def test_an_untouched_study_is_sound_and_everything_in_it_was_looked_at(study: Path) -> None:
    findings = check(study)
    assert said(findings) == ""
    assert findings.exit_code == 0
    assert findings.unexplained == []
    assert findings.notes == []
    numbers = len(read_json(study / "report/numbers.json")["numbers"])
    assert findings.checked == {
        "records": len(list((study / "records").rglob("*.json"))),
        "outputs": len(list((study / "records").rglob("*.json"))),
        "files of checkpoints": 6,
        "links": 33,
        "own files": 1,
        "fetched files": 1,
        "numbers": numbers,
        "numbers collected anew": numbers,
        "stages computed again": 8,
    }


def test_it_is_sound_elsewhere_under_another_name(study: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere/renamed"
    shutil.copytree(study, moved)
    shutil.rmtree(study)
    findings = check(moved)
    assert (said(findings), findings.exit_code) == ("", 0)
    assert findings.notes == ["own files that are not here and were not checked: 1"]


def test_a_producer_that_ran_again_with_the_same_bytes_breaks_no_link(study: Path) -> None:
    before = sha256_file(by.record_file(study, PREDICTIONS))
    by.edit_record(study, PREDICTIONS, lambda record: record.update(seconds=99.0))
    assert sha256_file(by.record_file(study, PREDICTIONS)) != before
    assert check(study, quick=True).exit_code == 0


def edit_page(root: Path) -> None:
    page = root / "report/report.html"
    printed = next(
        item["printed"]
        for item in read_json(root / "report/numbers.json")["numbers"]
        if item["id"] == NUMBER
    )
    other = f"{int(printed[0]) + 1}{printed[1:]}"
    text = page.read_text("utf-8")
    assert f">{printed}<" in text
    page.write_text(text.replace(f">{printed}<", f">{other}<"), "utf-8")


def renamed(root: Path) -> None:
    (root / MEASURES).rename(root / f"measures/{CELL}-better.json")


def extra_predictions(root: Path) -> None:
    shutil.copy(root / PREDICTIONS, root / "predictions/taught/seed1/more.parquet")


def wrong_seed(record: dict[str, Any]) -> None:
    record["seed"] = 2
    record["command"][record["command"].index("--seed") + 1] = "2"


def easier_settings(record: dict[str, Any]) -> None:
    settings = record["settings"] | {"missing_confidence": "half"}
    by.set_settings(record, settings)


def edit_interval(root: Path) -> None:
    def change(document: Any) -> None:
        document["views"]["graded"]["measures"]["ece"]["high"] -= 0.01

    by.edit_json(root / MEASURES, change)


def other_members(manifest: Any) -> None:
    manifest["files"][0]["sha256"] = "0" * 64


def in_record(inner: str, change: Callable[[dict[str, Any]], None]) -> Change:
    return lambda root: by.edit_record(root, inner, change)


def in_json(inner: str, change: Callable[[Any], None]) -> Change:
    return lambda root: by.edit_json(root / inner, change)


def append(inner: str, data: bytes) -> Change:
    return lambda root: (root / inner).write_bytes((root / inner).read_bytes() + data) and None


# What was done, the exit code, and what a fault says.
TAMPERED: dict[str, tuple[Change, int, str]] = {
    "a digit on the page": (edit_page, 1, f"report/report.html: {NUMBER} prints"),
    "a number's value": (
        lambda root: by.edit_number(root, value=0.001), 1, f"numbers.json, {NUMBER}: results/small/",
    ),
    "a number's printed form": (
        lambda root: by.edit_number(root, printed="0.001"), 1, "'0.001' is not how",
    ),
    "a number printed in another style": (
        lambda root: by.edit_number(root, printed="0"), 1, f"{NUMBER}: '0' is not how",
    ),
    "an interval of a number": (
        lambda root: by.edit_number(root, high=0.2), 1, f"numbers.json, {NUMBER}",
    ),
    "a number from another place": (
        lambda root: by.edit_number(root, pointer="/views/graded/measures/brier"), 1,
        "is taken from results/small/measures/tiny/seed17/sums.json#/views/graded/measures/brier",
    ),
    "a number from another file": (
        lambda root: by.edit_number(root, file=f"results/small/{MEASURES}"), 1,
        f"{NUMBER}: results/small/{MEASURES}#",
    ),
    "a number from a file the report did not read": (
        lambda root: by.edit_number(root, file="results/small/report/numbers.json"), 1,
        "which report did not read",
    ),
    "a number from nowhere": (
        lambda root: by.edit_number(root, pointer="/no/such"), 1, "has nothing at /no/such",
    ),
    "a number left out": (
        in_json("report/numbers.json", lambda content: content["numbers"].pop()), 1,
        "is not among the numbers, but its inputs give it",
    ),
    "a row of predictions": (
        by.edit_prediction, 1, f"{PREDICTIONS}: has ",
    ),
    "a byte of predictions": (
        lambda root: by.flip_byte(root / PREDICTIONS), 1,
        f"{PREDICTIONS}: has other bytes than recorded (written by grade {CELL}, read by measure",
    ),
    "an interval of measures": (edit_interval, 1, f"{MEASURES}: has "),
    "measures of two methods swapped": (
        lambda root: by.swap(root / MEASURES, root / "measures/tiny/seed17/sums.json"), 1, MEASURES,
    ),
    "extra predictions": (
        extra_predictions, 1, "predictions/taught/seed1/more.parquet: no record accounts for it",
    ),
    "a renamed output": (renamed, 1, f"measures/{CELL}-better.json: no record accounts for it"),
    "a file of a checkpoint": (
        lambda root: by.flip_byte(root / "train/taught/seed1/model.safetensors"), 1,
        "train/taught/seed1/model.safetensors: has other bytes than recorded (in train/taught/seed1/"
        f"manifest.json, written by train taught/seed1, read by generate {CELL}",
    ),
    "checkpoints of two seeds swapped": (
        lambda root: by.swap(
            root / "train/taught/seed1/model.safetensors",
            root / "train/taught/seed2/model.safetensors",
        ), 1, "train/taught/seed2/model.safetensors",
    ),
    "a file of a checkpoint deleted": (
        lambda root: (root / "model/tiny/base/model.safetensors").unlink(), 2,
        "model/tiny/base/model.safetensors: is not there",
    ),
    "a manifest": (
        in_json("train/taught/seed1/manifest.json", other_members), 1,
        "train/taught/seed1/manifest.json: has ",
    ),
    "a manifest that is none": (
        lambda root: (root / "model/tiny/base/manifest.json").write_text("[]") and None, 1,
        "is no manifest of a checkpoint",
    ),
    "a manifest that lists what lies outside": (
        in_json(
            "model/tiny/base/manifest.json",
            lambda content: content["files"][0].update(path="../../../../envs/core.lock"),
        ), 1, "which is not in its folder",
    ),
    "questions": (
        append("data/questions/sums.parquet", b"x"), 1, "data/questions/sums.parquet: has ",
    ),
    "a manifest of fetched files": (
        in_json("data/sources/tales.json", lambda content: content["files"].clear()), 1,
        "data/sources/tales.json: lists other files than fetch tales was asked to fetch",
    ),
    "a curve": (
        append("train/taught/seed1.curve.jsonl", b"{}\n"), 1, "train/taught/seed1.curve.jsonl",
    ),
    "a file of one's own": (
        lambda root: (root.parents[1] / "own.csv").write_text("question,answer\n") and None, 1,
        "own.csv: has other bytes now than prepare sums read",
    ),
    "a file cut short": (
        lambda root: by.cut(root / COMPLETIONS), 1, f"{COMPLETIONS}: has ",
    ),
    "an output deleted": (
        lambda root: (root / COMPLETIONS).unlink(), 2,
        f"{COMPLETIONS}: is not there (written by generate {CELL}, read by grade {CELL})",
    ),
    "measures deleted": (
        lambda root: (root / MEASURES).unlink(), 2, f"{MEASURES}: is not there",
    ),
    "the numbers deleted": (
        lambda root: (root / "report/numbers.json").unlink(), 2, "report/numbers.json: is not there",
    ),
    "a record deleted": (
        lambda root: by.record_file(root, PREDICTIONS).unlink(), 2,
        f"there is no record of {PREDICTIONS}, read by measure {CELL}",
    ),
    "one of two copies of a record deleted": (
        lambda root: by.record_file(root, "report/report.html").unlink(), 2,
        "records/report/report.html.json: the record of report is gone",
    ),
    "one of two copies of a record": (
        lambda root: write_json(
            by.record_file(root, "report/report.html"),
            read_json(by.record_file(root, "report/report.html")) | {"host": "other"},
        ), 1, "is not the record that report left with its other files",
    ),
    "a record cut short": (
        lambda root: by.cut(by.record_file(root, PREDICTIONS)), 1, "not valid JSON",
    ),
    "a record of another shape": (
        in_record(PREDICTIONS, lambda record: record.update(command=7)), 1, "command is malformed",
    ),
    "a record at the place of another": (
        lambda root: by.swap(
            by.record_file(root, PREDICTIONS), by.record_file(root, COMPLETIONS)
        ), 1, "stands at the place of a file that its stage did not write",
    ),
    "a lock in a record": (
        in_record(PREDICTIONS, lambda record: record["lock"].update(sha256="0" * 64)), 1,
        "the lock file is not what was planned",
    ),
    "a lock in a record and its plan": (
        in_record(
            PREDICTIONS,
            lambda record: [
                item.update(sha256="0" * 64) for item in (record["lock"], record["planned"]["lock"])
            ] and None,
        ), 1, "its command line has another --lock",
    ),
    "a module in a record": (
        in_record(
            MEASURES, lambda record: record["code"]["modules"].update({"calibrant/x.py": "0" * 64})
        ), 1, "its modules do not have the digest it gives for its code",
    ),
    "the code in a record": (
        in_record(MEASURES, lambda record: record["code"].update(digest="0" * 64, modules={})), 1,
        "the code is not what was planned",
    ),
    "a seed in a record": (
        in_record(COMPLETIONS, lambda record: record.update(seed=3)), 1,
        "the seed is 3, in its path 1",
    ),
    "a seed in a record and its command": (
        in_record(COMPLETIONS, wrong_seed), 1, "the seed is 2, in its path 1",
    ),
    "a seed of the bootstrap": (
        in_record(MEASURES, wrong_seed), 1, f"when computed again from results/small/{PREDICTIONS}",
    ),
    "settings in a record": (
        in_record(MEASURES, lambda record: record["settings"].update(missing_confidence="half")), 1,
        "its settings do not have the digest it gives for them",
    ),
    "settings that are none": (
        in_record(MEASURES, lambda record: by.set_settings(record, {"bins": 5})), 1,
        "cannot be read as what it was: ValidationError",
    ),
    "an input in a record": (
        in_record(MEASURES, lambda record: record["inputs"][0].update(sha256="0" * 64)), 1,
        f"{PREDICTIONS}: grade {CELL} wrote ",
    ),
    "another input in a record": (
        in_record(
            MEASURES,
            lambda record: record["inputs"][0].update(
                path="results/small/predictions/tiny/seed17/sums.parquet"
            ),
        ), 1, "its command line has other files for --predictions",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_altered_or_taken_away_is_found_and_named(study: Path, what: str) -> None:
    change, code, text = TAMPERED[what]
    change(study)
    findings = check(study)
    assert text in said(findings)
    assert findings.exit_code == code


def hidden_row(root: Path) -> None:
    by.edit_prediction(root)
    by.describe_again(root, PREDICTIONS)


def hidden_row_and_link(root: Path) -> None:
    hidden_row(root)
    by.read_again(root, MEASURES, PREDICTIONS)


def hidden_figure(root: Path) -> None:
    edit_interval(root)
    by.describe_again(root, MEASURES)
    by.read_again(root, "report/numbers.json", MEASURES)


def hidden_number(root: Path) -> None:
    by.edit_number(root, value=0.001, low=None, high=None, printed="0.001")
    by.describe_again(root, "report/numbers.json")


def hidden_page(root: Path) -> None:
    edit_page(root)
    by.describe_again(root, "report/report.html")


def hidden_weights(root: Path) -> None:
    by.flip_byte(root / "train/taught/seed1/model.safetensors")
    digest = sha256_file(root / "train/taught/seed1/model.safetensors")
    manifest = "train/taught/seed1/manifest.json"
    by.edit_json(
        root / manifest,
        lambda content: [
            entry.update(sha256=digest)
            for entry in content["files"]
            if entry["path"] == "model.safetensors"
        ],
    )
    by.describe_again(root, manifest)


def hidden_source(root: Path) -> None:
    by.edit_json(
        root / "data/sources/tales.json", lambda content: content["files"][0].update(bytes=1)
    )
    by.describe_again(root, "data/sources/tales.json")
    by.read_again(root, "data/questions/tales.parquet", "data/sources/tales.json")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (hidden_row, f"{PREDICTIONS}: grade {CELL} wrote "),
        (hidden_row_and_link, f"{MEASURES}: /"),
        (hidden_figure, f"{MEASURES}: /views/graded/measures/ece/high is "),
        (hidden_number, f"numbers.json, {NUMBER}: "),
        (hidden_page, f"report/report.html: {NUMBER} prints "),
        (hidden_weights, "train/taught/seed1/manifest.json: train taught/seed1 wrote "),
        (hidden_source, "lists other files than fetch tales was asked to fetch"),
    ],
)
def test_who_corrects_the_record_too_is_found_at_the_next_hop(
    study: Path, change: Change, text: str
) -> None:
    change(study)
    findings = check(study)
    assert text in said(findings)
    assert findings.exit_code == 1
    # The record was corrected, so the file itself agrees with it.
    assert "than recorded" not in said(findings)


def test_quick_computes_nothing_again_and_leaves_out_nothing_else(study: Path) -> None:
    hidden_row_and_link(study)
    assert check(study, quick=True).exit_code == 0
    assert check(study).exit_code == 1


def test_figures_that_other_code_measured_are_no_proof_of_tampering(study: Path) -> None:
    hidden_figure(study)

    def older(record: dict[str, Any]) -> None:
        record["code"]["modules"]["calibrant/measures/scores.py"] = "0" * 64

    by.edit_record(study, MEASURES, older)
    findings = check(study)
    assert [item for item in findings.faults if item.place == MEASURES] == []
    [note] = [text for text in findings.notes if "other code" in text]
    assert "(calibrant/measures/scores.py): 1, of which 1 differ" in note
    assert "/views/graded/measures/ece/high is " in note


def test_files_that_no_record_needs_to_explain_are_listed(study: Path) -> None:
    (study / "logs").mkdir()
    (study / "logs/a.log").write_text("a")
    findings = check(study, quick=True)
    assert (findings.exit_code, findings.unexplained) == (0, ["logs/a.log"])


def test_a_folder_without_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrantError, match="holds no folder records"):
        check(tmp_path)
    (tmp_path / "records").mkdir()
    with pytest.raises(CalibrantError, match="holds no records"):
        check(tmp_path)


@pytest.mark.parametrize(("option", "unneeded"), [("--quick", "matplotlib"), ("--", "torch")])
def test_the_command_prints_what_was_checked_and_imports_nothing_heavy(
    study: Path, option: str, unneeded: str
) -> None:
    by.edit_prediction(study)
    code = (
        "import argparse, sys; from calibrant.lineage import verify_command as command;"
        "parser = argparse.ArgumentParser(); command.add_arguments(parser);"
        "code = command.run(parser.parse_args(sys.argv[1:]));"
        f"heavy = {{'torch', 'transformers', 'mlflow', 'snakemake', '{unneeded}'}} & set(sys.modules);"
        "raise SystemExit(f'imports {heavy}' if heavy else code)"
    )
    package = Path(calibrant.lineage.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, option, str(study)], env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, "imports" in done.stderr) == (1, False), done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == str(study)
    assert lines[-1] == "ALTERED"
    again = any(line.split() == ["stages", "computed", "again", "8"] for line in lines)
    assert again is (option != "--quick")
    alone = next(line for line in lines if "not computed again, checked by digests alone:" in line)
    assert "generate (4)" in alone
    for stage in ("grade (4)", "measure (4)", "report (1)"):
        assert (stage in alone) is not again
    assert any("MB/s" in line for line in lines)
    assert any(line.startswith(f"altered: {PREDICTIONS}: ") for line in lines)


@pytest.mark.parametrize(
    ("recorded", "computed", "said"),
    [
        ({"a": [1.0, 2.0]}, {"a": [1.0, 2.0 + 1e-10]}, None),
        ({"a": 3e12}, {"a": 3e12 + 1}, None),
        ({"a": [1.0, 2.0]}, {"a": [1.0, 2.1]}, "/a/1 is 2.0, but 2.1"),
        ({"a": None}, {"a": 0.0}, "/a is None, but 0.0"),
        ({"a": True}, {"a": 1}, "/a is True, but 1"),
        ({"a": 1}, {"a": 1, "b": 2}, "/b is in only one of both"),
        ([1], [1, 2], "/1 is in only one of both"),
        ([1, 5], [2], "/0 is 1, but 2"),
        ({"a": {}}, {"a": []}, "/a is {}, but []"),
    ],
)
def test_documents_are_compared_leaf_by_leaf(
    recorded: Any, computed: Any, said: str | None
) -> None:
    assert first_difference(recorded, computed) == said


def test_only_what_both_documents_have_can_be_compared() -> None:
    recorded, computed = {"a": [1, {"b": 2}]}, {"a": [1, {"c": 3}, 4], "d": 5}
    assert first_difference(recorded, computed, shared=True) is None
    assert first_difference(recorded, {"a": [2]}, shared=True) == "/a/0 is 1, but 2"
