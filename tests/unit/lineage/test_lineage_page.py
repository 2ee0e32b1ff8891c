"""Every number of the report leads to the stages behind it, on a page that verify renders anew."""

import re
import shutil
from pathlib import Path

import pytest
from tests.integration.kill_anywhere import lasting_digest
from tests.unit.lineage import small_study
from tests.unit.lineage import tampering as by
from tests.unit.lineage.tampering import CELL, MEASURES, PREDICTIONS

from calibrant.files import read_json, sha256_file, write_text
from calibrant.lineage.findings import Findings
from calibrant.lineage.graph import read_graph
from calibrant.lineage.page_checks import check_lineage
from calibrant.lineage.published_numbers import PublishedNumbers
from calibrant.lineage.verify import verify_folder
from calibrant.reporting.lineage_page import render_lineage

PAGE = "report/lineage.html"


@pytest.fixture(scope="module")
def traced_project(finished_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("traced") / "project"
    shutil.copytree(finished_project, project)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(project)
        small_study._report(lineage=True)
    return project


@pytest.fixture
def traced(traced_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the small study with the page on the origin of its numbers."""
    shutil.copytree(traced_project, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project" / small_study.ROOT


def check(folder: Path) -> Findings:
    """Return what verification finds in this page alone."""
    findings = Findings()
    check_lineage(read_graph(folder), findings)
    return findings


def page_now(folder: Path) -> str:
    numbers = PublishedNumbers(folder / "report/numbers.json").all()
    return render_lineage(read_graph(folder), numbers, small_study.ROOT.as_posix(), "Small")


def said(findings: Findings) -> str:
    return "\n".join(f"{item.kind}: {item.place}: {item.what}" for item in findings.faults)


def ids(page: str) -> set[str]:
    found = re.findall(r' id="([^"]+)"', page)
    assert len(found) == len(set(found))
    return set(found)


def test_every_link_of_both_pages_leads_somewhere(traced: Path) -> None:
    page, report = ((traced / name).read_text("utf-8") for name in (PAGE, "report/report.html"))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids(page)
    linked = re.findall(r'href="lineage.html#([^"]+)" data-num="([^"]+)"', report)
    assert {anchor for anchor, _ in linked} <= ids(page)
    numbers = {item["id"]: item for item in read_json(traced / "report/numbers.json")["numbers"]}
    assert {name for _, name in linked} == numbers.keys()
    for anchor, name in linked:
        section = page.split(f'<section id="{anchor}">')[1].split("</section>")[0]
        assert f"<h3>{numbers[name]['file']}</h3>" in section
        assert f"<td>{name}</td>" in section


def test_the_pages_load_nothing_from_elsewhere(traced: Path) -> None:
    for name in (PAGE, "report/report.html"):
        page = (traced / name).read_text("utf-8")
        assert not re.search(r"<(script|link|iframe|img src=\"(?!data:))", page)
        targets = set(re.findall(r'href="([^"#]*)', page)) - {""}
        assert targets <= {"report.html", "lineage.html"}


def test_a_file_has_the_stages_and_digests_behind_it(traced: Path) -> None:
    page = (traced / PAGE).read_text("utf-8")
    section = page.split(f"<h3>results/small/{MEASURES}</h3>")[1].split("</section>")[0]
    behind = [
        MEASURES,
        PREDICTIONS,
        "data/questions/sums.parquet",
        "train/taught/seed1/manifest.json",
    ]
    for inner in behind:
        assert f"{inner}</a> <code>{sha256_file(traced / inner)[:12]}</code>" in section
        assert f"<code>{sha256_file(traced / inner)}</code>" in page
    assert f"own file own.csv <code>{sha256_file(small_study.OWN)[:12]}</code>" in section
    assert "source made/up/tales.json" in section
    assert "(CC0-1.0)" in section


def test_it_is_the_same_whenever_and_wherever_it_is_made(traced: Path) -> None:
    before = (traced / PAGE).read_text("utf-8")
    # A stage that ran again, longer and on another machine, with the same bytes.
    by.edit_record(traced, PREDICTIONS, lambda record: record.update(seconds=99.0, host="other"))
    assert page_now(traced) == before
    assert str(Path.cwd()) not in before


def test_a_training_of_another_length_changes_it_in_no_other_way(traced: Path) -> None:
    page = traced / PAGE
    before, lasting = page.read_text("utf-8"), lasting_digest(page)
    train_again(traced, '"seconds": 3.5,', '"seconds": 7.25,')
    assert page.read_text("utf-8") != before
    assert lasting_digest(page) == lasting
    train_again(traced, '"reward": 0.6', '"reward": 0.7')
    # The digest of a curve is left out, and nothing else that comes from it is printed there.
    assert lasting_digest(page) == lasting
    train_again(traced, '"best_round": 1', '"best_round": 0')
    assert lasting_digest(page) != lasting


def train_again(folder: Path, old: str, new: str) -> None:
    """Make the report anew, as after a training with another curve."""
    curve = folder / "train/taught/seed1.curve.jsonl"
    text = curve.read_text("utf-8")
    assert old in text
    write_text(curve, text.replace(old, new))
    by.describe_again(folder, "train/taught/seed1.curve.jsonl")
    small_study._report(lineage=True)


def test_hostile_names_add_no_element(traced: Path) -> None:
    def rename(record: dict[str, object]) -> None:
        record["subject"] = "</li><script>alert(1)</script>"

    by.edit_record(traced, PREDICTIONS, rename)
    page = page_now(traced)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_an_untouched_page_is_sound_and_was_looked_at(traced: Path) -> None:
    findings = verify_folder(traced, lambda text: None)
    assert (said(findings), findings.notes) == ("", [])
    assert findings.checked["pages of origins rendered anew"] == 1
    quick = verify_folder(traced, lambda text: None, quick=True)
    assert "pages of origins rendered anew" not in quick.checked


def test_an_edited_page_is_found_though_its_record_was_corrected(traced: Path) -> None:
    page = (traced / PAGE).read_text("utf-8")
    digest = sha256_file(traced / PREDICTIONS)[:12]
    write_text(traced / PAGE, page.replace(digest, "0" * 12))
    assert f"altered: {PAGE}: has " in said(verify_folder(traced, lambda text: None, quick=True))
    by.describe_again(traced, PAGE)
    assert re.fullmatch(
        rf"altered: {PAGE}: is not the page that its records give, from line \d+ on",
        said(check(traced)),
    )


def test_a_record_changed_after_the_page_was_made_is_found(traced: Path) -> None:
    by.edit_record(
        traced, f"predictions/{CELL}.completions.parquet",
        lambda record: by.set_settings(record, {"method": "taught", "temperature": 0.1}),
    )  # fmt: skip
    assert said(check(traced)).startswith(f"altered: {PAGE}: is not the page that its records give")


def test_a_stage_that_ran_after_the_report_is_a_note(traced: Path) -> None:
    def later(record: dict[str, object]) -> None:
        record.update(started="2099-01-01T00:00:00.000Z", finished="2099-01-01T00:00:01.000Z")

    by.edit_record(traced, PREDICTIONS, later)
    findings = check(traced)
    assert said(findings) == ""
    assert findings.notes == [f"{PAGE} was not rendered anew: grade {CELL} ran after the report"]
