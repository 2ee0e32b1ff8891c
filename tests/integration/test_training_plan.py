"""A study with training is planned whole: which model each job starts from, and with what."""

import re
from pathlib import Path

import pytest
from tests.integration.small_project import copy_project, run_snakemake

from calibrant.files import read_json
from calibrant.rows import Question, read_rows

STUDY = """\
title: A study that trains
seed: 5
seeds: 2
datasets:
  train:
    - dataset: sky
  evaluate:
    - dataset: sky
    - dataset: illness
    - dataset: sums
  generated:
    sums: {task: chain_sum, size: 20}
  lab:
    sky: {wording: weather, size: 60, fractions: {train: 0.5, validation: 0.2, test: 0.3}}
    illness: {wording: medicine, size: 20}
models:
  warm:
    kind: made
    layers: 1
    width: 16
    heads: 2
    feed_forward: 16
    warm_up: {questions: 100}
    datasets: [sky, illness]
  raw:
    kind: made
    datasets: [sums]
rewards:
  rlcr: {}
methods:
  before: {kind: model, model: warm}
  raw: {kind: model, model: raw}
  ppo: {kind: trained, model: warm, reward: rlcr}
  raw-ppo: {kind: trained, model: raw, reward: rlcr}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("training") / "project")
    (folder / "config/studies/taught.yaml").write_text(STUDY, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def plan(project: Path) -> str:
    return run_snakemake(project, "taught", "-n", "-p", "--", "all").stdout


def commands(plan: str, script: str) -> dict[str, str]:
    """Return the shell command of every job of a script, by its subject."""
    lines = [line for line in plan.splitlines() if f"scripts/{script}.py" in line]
    return {re.search(r"--subject (\S+)", line)[1]: line for line in lines}


def option(command: str, name: str) -> str:
    return re.search(rf"--{name} (\S+)", command)[1]


def test_every_training_is_one_job_and_every_model_is_made_once(plan):
    assert set(commands(plan, "base_model")) == {"warm", "raw"}
    assert set(commands(plan, "warm_up")) == {"warm"}
    assert set(commands(plan, "train")) == {
        f"{method}/seed{seed}" for method in ("ppo", "raw-ppo") for seed in (5, 6)
    }
    assert set(commands(plan, "generate")) == {
        *[f"before/seed5/{dataset}" for dataset in ("sky", "illness")],
        *[f"ppo/seed{seed}/{dataset}" for seed in (5, 6) for dataset in ("sky", "illness")],
        "raw/seed5/sums", "raw-ppo/seed5/sums", "raw-ppo/seed6/sums",
    }  # fmt: skip


def test_a_job_starts_from_the_checkpoint_of_its_method_and_seed(plan):
    models = "results/taught/model"
    answered = {name: option(line, "model") for name, line in commands(plan, "generate").items()}
    assert answered["before/seed5/sky"] == f"{models}/warm/warm/manifest.json"
    assert answered["raw/seed5/sums"] == f"{models}/raw/base/manifest.json"
    assert answered["ppo/seed6/sky"] == "results/taught/train/ppo/seed6/manifest.json"
    trained = {name: option(line, "model") for name, line in commands(plan, "train").items()}
    assert trained["ppo/seed5"] == f"{models}/warm/warm/manifest.json"
    assert trained["raw-ppo/seed6"] == f"{models}/raw/base/manifest.json"


def test_a_training_is_given_its_seed_and_its_data(plan):
    command = commands(plan, "train")["ppo/seed6"]
    assert option(command, "seed") == "6"
    assert option(command, "training") == "results/taught/data/training.parquet"
    assert option(command, "validation") == "results/taught/data/validation.parquet"
    assert option(command, "curve") == "results/taught/train/ppo/seed6.curve.jsonl"


@pytest.mark.parametrize(("cores", "threads"), [("1", "1"), ("4", "1"), ("7", "1"), ("9", "2")])
def test_trainings_share_the_cores(project, cores, threads):
    target = "results/taught/train/ppo/seed5/manifest.json"
    planned = run_snakemake(project, "taught", "-n", "-p", "--cores", cores, "--", target).stdout
    command = commands(planned, "train")["ppo/seed5"]
    assert re.search(r"OMP_NUM_THREADS=(\d+);", command)[1] == threads


def test_a_made_model_and_its_questions_are_really_made(project):
    targets = ("model/warm/base/manifest.json", "data/training.parquet")
    run_snakemake(project, "taught", "--", *[f"results/taught/{target}" for target in targets])
    results = project / "results/taught"
    manifest = read_json(results / "model/warm/base/manifest.json")
    assert {"config.json", "model.safetensors"} <= {entry["path"] for entry in manifest["files"]}
    training = read_rows(results / "data/training.parquet", Question)
    assert training
    assert {(row.dataset, row.split) for row in training} == {("sky", "train")}
    assert all(0 < row.true_probability < 1 for row in training)
