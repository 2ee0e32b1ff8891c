"""No stage that trains, selects or tunes can reach a held-out or test row: every way in is tried."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.small_project import copy_project, run_snakemake

from calibrant.errors import CalibrantError
from calibrant.orchestration.dry_run import dry_run
from calibrant.orchestration.planned_job import PlannedJob, makers
from calibrant.rows import Question, read_rows, write_rows
from calibrant.study_file import load_study

STUDY = """\
title: A study that trains, selects, calibrates and certifies
datasets:
  train:
    - dataset: sky
    - dataset: mine
  evaluate:
    - dataset: sky
    - dataset: ward
    - dataset: exam
  lab:
    sky:
      wording: weather
      size: 80
      fractions: {train: 0.4, validation: 0.2, calibration: 0.2, test: 0.2}
    ward: {wording: medicine, size: 20, fractions: {calibration: 0.5, test: 0.5}}
  own:
    mine:
      file: mine.csv
      licence: MIT
      domain: math
      answer_type: number
      fractions: {train: 0.7, validation: 0.3}
    exam: {file: exam.csv, licence: MIT, domain: math, answer_type: number}
models:
  tiny: {kind: made, layers: 1, width: 16, heads: 2, feed_forward: 16, warm_up: {questions: 100}}
rewards:
  rlcr: {}
selection: {samples: 2}
comparisons: {baseline: [start]}
certificates: {risk: 0.2, datasets: [sky, ward]}
methods:
  start: {kind: model}
  rlcr: {kind: trained, reward: rlcr}
  mapped: {kind: calibrated, of: rlcr, calibrator: platt, datasets: [sky]}
  probed: {kind: scored, of: rlcr, score: probe, datasets: [sky]}
"""
RESULTS = "results/sealed"
LEARNING = ("warm_up", "sample", "select_questions", "train")


def lines(questions: Sequence[str]) -> str:
    return "question,answer\n" + "".join(f"{text},7\n" for text in questions)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("sealed") / "project")
    (folder / "config/studies/sealed.yaml").write_text(STUDY, encoding="utf-8")
    exam = [f"How many geese fly over lake {n}?" for n in range(12)]
    (folder / "exam.csv").write_text(lines(exam), encoding="utf-8")
    copied = [*exam, *[f"What is {n} less than {n + 7}?" for n in range(60)]]
    (folder / "mine.csv").write_text(lines(copied), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def jobs(project: Path) -> list[PlannedJob]:
    before = Path.cwd()
    os.chdir(project)
    try:
        return dry_run("sealed", 2).jobs
    finally:
        os.chdir(before)


def test_no_learning_job_is_given_a_file_with_a_test_or_held_out_row(
    jobs: list[PlannedJob],
) -> None:
    learning = [job for job in jobs if job.rule in LEARNING]
    assert {job.rule for job in learning} == set(LEARNING)
    for job in learning:
        given = [path for path in job.inputs if path.startswith(f"{RESULTS}/data/")]
        # What holds rows of data is the sealed sets alone, and both hold one split.
        assert set(given) <= {
            f"{RESULTS}/data/{name}.parquet" for name in ("training", "validation")
        }
        assert not [path for path in job.inputs if "/predictions/" in path]
        assert not {"ward", "exam"} & {Path(path).stem for path in job.inputs}


def test_questions_reach_what_learns_through_the_seal_alone(jobs: list[PlannedJob]) -> None:
    made_by = makers(jobs)

    def ways(job: PlannedJob, through: tuple[str, ...]) -> set[tuple[str, ...]]:
        """Return the rules between a job and every question file that it depends on."""
        found: set[tuple[str, ...]] = set()
        for path in job.inputs:
            if path.startswith(f"{RESULTS}/data/questions/"):
                found.add(through)
            elif path in made_by:
                maker = made_by[path]
                found |= ways(maker, (*through, maker.rule))
        return found

    for job in jobs:
        if job.rule in LEARNING:
            assert all(way[-1:] == ("seal",) for way in ways(job, ()))
    [train] = [job for job in jobs if job.rule == "train"]
    assert ("select_questions", "seal") in ways(train, ())


def test_what_is_fitted_afterwards_is_given_calibration_answers_in_domain(
    jobs: list[PlannedJob],
) -> None:
    calibration = f"{RESULTS}/predictions/rlcr/seed17/calibration/sky"
    for job in jobs:
        fitted = {path for path in job.read if "/calibration/" in path}
        if job.rule == "calibrate":
            assert fitted == {f"{calibration}.parquet"}
        elif job.rule == "score_answers":
            assert fitted == {f"{calibration}.parquet", f"{calibration}.completions.parquet"}
        elif job.rule == "generate" and "calibration" in job.outputs[0]:
            assert job.settings["use"]["split"] == "calibration"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    - dataset: mine\n", "    - dataset: ward\n", "is held out and must not be trained on"),
        ("    - dataset: mine\n", "    - dataset: truthfulqa_mc1\n", "not be trained|no train split"),
        ("    - dataset: mine\n", "    - dataset: medmcqa\n", "held out and must not be trained on"),
        ("    - dataset: mine\n", "    - dataset: exam\n", "has no train split"),
        ("fractions: {calibration: 0.5", "fractions: {train: 0.5", "no train split"),
        ("fractions: {calibration: 0.5", "fractions: {validation: 0.5", "no validation split"),
        ("- dataset: sky\n    - dataset: ward", "- {dataset: sky, split: train}\n    - dataset: ward",
         "its train split shows nothing"),
        ("- dataset: sky\n    - dataset: ward",
         "- {dataset: sky, split: validation}\n    - dataset: ward", "chooses the checkpoint"),
        ("- dataset: sky\n    - dataset: ward",
         "- {dataset: sky, split: calibration}\n    - dataset: ward", "its calibration split"),
        ("platt, datasets: [sky]", "platt, datasets: [ward]", "nothing may be fitted on it"),
        ("platt, datasets: [sky]", "platt, datasets: [exam]", "has no calibration split"),
        ("probe, datasets: [sky]", "probe, datasets: [ward]", "nothing may be fitted on it"),
        ("datasets: [sky, ward]}", "datasets: [exam]}", "has no calibration split"),
        ("rlcr: {kind: trained, reward: rlcr}", "rlcr: {kind: trained, reward: rlcr, datasets: [ward]}",
         "is not in datasets.train"),
    ],
)  # fmt: skip
def test_a_study_that_asks_for_it_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, said: str
) -> None:
    assert old in STUDY
    monkeypatch.chdir(project)
    path = project / "wrong.yaml"
    path.write_text(STUDY.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CalibrantError, match=said):
        load_study(path)


@pytest.fixture(scope="module")
def sealed(project: Path) -> Path:
    """Really prepare and seal; return the folder of the data."""
    run_snakemake(project, "sealed", "--", f"{RESULTS}/data/training.parquet")
    return project / RESULTS / "data"


def test_a_copy_of_test_questions_under_another_name_is_left_out(sealed: Path) -> None:
    for name, split in (("training", "train"), ("validation", "validation")):
        rows = read_rows(sealed / f"{name}.parquet", Question)
        assert {row.dataset for row in rows} == {"sky", "mine"}
        assert {row.split for row in rows} == {split}
        assert not [row for row in rows if "geese" in row.question]


def train_command(jobs: list[PlannedJob], training: Path, validation: Path) -> list[str]:
    [job] = [job for job in jobs if job.rule == "train"]
    model = next(path for path in job.inputs if path.endswith("manifest.json"))
    command = [sys.executable, "workflow/scripts/train.py", "--root", RESULTS, "--seed", "17"]
    command += ["--settings", json.dumps(job.settings), "--model", model]
    command += ["--training", str(training), "--validation", str(validation)]
    command += ["--accelerate", "--judge", "--judge-models"]
    return [*command, "--manifest", f"{RESULTS}/train/x/manifest.json",
            "--curve", f"{RESULTS}/train/x.curve.jsonl"]  # fmt: skip


@pytest.mark.parametrize("relabelled", [False, True])
@pytest.mark.parametrize("forged", ["training", "validation"])
def test_a_set_replaced_by_hand_is_not_trained_on(
    project: Path, sealed: Path, jobs: list[PlannedJob], forged: str, relabelled: bool
) -> None:
    """With the test rows as they are, and with test rows that are called training rows."""
    secret = read_rows(sealed / "questions/exam.parquet", Question)
    if relabelled:
        split = "train" if forged == "training" else "validation"
        secret = [replace(row, split=split, dataset="mine") for row in secret]
    file = sealed / f"{forged}.parquet"
    sound = file.read_bytes()
    write_rows(file, [*read_rows(file, Question), *secret], Question)
    model = project / RESULTS / "model/tiny/warm/manifest.json"
    model.parent.mkdir(parents=True, exist_ok=True)
    model.write_text("{}", encoding="utf-8")
    inner = Path(RESULTS) / "data"
    try:
        finished = subprocess.run(
            train_command(jobs, inner / "training.parquet", inner / "validation.parquet"),
            cwd=project, capture_output=True, text=True, check=False, timeout=120,
            env={**os.environ, "PYTHONPATH": "workflow"},
        )  # fmt: skip
    finally:
        file.write_bytes(sound)
        model.unlink()
    assert finished.returncode == 2, finished.stdout + finished.stderr
    assert f"{forged}.parquet: is not the file that stage seal made" in finished.stderr
    assert not (project / RESULTS / "train/x/manifest.json").exists()
