"""The stages ``calibrate`` and ``vote``, run as the workflow runs them."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calibrant.baselines.fitted_calibrator import FittedCalibrator
from calibrant.baselines.settings import CalibrateSettings, VoteSettings
from calibrant.files import read_json
from calibrant.lineage.record import read_record
from calibrant.rows import Prediction, Question, read_rows, write_rows

ROOT = Path(__file__).parents[3]


def run(root: Path, script: str, settings: Any, **files: Any) -> Any:
    command = [sys.executable, f"workflow/scripts/{script}.py", "--root", str(root)]
    command += ["--settings", json.dumps(settings.model_dump(mode="json"))]
    for name, paths in files.items():
        command += [f"--{name}", *map(str, paths if isinstance(paths, list) else [paths])]
    environment = os.environ | {"PYTHONPATH": "workflow", "OMP_WAIT_POLICY": "PASSIVE"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def rows(dataset: str, split: str, confidences: list[float]) -> list[Prediction]:
    """Return two answers each to questions about small numbers; every other one is right."""
    return [
        Prediction(
            f"{dataset}/{at // 2}", dataset, "math", split, "number", "base", 17, at % 2, "text",
            "7" if at % 2 == 0 else "8", confidence, "ok", at % 2 == 0, "", "number",
        )
        for at, confidence in enumerate(confidences)
    ]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_rows(tmp_path / "one.parquet", rows("one", "calibration", [0.9, 0.8]), Prediction)
    write_rows(tmp_path / "two.parquet", rows("two", "calibration", [0.7, 0.1]), Prediction)
    write_rows(tmp_path / "test.parquet", rows("three", "test", [0.5, 0.9, 0.2, 0.6]), Prediction)
    asked = [
        Question(f"three/{at}", "three", "math", "test", "number", "Q?", ("7",)) for at in range(2)
    ]
    write_rows(tmp_path / "questions.parquet", asked, Question)
    return tmp_path


def test_a_calibrator_is_fitted_on_all_files_applied_and_recorded(root: Path) -> None:
    finished = run(
        root, "calibrate",
        CalibrateSettings(method="flat", calibrator="constant", fitted_on=["one", "two"]),
        fit=[root / "one.parquet", root / "two.parquet"], predictions=root / "test.parquet",
        calibrated=root / "flat.parquet", calibrator=root / "flat.json",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    before = read_rows(root / "test.parquet", Prediction)
    assert read_rows(root / "flat.parquet", Prediction) == [
        replace(row, method="flat", confidence=0.5) for row in before
    ]
    fitted = FittedCalibrator.from_document(read_json(root / "flat.json"))
    assert (fitted.kind, fitted.rows, fitted.right, fitted.left_out) == ("constant", 4, 2, 0)
    record = read_record(root / "records/flat.parquet.json")
    assert record["metrics"] == {"fitted_on": 4, "left_out": 0}


def test_a_calibrator_is_never_fitted_on_test(root: Path) -> None:
    finished = run(
        root, "calibrate",
        CalibrateSettings(method="flat", calibrator="platt", fitted_on=["one", "three"]),
        fit=[root / "one.parquet", root / "test.parquet"], predictions=root / "test.parquet",
        calibrated=root / "flat.parquet", calibrator=root / "flat.json",
    )  # fmt: skip
    assert finished.returncode == 2
    assert "three/0 is of the split test" in finished.stderr
    assert not (root / "flat.parquet").exists()


def test_answers_vote_and_the_vote_is_recorded(root: Path) -> None:
    chosen = VoteSettings(method="vote", vote="weighted", answers=2, confidence="mean")
    finished = run(
        root, "vote", chosen, predictions=root / "test.parquet",
        questions=root / "questions.parquet", voted=root / "vote.parquet",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    found = read_rows(root / "vote.parquet", Prediction)
    assert [(row.question_id, row.answer, row.confidence, row.sample) for row in found] == [
        ("three/0", "8", 0.9, 0), ("three/1", "8", 0.6, 0),
    ]  # fmt: skip
    record = read_record(root / "records/vote.parquet.json")
    assert record["metrics"] == {"questions": 2, "unread": 0}
