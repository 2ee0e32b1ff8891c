"""What an honest study may look like half way, or after a change, is not called altered."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.lineage import small_study
from tests.unit.lineage import tampering as by
from tests.unit.lineage.tampering import CELL, COMPLETIONS, MEASURES, PREDICTIONS

from calibrant.files import write_text
from calibrant.lineage.findings import Findings
from calibrant.lineage.stage import Stage
from calibrant.lineage.verify import verify_folder
from calibrant.rows import Completion, read_rows, write_rows

OLD = "old/seed1/sums"


def check(folder: Path, *, quick: bool = False) -> Findings:
    return verify_folder(folder, lambda text: None, quick=quick)


def said(findings: Findings) -> str:
    return "\n".join(f"{item.kind}: {item.place}: {item.what}" for item in findings.faults)


def break_link(root: Path, inner: str) -> None:
    by.edit_record(root, inner, lambda record: record["inputs"][-1].update(sha256="0" * 64))


def make_old_cell(root: Path) -> None:
    """Add a method that the report knows nothing of, and whose questions were others."""
    small_study._answer("old", 1, "sums")
    small_study._grade(OLD, "sums")
    assert check(root, quick=True).exit_code == 0
    break_link(root, f"predictions/{OLD}.parquet")


def test_a_broken_link_that_nothing_published_comes_from_is_left_over(study: Path) -> None:
    make_old_cell(study)
    findings = check(study, quick=True)
    assert (said(findings), findings.exit_code) == ("", 0)
    assert findings.notes == [f"left over from an earlier study: predictions/{OLD}.parquet"]
    break_link(study, PREDICTIONS)
    assert check(study, quick=True).exit_code == 1


def test_without_a_report_nothing_is_left_over(study: Path) -> None:
    make_old_cell(study)
    for name in ("report/report.html", "report/numbers.json"):
        (study / name).unlink()
        by.record_file(study, name).unlink()
    assert "altered: data/questions/sums.parquet: prepare sums wrote " in said(
        check(study, quick=True)
    )


@pytest.mark.parametrize(("subject", "code"), [("taught/seed1", 1), ("gone/seed1", 0)])
def test_a_card_is_published_where_its_training_is(study: Path, subject: str, code: int) -> None:
    def write(stage: Stage) -> None:
        write_text(stage.output("card"), "card")

    inputs = {"manifest": [small_study.ROOT / "train/taught/seed1/manifest.json"]}
    outputs = {"card": small_study.ROOT / f"cards/{subject}.md"}
    small_study.run_stage("model_card", inputs, outputs, {}, write, subject=subject)
    break_link(study, f"cards/{subject}.md")
    assert check(study, quick=True).exit_code == code


def answer_anew(root: Path) -> None:
    """Give one question another answer, and grade what was answered."""
    rows = list(read_rows(root / COMPLETIONS, Completion))
    text = "<answer>98</answer><confidence>0.4</confidence>"
    rows[0] = replace(rows[0], completion=text)
    write_rows(root / COMPLETIONS, rows, Completion)
    by.describe_again(root, COMPLETIONS)
    small_study._grade(CELL, "sums")


def grade_anew(root: Path, when: str) -> None:
    answer_anew(root)

    def later(record: dict[str, Any]) -> None:
        record.update(started=when, finished=when)

    by.edit_record(root, PREDICTIONS, later)


def test_a_study_stopped_half_way_is_out_of_date_and_not_altered(study: Path) -> None:
    grade_anew(study, "2099-01-01T00:00:00.000Z")
    findings = check(study)
    [fault] = findings.faults
    assert (fault.kind, fault.place, findings.exit_code) == ("missing", PREDICTIONS, 2)
    assert fault.what.endswith("which is out of date: run again")
    assert findings.recomputed["measure"] == 3


@pytest.mark.parametrize("when", ["2001-01-01T00:00:00.000Z", "later", "2099-01-01T00:00:00.000"])
def test_only_what_began_after_its_reader_had_finished_is_newer(study: Path, when: str) -> None:
    grade_anew(study, when)
    assert check(study, quick=True).exit_code == 1


def test_numbers_of_measures_newer_than_the_report_are_out_of_date(study: Path) -> None:
    answer_anew(study)
    small_study._measure(CELL)
    findings = check(study)
    assert {item.kind for item in findings.faults} == {"missing"}
    assert f"missing: {MEASURES}: is newer than report, and " in said(findings)
    assert findings.notes == [
        f"numbers were not collected anew: results/small/{MEASURES} is newer than the report"
    ]
    small_study._report()
    assert said(check(study)) == ""


def test_files_of_unfinished_stages_and_hidden_files_are_listed(study: Path) -> None:
    unfinished = [
        "predictions/taught/seed1/.partial-host-99-sums.parquet",
        "records/report/.partial-host-99-report.html.json",
        "train/taught/seed1/.partial-host-99-manifest.json.folder/model.safetensors",
    ]
    for file in (*unfinished, "predictions/.DS_Store", "report/.nfs01"):
        write_text(study / file, "x")
    findings = check(study, quick=True)
    assert (said(findings), findings.exit_code) == ("", 0)
    assert findings.notes == [f"left by a stage that has not finished: {', '.join(unfinished)}"]
    assert findings.unexplained == ["predictions/.DS_Store", "report/.nfs01"]


def measured_by_other_code(root: Path, cell: str) -> None:
    def older(record: dict[str, Any]) -> None:
        record["code"]["modules"]["calibrant/measures/scores.py"] = "0" * 64

    by.edit_record(root, f"measures/{cell}.json", older)


def about_other_code(findings: Findings) -> list[str]:
    return [text for text in findings.notes if "other code" in text]


def test_one_note_tells_of_all_measures_by_other_code(study: Path) -> None:
    for method, seed, dataset in small_study.CELLS:
        measured_by_other_code(study, f"{method}/seed{seed}/{dataset}")
    # A figure that this code knows and that code did not is no difference.
    by.edit_json(study / MEASURES, lambda content: content["views"]["graded"]["measures"].popitem())
    by.edit_record(study, MEASURES, lambda record: by.set_settings(record, record["settings"]))
    findings = check(study)
    assert about_other_code(findings) == [
        "measure computed again by other code than ran (calibrant/measures/scores.py): 4, "
        "of which 0 differ"
    ]
    assert findings.recomputed["measure"] == 4


def test_settings_that_only_other_code_knows_are_a_note(study: Path) -> None:
    measured_by_other_code(study, CELL)
    by.edit_record(study, MEASURES, lambda record: by.set_settings(record, {"bins": 5}))
    findings = check(study)
    [note] = about_other_code(findings)
    assert f"not computed: 1 (first {MEASURES}: cannot be read as what it was: Validation" in note
    assert [item for item in findings.faults if item.place == MEASURES] == []
    assert findings.recomputed["measure"] == 3


def test_a_file_that_is_gone_is_named_once_for_all_its_numbers(study: Path) -> None:
    (study / MEASURES).unlink()
    faults = [item for item in check(study, quick=True).faults if item.place == MEASURES]
    assert len(faults) == 2
    assert faults[0].what.startswith("is not there (written by measure")
    assert " numbers come from it, such as taught/" in faults[1].what
