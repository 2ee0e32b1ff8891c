"""What follows from other files of a study is computed again, so a forged result is found.

The forger knows of records: the digest of what was altered is corrected in the record that wrote it
and in those that read it, so that all digests and links agree.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.unit.lineage import derived_study
from tests.unit.lineage import tampering as by

from calibrant.files import read_json, sha256_file, write_text
from calibrant.lineage import verify_command
from calibrant.lineage.code import code_digest
from calibrant.lineage.findings import Findings
from calibrant.lineage.graph import read_graph
from calibrant.lineage.stage_layouts import LAYOUTS
from calibrant.lineage.verify import verify_folder
from calibrant.rows import Prediction, read_rows, write_rows
from calibrant.training.question_choice import SETS

Change = Callable[[Path], None]
GRADED = "predictions/start/seed1/law.parquet"
JUDGED = "predictions/start/seed1/open.judged.parquet"
TRANSFER = "comparisons/transfer.json"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("derived") / "project"
    project.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(project)
        derived_study.make_derived_study(project)
    return project


@pytest.fixture
def study(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the results of the study in a copy of its project, which is the working directory."""
    project = tmp_path / "project"
    shutil.copytree(finished, project)
    monkeypatch.chdir(project)
    return project / derived_study.ROOT


def check(folder: Path, *, quick: bool = False) -> Findings:
    return verify_folder(folder, lambda text: None, quick=quick)


def said(findings: Findings) -> str:
    return "\n".join(f"{item.kind}: {item.place}: {item.what}" for item in findings.faults)


def files_below(folder: Path) -> dict[str, str]:
    return {str(path): sha256_file(path) for path in folder.rglob("*") if path.is_file()}


def agree_again(root: Path, inner: str) -> None:
    """Correct all records that say what a file is."""
    by.describe_again(root, inner)
    for reader in read_graph(root).readers(inner):
        by.read_again(root, next(iter(reader.outputs)), inner)


def row(root: Path, inner: str, number: int = 0, **columns: Any) -> None:
    rows = list(read_rows(root / inner, Prediction))
    assert any(getattr(rows[number], name) != value for name, value in columns.items())
    rows[number] = replace(rows[number], **columns)
    write_rows(root / inner, rows, Prediction)


def at(*keys: Any) -> Callable[[Path, str], None]:
    """Return what makes one figure of a document a little larger."""

    def change(document: Any) -> None:
        for key in keys[:-1]:
            document = document[key]
        document[keys[-1]] += 0.001

    return lambda root, inner: by.edit_json(root / inner, change)


def text(root: Path, inner: str) -> None:
    path = root / inner
    write_text(path, path.read_text("utf-8") + "It holds everywhere.\n")


# What is altered at once, and how: nothing in a group follows from another of it, and of each stage
# there is one output.
_FORGED: dict[str, dict[str, Callable[[Path, str], None]]] = {
    "one of each": {
        "predictions/platt/seed1/world.parquet": partial(row, confidence=0.99),
        "predictions/voted/seed1/world.parquet": partial(row, answer="99"),
        "measures/sampled/seed1/world.faithfulness.json": at("figures", "mfg", "value"),
        "measures/start/seed1/open.judged.json": at("measures", "accuracy", "corrected", "high"),
        "certificates/start/seed1/world.json": at("alpha"),
        "comparisons/methods/world.json": at("rows", 0, "brier", "difference", "value"),
        TRANSFER: at("rows", 1, "brier", "difference", "low"),
        "rewards/audit.json": at("verdicts", "rlcr", "dodging_gain"),
    },
    "what lies beside": {
        "predictions/platt/seed1/world.calibrator.json": at("rows"),
        "certificates/start/seed1/world.applied.json": at("cells", 1, "all", "risk", "value"),
    },
    "a text": {"certificates/start/seed1/world.md": text},
    "a grade": {GRADED: partial(row, number=3, correct=None, grade_reason="unreadable")},
    "a confidence": {GRADED: partial(row, confidence=0.99)},
}


def test_everything_that_follows_is_computed_again_and_nothing_is_written(study: Path) -> None:
    before = files_below(study)
    findings = check(study)
    assert (said(findings), findings.notes, findings.unexplained) == ("", [], [])
    derived = dict.fromkeys(
        ("audit_rewards", "calibrate", "certify", "compare_methods", "correct_judged",
         "faithfulness", "transfer_gap", "vote"), 1,
    ) | {"grade": 7, "calibrate": 2, "correct_judged": 2}  # fmt: skip
    assert findings.recomputed == derived
    assert findings.checked["stages computed again"] == sum(derived.values())
    assert set(findings.seconds) >= set(derived)
    assert findings.by_digest_alone == [
        "generate (7)",
        "judge_answers (1; all but verdicts is what was graded)",
        "measure_judge (1)",
        "prepare (3)",
    ]
    assert files_below(study) == before


@pytest.mark.parametrize("group", _FORGED)
def test_a_forged_result_is_found_though_all_digests_agree(study: Path, group: str) -> None:
    for inner, change in _FORGED[group].items():
        change(study, inner)
        agree_again(study, inner)
    assert said(check(study, quick=True)) == ""
    faults = {item.place: item for item in check(study).faults}
    for inner in _FORGED[group]:
        assert faults[inner].kind == "altered"
        assert " when computed again" in faults[inner].what


def test_a_forged_metric_of_a_record_is_found(study: Path) -> None:
    by.edit_record(study, GRADED, lambda record: record["metrics"].update({"grade.correct": 40}))
    assert said(check(study, quick=True)) == ""
    assert f"altered: {GRADED}: metric /grade.correct is 40, but " in said(check(study))


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"confidence": 0.99}, "/2/confidence is 0.99, but "),
        ({"answer": "99"}, "/2/answer is '99', but "),
        ({"correct": False}, ""),
    ],
)
def test_of_what_a_judge_graded_all_but_the_verdict_is_compared(
    study: Path, columns: dict[str, Any], text: str
) -> None:
    row(study, JUDGED, 2, **columns)
    agree_again(study, JUDGED)
    found = [item.what for item in check(study).faults if item.place == JUDGED]
    # A verdict can be told from a forged one only by the judge.
    assert [what[: len(text)] for what in found] == ([text] if text else [])


def test_a_judged_file_without_a_row_is_found(study: Path) -> None:
    write_rows(study / JUDGED, list(read_rows(study / JUDGED, Prediction))[1:], Prediction)
    agree_again(study, JUDGED)
    assert f"altered: {JUDGED}: has 39 rows, but 40 were graded" in said(check(study))


def test_answers_of_another_system_are_not_those_of_a_certificate(study: Path) -> None:
    inner = "certificates/start/seed1/world.json"
    other = "results/small/predictions/other/seed1/law.parquet"

    def redirect(record: dict[str, Any]) -> None:
        entry = next(
            item for item in record["inputs"] if item["path"].endswith("start/seed1/law.parquet")
        )
        record["command"][record["command"].index(entry["path"])] = other
        made = read_json(by.record_file(study, "predictions/other/seed1/law.parquet"))
        entry.update(made["outputs"][0], name="predictions")

    by.edit_record(study, inner, redirect)
    assert said(check(study, quick=True)) == ""
    assert (
        f"altered: {inner}: certify read {other} instead of predictions/start/seed1/*.parquet"
        in said(check(study))
    )


def test_grades_are_known_by_the_completions_beside_them(study: Path) -> None:
    def rename(record: dict[str, Any]) -> None:
        record["stage"] = "score_answers"
        record["command"][0] = record["command"][0].replace("grade.py", "score_answers.py")
        modules = dict(record["code"]["modules"])
        modules["scripts/score_answers.py"] = modules.pop("scripts/grade.py")
        record["code"] = {"digest": code_digest(modules), "modules": dict(sorted(modules.items()))}

    by.edit_record(study, GRADED, rename)
    faults = [item.what for item in check(study).faults if item.place == GRADED]
    assert "is written by score_answers start/seed1/law, not by grade" in faults


def test_what_other_code_compared_is_a_note(study: Path) -> None:
    at("rows", 0, "brier", "difference", "value")(study, TRANSFER)
    agree_again(study, TRANSFER)

    def older(record: dict[str, Any]) -> None:
        record["code"]["modules"]["calibrant/measures/trainings.py"] = "0" * 64
        digest = code_digest(record["code"]["modules"])
        record["code"]["digest"] = digest

    by.edit_record(study, TRANSFER, older)
    findings = check(study)
    assert said(findings) == ""
    [note] = findings.notes
    assert note.startswith(
        "transfer_gap computed again by other code than ran (calibrant/measures/trainings.py): 1, "
        f"of which 1 differ (first {TRANSFER}: /rows/0/brier/difference/value is "
    )


def test_a_change_of_the_frame_around_stages_is_no_other_code(study: Path) -> None:
    def older(record: dict[str, Any]) -> None:
        record["code"]["modules"]["calibrant/lineage/stage.py"] = "0" * 64
        record["code"]["digest"] = code_digest(record["code"]["modules"])

    by.edit_record(study, TRANSFER, older)
    assert check(study).notes == []


def test_the_command_says_what_was_computed_again_and_in_what_time(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = check(study)
    verify_command.print_findings(study, findings)
    lines = capsys.readouterr().out.splitlines()
    [again] = [line for line in lines if line.startswith("  computed again in ")]
    for stage, count in findings.recomputed.items():
        assert f"{stage} ({count} in {findings.seconds[stage]:.1f} s)" in again
    verify_command.print_findings(study, check(study, quick=True))
    assert "computed again in" not in capsys.readouterr().out


def test_every_stage_with_a_layout_has_a_script_with_its_inputs_and_outputs() -> None:
    scripts = Path(derived_study.PACKAGE_ROOT).parent / "scripts"
    for stage, layout in LAYOUTS.items():
        source = (scripts / f"{stage}.py").read_text("utf-8")
        assert f'"{stage}"' in source
        # One script has the names of its sets from the module that makes them.
        sets = SETS if "*SETS" in source else ()
        for name in (*layout.inputs, *layout.outputs):
            assert f'"{name}"' in source or name in sets, (stage, name)
