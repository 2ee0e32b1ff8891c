"""What each kind of change makes the workflow do again, and what it leaves alone."""

import argparse
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.integration.small_project import copy_project
from tests.integration.stand_in_results import make_stand_ins

from calibrant.orchestration.dry_run import dry_run
from calibrant.orchestration.plan import run

# One start of Snakemake for each change: some two minutes in all on free cores.
pytestmark = pytest.mark.whole

STUDY = """\
title: A study that is changed
seed: 5
datasets:
  train:
    - dataset: sky
  evaluate:
    - dataset: sky
      limit: 8
    - dataset: mine
  lab:
    sky: {wording: weather, size: 60, fractions: {train: 0.5, validation: 0.2, test: 0.3}}
  own:
    mine: {file: own.csv, licence: CC0-1.0, domain: math, answer_type: number, columns: {id: id}}
models:
  small: {kind: made, layers: 1, width: 16, heads: 2, feed_forward: 16, warm_up: {questions: 100}}
elicitation: {examples: 2}
rewards:
  plain: {score: {rule: none}}
  rlcr: {score: {rule: brier}}
methods:
  start: {kind: model}
  ppo: {kind: trained, reward: plain, training: {learning_rate: 0.001}}
  rlcr: {kind: trained, reward: rlcr}
measures: {replicates: 100}
"""
FILE = Path("config/studies/matrix.yaml")
CODE = Path("workflow/calibrant")
METHODS = ("start", "ppo", "rlcr")
TRAINED = ("ppo", "rlcr")
END = {"report", "publish"}


def cells(
    *rules: str, methods: tuple[str, ...] = METHODS, datasets: tuple[str, ...] = ("sky", "mine"),
    seed: int = 5,
) -> set[str]:  # fmt: skip
    """Return the jobs of some rules for methods and datasets, and what stands at the end."""
    names = {
        f"{rule} {method}/seed{seed}/{dataset}"
        for rule in rules
        for method in methods
        for dataset in datasets
    }
    if "measure" not in rules:
        return names | END
    # A model's card prints its measures.
    cards = {f"model_card {name}/seed{seed}" for name in methods if name != "start"}
    return names | cards | END


def answered(*methods: str, seed: int = 5) -> set[str]:
    """Return the jobs that follow when methods answer anew."""
    return cells("generate", "grade", "measure", methods=methods, seed=seed)


def trained(*methods: str, seed: int = 5) -> set[str]:
    """Return the jobs that follow when methods are trained anew."""
    return {f"train {method}/seed{seed}" for method in methods} | answered(*methods, seed=seed)


def warmed(seed: int = 5) -> set[str]:
    """Return the jobs that follow when the model is warmed up anew."""
    return {"warm_up small"} | trained(*TRAINED, seed=seed) | answered("start", seed=seed)


FIRST = {"prepare sky", "prepare mine", "seal", "base_model small", "audit_rewards"}
ALL = FIRST | warmed()


def edit(path: Path | str, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert old in text, f"{path} has changed: this test edits {old!r}"
    Path(path).write_text(text.replace(old, new, 1), encoding="utf-8")


def study(old: str, new: str) -> Callable[[], None]:
    return lambda: edit(FILE, old, new)


def code(module: str, text: str = "A_NEW_NAME = 1") -> Callable[[], None]:
    def change() -> None:
        with (CODE / module).open("a", encoding="utf-8") as file:
            file.write(f"\n\n{text}\n")

    return change


def docstring() -> None:
    edit(CODE / "training/losses.py", '"""', '"""In other words: ')


def formatting() -> None:
    edit(CODE / "training/losses.py", "import torch", "import   torch")


def touched() -> None:
    for path in [Path("own.csv"), FILE, *CODE.rglob("*.py"), *Path("envs").glob("*.lock")]:
        path.touch()


def fresh_checkout() -> None:
    """Give every file a new time, in the order of a copy: inputs may be newer than outputs."""
    for position, path in enumerate(sorted(Path().rglob("*"), reverse=True)):
        os.utime(path, (2_000_000_000 + position, 2_000_000_000 + position))


def lock(name: str) -> Callable[[], None]:
    return lambda: edit(f"envs/{name}.lock", "==", "== ")


def remove(path: str) -> Callable[[], None]:
    return (Path("results/matrix") / path).unlink


NEW_METHOD = "  rloo: {kind: trained, reward: rlcr, estimator: rloo}\nmeasures:"
# The training set may have lost a question that is now evaluated, which is known only once it is sealed.
SEALED_ANEW = (
    {"prepare mine", "seal"}
    | trained(*TRAINED)
    | cells("generate", "grade", "measure", methods=("start",), datasets=("mine",))
)
ONE_CELL = cells("generate", "grade", "measure", datasets=("sky",))

CHANGES: dict[str, tuple[Callable[[], None], set[str]]] = {
    "a comment": (code("training/losses.py", "# A remark."), set()),
    "a docstring": (docstring, set()),
    "formatting": (formatting, set()),
    "a touch": (touched, set()),
    "a fresh checkout with its results": (fresh_checkout, set()),
    "the colour": (study("measures:", "report: {colour: '#123456'}\nmeasures:"), END),
    "the title": (study("title: A", "title: The"), END),
    "the bins": (study("replicates: 100", "replicates: 100, bins: 5"), cells("measure")),
    "a learning rate": (study("rate: 0.001", "rate: 0.002"), trained("ppo")),
    "a reward": (study("brier", "spherical"), {"audit_rewards"} | trained("rlcr")),
    "why a reward is accepted": (
        study("{rule: brier}", "{rule: brier}, accept_improper: so"), {"audit_rewards"} | END,
    ),
    "the seed": (study("seed: 5", "seed: 6"), FIRST | warmed(seed=6)),
    "a new method": (study("measures:", NEW_METHOD), trained("rloo")),
    "the limit of a dataset": (study("limit: 8", "limit: 7"), ONE_CELL),
    "the examples of the prompt": (study("examples: 2", "examples: 1"), warmed()),
    "a policy of the measures": (
        study("examples: 2", "examples: 2, missing_confidence: worst"), cells("measure"),
    ),
    "code that only training imports": (code("training/losses.py"), trained(*TRAINED)),
    "code that only the audit imports": (code("rewards/bandit.py"), {"audit_rewards"} | END),
    "code that only grading imports": (
        code("grading/predictions.py"), cells("grade", "measure"),
    ),
    "code that only measuring imports": (code("measures/predictions.py"), cells("measure")),
    "code that only the report imports": (code("reporting/svg.py"), END),
    "code that only MLflow needs": (code("reporting/tracking_run.py"), {"publish"}),
    "code that everything imports": (code("files.py"), ALL),
    "the lock of training": (lock("training"), warmed()),
    "the lock of tracking": (lock("tracking"), {"publish"}),
    "a row of the own data": (lambda: edit("own.csv", "6,", "7,"), SEALED_ANEW),
    "a report removed": (remove("report/report.html"), END),
    "the record of the report removed": (remove("records/report/report.html.json"), END),
    "an intermediate file removed": (
        remove("predictions/ppo/seed5/sky.completions.parquet"), set(),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def finished_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("matrix") / "project")
    (folder / FILE).write_text(STUDY, encoding="utf-8")
    rows = "".join(f"How much is {n} plus {n}?,{2 * n},item-{n}\n" for n in range(3, 9))
    (folder / "own.csv").write_text("question,answer,id\n" + rows, encoding="utf-8")
    before = Path.cwd()
    os.chdir(folder)
    try:
        jobs = make_stand_ins("matrix")
    finally:
        os.chdir(before)
    assert {job.name for job in jobs} == ALL
    return folder


@pytest.fixture
def finished(
    finished_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    folder = tmp_path / "project"
    shutil.copytree(finished_once, folder, symlinks=True)
    monkeypatch.chdir(folder)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.usefixtures("finished")
def test_nothing_is_to_do_without_a_change():
    assert dry_run("matrix", 2).jobs == []


@pytest.mark.usefixtures("finished")
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_reruns_exactly_what_depends_on_it(change):
    make, expected = CHANGES[change]
    make()
    assert {job.name for job in dry_run("matrix", 2).jobs} == expected


@pytest.mark.usefixtures("finished")
def test_the_plan_names_what_changed(capsys):
    edit(FILE, "rate: 0.001", "rate: 0.002")
    code("reporting/tracking_run.py")()
    assert run(argparse.Namespace(study="matrix", cores=2, format="text")) == 0
    blocks = capsys.readouterr().out.split("\n\n")
    assert blocks[0].startswith("matrix: 10 jobs, roughly ")
    (train,) = [block for block in blocks if block.startswith("train: 1 job (ppo/seed5)")]
    assert "learning_rate: 0.001 -> 0.002" in train
    (publish,) = [block for block in blocks if block.startswith("publish: 1 job")]
    assert "code: calibrant/reporting/tracking_run.py changed" in publish
    assert publish.splitlines()[-1].strip() == "after report"
