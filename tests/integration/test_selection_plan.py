"""A study with a selection is planned whole: sampled, selected, and trained on what was kept."""

import re
from pathlib import Path

import pytest
from tests.integration.small_project import copy_project, run_snakemake

STUDY = """\
title: A study that selects
datasets:
  train:
    - dataset: sky
  evaluate:
    - dataset: sky
  lab:
    sky: {wording: weather, size: 60, fractions: {train: 0.5, validation: 0.2, test: 0.3}}
models:
  warm: {kind: made, warm_up: {questions: 100}}
  raw: {kind: made}
rewards:
  rlcr: {}
methods:
  before: {kind: model, model: raw}
  ppo: {kind: trained, model: warm, reward: rlcr}
"""
RESULTS = "results/chosen"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("selection") / "project")


def planned(project: Path, text: str) -> dict[str, str]:
    """Return the shell command of every planned job by its script, the last of each."""
    (project / "config/studies/chosen.yaml").write_text(text, encoding="utf-8")
    output = run_snakemake(project, "chosen", "-n", "-p", "--", "all").stdout
    return {found[1]: line for line in output.splitlines()
            if (found := re.search(r"scripts/(\w+)\.py", line))}  # fmt: skip


def option(command: str, name: str) -> str:
    return re.search(rf"--{name} (\S+)", command)[1]


def test_a_selection_has_its_jobs_and_training_reads_what_it_kept(project: Path) -> None:
    jobs = planned(project, STUDY + "selection: {model: warm, samples: 3}\n")
    assert option(jobs["sample"], "model") == f"{RESULTS}/model/warm/warm/manifest.json"
    assert option(jobs["sample"], "training") == f"{RESULTS}/data/training.parquet"
    samples = f"{RESULTS}/labels/samples.completions.parquet"
    assert option(jobs["sample"], "completions") == samples
    select = jobs["select_questions"]
    assert option(select, "completions") == samples
    assert option(select, "questions") == f"{RESULTS}/data/training.parquet"
    assert option(jobs["train"], "training") == f"{RESULTS}/labels/training.parquet"
    assert option(jobs["report"], "selection") == f"{RESULTS}/labels/selection.json"


def test_each_method_reads_its_own_set_of_questions(project: Path) -> None:
    text = STUDY.replace("{questions: 100}", "{questions: 100, forecasts: 0.3}")
    text += "  arm: {kind: trained, model: warm, reward: rlcr, questions: active}\n"
    text += "selection: {model: warm, samples: 3, self_rating: {per_end: 5}}\n"
    (project / "config/studies/chosen.yaml").write_text(text, encoding="utf-8")
    output = run_snakemake(project, "chosen", "-n", "-p", "--", "all").stdout
    lines = {(found[1], option(line, "subject") if found[1] == "train" else ""): line
             for line in output.splitlines()
             if (found := re.search(r"scripts/(\w+)\.py", line))}  # fmt: skip
    labels = f"{RESULTS}/labels"
    assert option(lines["train", "ppo/seed17"], "training") == f"{labels}/training.parquet"
    assert option(lines["train", "arm/seed17"], "training") == f"{labels}/active.parquet"
    rate, choose = lines["rate_questions", ""], lines["choose_questions", ""]
    assert option(rate, "model") == f"{RESULTS}/model/warm/warm/manifest.json"
    for job in (rate, choose):
        assert option(job, "completions") == f"{labels}/samples.completions.parquet"
        assert option(job, "questions") == f"{labels}/training.parquet"
    assert option(choose, "ratings") == option(rate, "ratings")
    assert option(choose, "active") == f"{labels}/active.parquet"
    assert option(lines["report", ""], "self-rating") == f"{labels}/self_rating.json"


def test_without_a_self_rating_nobody_is_asked(project: Path) -> None:
    jobs = planned(project, STUDY + "selection: {model: warm, samples: 3}\n")
    assert not {"rate_questions", "choose_questions"} & set(jobs)


def test_without_a_selection_nothing_is_sampled(project: Path) -> None:
    jobs = planned(project, STUDY)
    assert not {"sample", "select_questions"} & set(jobs)
    assert option(jobs["train"], "training") == f"{RESULTS}/data/training.parquet"
