"""The scripts of the judging stages, run as the workflow runs them, on verdicts of the laboratory."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.integration.small_project import ROOT

from calibrant.data.lab import lab_questions, lab_verdicts
from calibrant.data.prepare import to_judgements, to_questions
from calibrant.data.settings import LabDataset, LabVerdicts
from calibrant.engines.checkpoint import describe_checkpoint
from calibrant.files import read_json, write_json
from calibrant.grading.predictions import grade_completions
from calibrant.judging.error_model import ErrorModel
from calibrant.judging.settings import LanguageJudgeSettings, PanelSettings
from calibrant.judging.store import VerdictStore
from calibrant.lineage.record import read_record
from calibrant.model_settings import MadeModel
from calibrant.rows import Completion, Judgement, Prediction, Question, read_rows, write_rows
from calibrant.stage_settings.answers import GradeSettings
from calibrant.stage_settings.judging import JudgeAnswersSettings, JudgePart, MeasureJudgeSettings
from calibrant.training.made_model import make_model

SEED = "5"


class Stages:
    """A folder of results with the scripts that write into it.

    Args:
        root: The folder.
        part: The judge.
        models: Manifests of the models it asks.
    """

    def __init__(self, root: Path, part: JudgePart, models: list[Path]) -> None:
        self.root, self.part, self.models = root, part, models
        self.judge = root / f"judging/{part.name}/judge.json"
        self.errors = self.judge.with_name("errors.json")
        self.validation = self.judge.with_name("validation.json")
        self.verdicts = root / "data/verdicts/reports.parquet"
        self.graded = root / "predictions/base/seed5/told.parquet"
        self.judged = root / "predictions/base/seed5/told.judged.parquet"
        self.questions = root / "data/questions/told.parquet"

    def run(self, script: str, settings: Any, **files: Any) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, f"workflow/scripts/{script}.py", "--root", str(self.root)]
        command += ["--settings", json.dumps(settings.model_dump(mode="json")), "--seed", SEED]
        for name, paths in files.items():
            command += [f"--{name}", *map(str, paths if isinstance(paths, list) else [paths])]
        environment = os.environ | {
            "PYTHONPATH": "workflow", "OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
            timeout=300,
        )  # fmt: skip

    def measure(self) -> "subprocess.CompletedProcess[str]":
        return self.run(
            "measure_judge",
            MeasureJudgeSettings(part=self.part, replicates=100, level=0.95),
            verdicts=self.verdicts, models=self.models,
            judge=self.judge, errors=self.errors, validation=self.validation,
        )  # fmt: skip

    def answer(self) -> "subprocess.CompletedProcess[str]":
        return self.run(
            "judge_answers", JudgeAnswersSettings(part=self.part), graded=self.graded,
            questions=self.questions, judge=self.judge, models=self.models,
            predictions=self.judged,
        )  # fmt: skip

    def stored(self) -> VerdictStore:
        return VerdictStore(self.root / "judging/verdicts")


def write_inputs(stages: Stages) -> None:
    """Write the verdicts, forty questions whose references are reports, and graded answers."""
    rows = to_judgements("reports", lab_verdicts(LabVerdicts()))
    write_rows(stages.verdicts, rows, Judgement)
    lab = LabDataset(wording="weather", references="report", size=40)
    questions, _ = to_questions("told", lab_questions("told", lab, 3), {"lab": {"test": 1.0}})
    write_rows(stages.questions, questions, Question)
    said = ("yes", "no", "perhaps", "Confidence: 97%")
    completions = [
        Completion(question.question_id, "told", "base", 5, sample, "",
                   f"<think>CANARY</think><answer>{answer}</answer><confidence>0.9731</confidence>",
                   "stop")
        for question in questions
        for sample, answer in enumerate(said)
    ]  # fmt: skip
    settings = GradeSettings(scale="unit", confidence="stated")
    write_rows(stages.graded, grade_completions(completions, questions, settings), Prediction)


def judged_rows(stages: Stages) -> list[tuple[Prediction, Prediction]]:
    before, after = (read_rows(path, Prediction) for path in (stages.graded, stages.judged))
    return list(zip(before, after, strict=True))


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """Return results with a panel without members, measured and asked."""
    judge = PanelSettings(kind="panel", verdicts="reports")
    part = JudgePart(name="panel", judge=judge, members={}, models=[])
    stages = Stages(tmp_path_factory.mktemp("panel"), part, [])
    write_inputs(stages)
    for finished in (stages.measure(), stages.answer()):
        assert finished.returncode == 0, finished.stdout + finished.stderr
    return stages


def test_a_panel_is_fitted_measured_and_recorded(panel: Stages) -> None:
    validation = read_json(panel.validation)
    assert validation["fitted_on"] + validation["measured_on"] == 200
    assert validation["agreement"]["*"]["kappa"]["low"] >= 0.2
    assert read_json(panel.errors) == validation["errors"]
    assert ErrorModel.from_json(validation["errors"]).for_domain("weather").measured_in == "weather"
    assert read_json(panel.judge)["panel"]["members"] == []
    record = read_record(panel.root / "records/judging/panel/judge.json.json")
    assert record["metrics"]["kappa"] == validation["agreement"]["*"]["kappa"]["value"]


def test_the_panel_grades_what_no_grader_could_and_nothing_else(panel: Stages) -> None:
    rows = judged_rows(panel)
    assert Counter(after.grader for _, after in rows) == {"judge panel": 80, "yes_no": 80}
    for before, after in rows:
        if before.answer in ("yes", "no"):
            assert before.grade_reason == "unreadable_reference"
            assert (after.correct is not None, after.grade_reason) == (True, "")
        else:
            assert after == before
        assert (after.completion, after.confidence) == (before.completion, before.confidence)
        assert after.true_probability is None
    record = read_record(panel.root / "records/predictions/base/seed5/told.judged.parquet.json")
    assert record["metrics"]["judged"] == 80


def test_the_panel_is_right_about_reports_it_has_not_seen(panel: Stages) -> None:
    found = {}
    for _, after in judged_rows(panel):
        found[after.question_id, after.answer] = after.correct
    pairs = [(found[name, "yes"], found[name, "no"]) for name, answer in found if answer == "yes"]
    # Of yes and no just one is right.
    assert sum(yes != no for yes, no in pairs) > 0.6 * len(pairs)


def test_the_store_holds_each_verdict_once_and_nothing_but_answers(panel: Stages) -> None:
    stats = panel.stored().stats()
    assert stats.records == sum(stats.verdicts.values()) > 0
    assert {record.answer for record in panel.stored().all()} == {"yes", "no"}


def test_a_second_run_gives_equal_bytes(panel: Stages) -> None:
    outputs = (panel.judge, panel.validation, panel.judged)
    before = [path.read_bytes() for path in outputs]
    records = panel.stored().stats().records
    for finished in (panel.measure(), panel.answer()):
        assert finished.returncode == 0, finished.stdout + finished.stderr
    assert [path.read_bytes() for path in outputs] == before
    assert panel.stored().stats().records == records


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """Return inputs with a language judge that is a very small made model."""
    model = tmp_path_factory.mktemp("model")
    size = MadeModel(kind="made", layers=1, width=16, heads=2, feed_forward=16, context=1024)
    make_model(size, model, 5)
    write_json(model / "manifest.json", describe_checkpoint(model))
    judge = LanguageJudgeSettings(
        kind="language", model="made", verdicts="reports", floor=None, batch_size=16, limit=100
    )
    part = JudgePart(name="made", judge=judge, members={}, models=["made"])
    stages = Stages(tmp_path_factory.mktemp("language"), part, [model / "manifest.json"])
    write_inputs(stages)
    return stages


@pytest.mark.slow
def test_a_judge_below_its_floor_stops_with_its_table_and_keeps_its_verdicts(
    language: Stages,
) -> None:
    demanding = language.part.judge.model_copy(
        update={"floor": PanelSettings(kind="panel", verdicts="").floor}
    )
    part = language.part.model_copy(update={"judge": demanding})
    finished = Stages(language.root, part, language.models).measure()
    assert finished.returncode != 0
    assert "the judge is below the floor" in finished.stderr
    assert "below floor" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not language.judge.exists()
    assert not language.validation.exists()
    assert language.stored().stats().records > 0


@pytest.mark.slow
def test_a_language_judge_is_measured_and_asked(language: Stages) -> None:
    finished = language.measure()
    assert finished.returncode == 0, finished.stdout + finished.stderr
    validation = read_json(language.validation)
    assert (validation["fitted_on"], validation["floor"]) == (0, None)
    assert read_json(language.judge)["panel"] is None
    stats = language.stored().stats()
    # Each once, though the judge below its floor has given them before.
    assert stats.records == validation["measured_on"]
    finished = language.answer()
    assert finished.returncode == 0, finished.stdout + finished.stderr
    graders = Counter(after.grader for _, after in judged_rows(language))
    assert graders == {"judge made": 80, "yes_no": 80}
    stats = language.stored().stats()
    assert stats.records == sum(stats.verdicts.values())
    assert len(stats.verdicts) == 1
    assert all(0 <= verdict.probability <= 1 for verdict in language.stored().all())
