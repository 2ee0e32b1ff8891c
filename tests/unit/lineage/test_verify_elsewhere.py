"""What differs because the machine is another, or the method once was, is not called altered."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.lineage import small_study
from tests.unit.lineage import tampering as by
from tests.unit.lineage.derived_study import run_script
from tests.unit.lineage.tampering import CELL, COMPLETIONS, MEASURES, PREDICTIONS

from calibrant.errors import CalibrantError
from calibrant.files import read_json
from calibrant.lineage import stage_checks
from calibrant.lineage.findings import Findings
from calibrant.lineage.graded_rows import compare_grades
from calibrant.lineage.graph import read_graph
from calibrant.lineage.graph_behind import read_graph_behind
from calibrant.lineage.link_checks import behind_what_is_published
from calibrant.lineage.stage_checks import check_stages
from calibrant.lineage.stage_layouts import writers_of
from calibrant.rows import Prediction, read_rows, write_rows

CALIBRATED = "predictions/old/seed1/sums.parquet"


def computed(root: Path) -> Findings:
    """Compute the stages again, and look at nothing else."""
    findings = Findings()
    check_stages(read_graph(root), findings, lambda text: None)
    return findings


def other_packages(record: dict[str, Any]) -> None:
    packages = record["environment"]["packages"]
    packages[:] = [re.sub(r"^numpy==.*", "numpy==1.0", item) for item in packages]


def larger(root: Path) -> None:
    """Enlarge one figure of the measures, and have all records say so."""

    def change(content: Any) -> None:
        content["views"]["graded"]["measures"]["ece"]["value"] += 0.001

    by.edit_json(root / MEASURES, change)
    by.describe_again(root, MEASURES)


def test_what_differs_is_a_note_only_where_packages_do(study: Path) -> None:
    by.edit_record(study, MEASURES, other_packages)
    agreeing = computed(study)
    assert (agreeing.faults, agreeing.notes, agreeing.recomputed["measure"]) == ([], [], 4)
    larger(study)
    differing = computed(study)
    assert differing.faults == []
    [note] = differing.notes
    assert note.startswith(
        "measure computed again with other packages than ran (numpy): 1 differ "
        f"(first {MEASURES}: /views/graded/measures/ece/value is "
    )


def test_what_differs_with_the_same_packages_is_altered(study: Path) -> None:
    larger(study)
    findings = computed(study)
    assert [(item.kind, item.place) for item in findings.faults] == [("altered", MEASURES)]


@pytest.mark.parametrize("name", ["sklearn.metrics", "calibrant.gone"])
def test_a_package_that_is_not_here_is_a_note_and_a_module_of_ours_is_not(
    study: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: object) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(stage_checks, "rerun", absent)
    if name.startswith("calibrant"):
        with pytest.raises(ModuleNotFoundError):
            computed(study)
        return
    findings = computed(study)
    assert (findings.faults, findings.recomputed.total()) == ([], 0)
    assert findings.notes == [
        f"{stage} was not computed again: {name} is not here" for stage in ("grade", "measure")
    ]


def regrade(root: Path, **columns: Any) -> None:
    rows = list(read_rows(root / PREDICTIONS, Prediction))
    at = next(index for index, row in enumerate(rows) if row.correct is False)
    rows[at] = replace(rows[at], **columns)
    write_rows(root / PREDICTIONS, rows, Prediction)
    by.describe_again(root, PREDICTIONS)
    by.read_again(root, MEASURES, PREDICTIONS)
    small_study._measure(CELL)


def test_a_grader_that_ran_out_of_time_is_a_note(study: Path) -> None:
    regrade(study, correct=None, grade_reason="timeout")
    findings = computed(study)
    assert findings.faults == []
    assert findings.notes == [
        f"{PREDICTIONS}: 1 of its grades were not compared, for grading ran out of time there or here"
    ]


@pytest.mark.parametrize(
    "columns",
    [
        {"correct": None, "grade_reason": "ambiguous"},
        {"correct": None, "grade_reason": "timeout", "confidence": 0.999},
    ],
)
def test_no_more_than_the_grade_may_differ_by_a_time_limit(
    study: Path, columns: dict[str, Any]
) -> None:
    regrade(study, **columns)
    assert [item.place for item in computed(study).faults] == [PREDICTIONS]


def test_a_time_limit_counts_on_either_side_but_not_on_both(study: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    shutil.copy(study / PREDICTIONS, other)
    regrade(study, correct=None, grade_reason="timeout")
    for pair in ((study / PREDICTIONS, other), (other, study / PREDICTIONS)):
        found = compare_grades(*pair)
        assert (found.difference, found.timeouts) == (None, 1)
    assert compare_grades(study / PREDICTIONS, study / PREDICTIONS).timeouts == 0


def change_kind(root: Path) -> None:
    """Answer with a method, and then make it one that maps confidences: its answers stay behind."""
    small_study._answer("old", 1, "sums")
    small_study.run_stage(
        "calibrate",
        {"fit": [small_study.ROOT / PREDICTIONS], "predictions": [small_study.ROOT / PREDICTIONS]},
        {"calibrated": small_study.ROOT / CALIBRATED},
        {},
        lambda stage: write_rows(
            stage.output("calibrated"),
            read_rows(stage.input("predictions"), Prediction),
            Prediction,
        ),
    )


def test_answers_of_an_earlier_kind_do_not_say_who_writes_beside_them(study: Path) -> None:
    change_kind(study)
    graph = read_graph(study)
    published = behind_what_is_published(graph)
    assert {"calibrate", "grade", "vote"} <= writers_of(graph, CALIBRATED, published)
    assert writers_of(graph, PREDICTIONS, published) == {"grade"}


@pytest.mark.parametrize("is_read", [True, False])
def test_answers_behind_the_report_are_graded_and_nothing_else(study: Path, is_read: bool) -> None:
    graph = read_graph(study)
    if not is_read:
        wrote = graph.writer(PREDICTIONS)
        assert wrote is not None
        wrote.record["inputs"].clear()
        assert len(writers_of(graph, PREDICTIONS)) > 1
    answered = graph.writer(COMPLETIONS)
    assert writers_of(graph, PREDICTIONS, {id(answered)}) == {"grade"}


Break = Callable[[Path], object]


@pytest.mark.parametrize("damage", [lambda file: file.write_text("{"), by.cut])
def test_only_records_behind_the_numbers_must_be_sound(study: Path, damage: Break) -> None:
    small_study._answer("old", 1, "sums")
    damage(by.record_file(study, "predictions/old/seed1/sums.completions.parquet"))
    graph = read_graph_behind(study, {MEASURES})
    assert graph.writer(MEASURES) is not None
    damage(by.record_file(study, COMPLETIONS))
    with pytest.raises(CalibrantError) as caught:
        read_graph_behind(study, {MEASURES})
    assert caught.value.where == str(by.record_file(study, COMPLETIONS))


def test_the_report_is_written_beside_a_record_that_nobody_can_read(study: Path) -> None:
    by.record_file(study, "report/older.json").write_text("{", encoding="utf-8")
    record = read_json(by.record_file(study, "report/numbers.json"))
    others = (
        "audit", "judges", "selection", "self_rating", "judged", "certificates", "faithfulness",
        "self_judged", "comparisons", "transfer",
    )  # fmt: skip
    inputs: dict[str, list[Path]] = {name: [] for name in (*others, "overlap", "published")}
    for entry in record["inputs"]:
        inputs.setdefault(entry["name"], []).append(Path(entry["path"]))
    folder = small_study.ROOT / "report"
    outputs = {"page": folder / "report.html", "numbers": folder / "numbers.json"}
    run_script("report", inputs, outputs | {"lineage": folder / "lineage.html"}, record["settings"])
    assert MEASURES in (folder / "lineage.html").read_text("utf-8")
