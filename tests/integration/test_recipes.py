"""The recipes for models of the hub: each is planned whole, and one runs as far as its training."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.integration.small_hub import REVISION, write_cache
from tests.integration.small_project import copy_project, run_snakemake

from calibrant.rows import Completion, Question, read_rows
from calibrant.study_cells import cells_of, trainings_of
from calibrant.study_file import load_study

# Name of the study, and completions of a round: what one update was published to see.
RECIPES = {"rlcr-hotpot": 2048, "rlcr-math": 2304, "rlmf": 64, "ppo-qwen-0.5b": 256}
MEDICINE_AND_LAW = {"medmcqa", "pubmedqa", "mmlu_medical", "mmlu_law", "legalbench_cuad"}

each_recipe = pytest.mark.parametrize("name", RECIPES)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("recipes") / "project")


def subjects(plan: str, script: str) -> set[str]:
    """Return the subjects of all planned jobs of a script."""
    lines = [line for line in plan.splitlines() if f"scripts/{script}.py" in line]
    return {re.search(r"--subject (\S+)", line)[1] for line in lines}


@each_recipe
def test_a_recipe_trains_a_hub_model_and_never_on_medicine_or_law(name: str) -> None:
    study = load_study(Path(f"config/studies/{name}.yaml"))
    assert [model.kind for model in study.models.values()] == ["hub"]
    assert study.training.questions * study.training.samples == RECIPES[name]
    assert {use.dataset for use in study.datasets.evaluate} >= MEDICINE_AND_LAW
    assert MEDICINE_AND_LAW.isdisjoint(use.dataset for use in study.datasets.train)
    kinds = {method.kind for method in study.methods.values()}
    assert kinds == {"model", "trained", "calibrated", "scored", "sampled", "voted"}
    files = [study.training.accelerate] if study.training.accelerate else []
    assert all(Path(file).is_file() for file in files)


@pytest.mark.whole
@each_recipe
def test_a_recipe_is_planned_whole(project: Path, name: str) -> None:
    study = load_study(Path(f"config/studies/{name}.yaml"))
    plan = run_snakemake(project, name, "-n", "-p", "--", "all").stdout
    assert subjects(plan, "base_model") == set(study.models)
    assert subjects(plan, "train") == {
        f"{method}/seed{seed}" for method, seed in trainings_of(study)
    }
    made = {
        kind: subjects(plan, kind) for kind in ("generate", "calibrate", "score_answers", "vote")
    }
    cells = {f"{method}/seed{seed}/{dataset}" for method, seed, dataset in cells_of(study)}
    assert cells <= set().union(*made.values())
    assert subjects(plan, "measure") == cells
    assert subjects(plan, "certify")
    for model in study.models.values():
        assert model.revision in plan


def small(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe with a tiny model of a hub and sums for its questions."""
    text = json.dumps(recipe).replace('"gsm8k"', '"sums"').replace(', "medmcqa"]', "]")
    study: dict[str, Any] = json.loads(text)
    (model,) = study["models"].values()
    model |= {"repository": "owner/tiny", "revision": REVISION}
    study["datasets"] = {
        "train": [{"dataset": "sums"}],
        "evaluate": [{"dataset": "sums", "limit": 4}],
        "generated": {"sums": {"task": "chain_sum", "size": 60}},
    }
    return study


@pytest.mark.whole
def test_a_recipe_runs_as_far_as_its_training(
    project: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = yaml.safe_load(Path("config/studies/ppo-qwen-0.5b.yaml").read_text(encoding="utf-8"))
    path = project / "config/studies/small.yaml"
    path.write_text(yaml.safe_dump(small(recipe)), encoding="utf-8")
    write_cache(tmp_path / "home", {file.name: file.read_bytes() for file in tiny_model.iterdir()})
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    results = project / "results/small"
    manifest = "model/qwen2.5-0.5b/base/manifest.json"
    completions = "predictions/base/seed17/sums.completions.parquet"
    targets = (manifest, completions, "data/training.parquet")
    run_snakemake(project, "small", "--", *[f"results/small/{target}" for target in targets])

    weights = (results / "model/qwen2.5-0.5b/base/model.safetensors").read_bytes()
    assert weights == (tiny_model / "model.safetensors").read_bytes()
    answered = read_rows(results / completions, Completion)
    trained_on = read_rows(results / "data/training.parquet", Question)
    assert len({row.question_id for row in answered}) == len(answered) == 4
    assert all(row.tokens for row in answered)
    assert {row.question_id for row in answered}.isdisjoint(row.question_id for row in trained_on)
    # All that a training starts from is there: nothing but trainings and what follows is left.
    target = "results/small/train/rlcr/seed17/manifest.json"
    plan = run_snakemake(project, "small", "-n", "-p", "--", target).stdout
    assert subjects(plan, "train") == {"rlcr/seed17"}
    assert "audit_rewards" not in plan
    assert not subjects(plan, "base_model")
    assert not subjects(plan, "prepare")
