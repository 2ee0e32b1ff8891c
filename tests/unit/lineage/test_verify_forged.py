"""Who rewrites records so that a check has nothing to look at is found by what is left."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.lineage import tampering as by
from tests.unit.lineage.tampering import CELL, MEASURES, PREDICTIONS

from calibrant.files import sha256_file, write_text
from calibrant.lineage.code import code_digest
from calibrant.lineage.findings import Findings
from calibrant.lineage.verify import verify_folder

PAGE = "report/report.html"
NUMBERS = "report/numbers.json"


def check(folder: Path, *, quick: bool = False) -> Findings:
    return verify_folder(folder, lambda text: None, quick=quick)


def said(findings: Findings) -> str:
    return "\n".join(f"{item.kind}: {item.place}: {item.what}" for item in findings.faults)


def set_modules(record: dict[str, Any], modules: dict[str, str]) -> None:
    """Give a record other modules, in all that it says of them."""
    digest = code_digest(modules)
    record["code"] = {"digest": digest, "modules": modules}
    record["planned"]["code"] = digest
    record["command"][record["command"].index("--code") + 1] = digest


def test_measures_of_predictions_from_outside_are_found_and_not_counted(study: Path) -> None:
    other = study.parents[1] / "better.parquet"
    shutil.copy(study / PREDICTIONS, other)

    def redirect(record: dict[str, Any]) -> None:
        [entry] = record["inputs"]
        record["command"][record["command"].index(entry["path"])] = "better.parquet"
        entry.update(path="better.parquet", record=None, sha256=sha256_file(other))

    by.edit_record(study, MEASURES, redirect)
    findings = check(study)
    assert (
        said(findings) == f"altered: {MEASURES}: measure {CELL} read better.parquet "
        f"instead of predictions/{CELL}.parquet"
    )
    assert findings.recomputed["measure"] == 3
    assert "measure (1)" in findings.by_digest_alone


def test_a_stage_renamed_in_its_record_is_found_by_its_script(study: Path) -> None:
    by.edit_record(study, MEASURES, lambda record: record.update(stage="measured"))
    text = said(check(study, quick=True))
    assert f"records/{MEASURES}.json: its command line runs measure.py (record of measured" in text
    assert "scripts/measured.py is not among its modules" in text


def test_a_command_line_without_a_script_is_found(study: Path) -> None:
    by.edit_record(study, PREDICTIONS, lambda record: record["command"].pop(0))
    assert "its command line names no script" in said(check(study, quick=True))


def test_a_script_behind_other_words_of_the_command_line_is_its_script(study: Path) -> None:
    def launch(record: dict[str, Any]) -> None:
        record["command"][:1] = ["launch", "workflow/scripts/grade.py"]

    by.edit_record(study, PREDICTIONS, launch)
    assert said(check(study, quick=True)) == ""


def test_measures_are_known_by_their_folder_whatever_stage_their_record_names(study: Path) -> None:
    def rename(record: dict[str, Any]) -> None:
        record["stage"] = "vote"
        record["command"][0] = record["command"][0].replace("measure.py", "vote.py")
        modules = dict(record["code"]["modules"])
        modules["scripts/vote.py"] = modules.pop("scripts/measure.py")
        set_modules(record, dict(sorted(modules.items())))

    by.edit_record(study, MEASURES, rename)
    assert said(check(study)) == f"altered: {MEASURES}: is written by vote {CELL}, not by measure"


def test_what_is_known_by_digests_alone_is_listed(study: Path) -> None:
    others = [
        "base_model (1)",
        "fetch (1)",
        "generate (4)",
        "prepare (2)",
        "train (2)",
    ]
    assert check(study).by_digest_alone == others
    assert check(study, quick=True).by_digest_alone == sorted(
        [*others, "grade (4)", "measure (4)", "report (1)"]
    )


def edit_page(root: Path, change: Callable[[str], str]) -> None:
    before = (root / PAGE).read_text("utf-8")
    after = change(before)
    assert after != before
    write_text(root / PAGE, after)
    by.describe_again(root, PAGE)


def add_prose(page: str) -> str:
    return page.replace("<h2", "<p>The best method there is.</p><h2", 1)


def other_picture(page: str) -> str:
    return re.sub(r"(svg\+xml;base64,)[A-Za-z0-9+/=]+", r"\1PHN2Zy8+", page, count=1)


@pytest.mark.parametrize("change", [add_prose, other_picture])
def test_words_and_pictures_that_the_evidence_does_not_give_are_found(
    study: Path, change: Callable[[str], str]
) -> None:
    edit_page(study, change)
    [fault] = check(study).faults
    assert (fault.kind, fault.place) == ("altered", PAGE)
    assert fault.what.startswith("is not the page that its evidence gives, from line ")
    assert check(study, quick=True).exit_code == 0


def test_without_the_code_that_rendered_the_page_nothing_is_compared(study: Path) -> None:
    edit_page(study, add_prose)

    def older(record: dict[str, Any]) -> None:
        set_modules(record, record["code"]["modules"] | {"calibrant/reporting/page.html": "0" * 64})

    by.edit_record(study, PAGE, older)
    findings = check(study)
    assert (said(findings), "report (1)" in findings.by_digest_alone) == ("", True)
    assert findings.notes == [
        "the page was not rendered anew: calibrant/reporting/page.html is not that of the report"
    ]


@pytest.mark.parametrize(("change", "code"), [(add_prose, 1), (other_picture, 0)])
def test_pictures_that_another_matplotlib_drew_are_not_compared(
    study: Path, change: Callable[[str], str], code: int
) -> None:
    edit_page(study, change)

    def older(record: dict[str, Any]) -> None:
        packages = record["environment"]["packages"]
        packages[:] = [re.sub(r"^matplotlib==.*", "matplotlib==1.0", item) for item in packages]

    by.edit_record(study, PAGE, older)
    findings = check(study)
    assert findings.exit_code == code
    assert findings.notes == [
        "pictures of the page were not compared: matplotlib is not that of the report"
    ]


@pytest.mark.parametrize(
    "file",
    [
        "comparisons/methods/law.json",
        "certificates/taught/seed1/law.md",
        "cards/taught/seed9.md",
        "rewards/audit.json",
        "labels/training.parquet",
        "data/questions/law.parquet",
        "train/taught/seed1/more.safetensors",
    ],
)
def test_a_planted_result_is_found(study: Path, file: str) -> None:
    write_text(study / file, "x")
    assert said(check(study, quick=True)) == f"altered: {file}: no record accounts for it"


def test_settings_that_the_report_cannot_have_had_are_a_finding(study: Path) -> None:
    def without_title(record: dict[str, Any]) -> None:
        settings = {key: value for key, value in record["settings"].items() if key != "title"}
        by.set_settings(record, settings)

    by.edit_record(study, NUMBERS, without_title)
    text = said(check(study, quick=True))
    assert text.startswith(f"altered: {NUMBERS}: cannot be read as what it was: ValidationError")


def test_measures_that_lack_what_the_report_read_are_a_finding(study: Path) -> None:
    by.edit_json(study / MEASURES, lambda content: content.pop("method"))
    by.describe_again(study, MEASURES)
    by.read_again(study, NUMBERS, MEASURES)
    assert f"altered: {NUMBERS}: cannot be read as what it was: " in said(check(study, quick=True))
