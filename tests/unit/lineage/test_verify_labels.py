"""The training questions that a study selects follow from answers, so they are computed again."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.lineage.derived_study import run_script
from tests.unit.lineage.small_study import ROOT, run_stage

from calibrant.files import write_text
from calibrant.lineage.findings import Findings
from calibrant.lineage.graph import read_graph
from calibrant.lineage.stage import Stage
from calibrant.lineage.stage_checks import check_stages
from calibrant.rows import Completion, Question, read_rows, write_rows
from calibrant.training.question_choice import SETS
from calibrant.training.selection_settings import Selection

LABELS = ROOT / "labels"
_FIGURES = {"model": "tiny", "scale": "percent", "replicates": 100, "level": 0.95}
_SAMPLES = 4


def _question(number: int) -> Question:
    text = f"How much is {number} plus {number}?"
    reference = (str(2 * number),)
    return Question(f"sums/{number}", "sums", "math", "train", "number", text, reference)


def _completion(question: Question, text: str, sample: int = 0) -> Completion:
    return Completion(
        question.question_id, "sums", "tiny", 17, sample, question.question, text, "stop", tokens=9
    )


def _answers(number: int) -> list[Completion]:
    question = _question(number)
    stated = f"<confidence>{7 * number % 100}</confidence>"
    # Right as often as the number says, so that there is easy and hard.
    given = [question.references[0] if at < number % 5 else f"9{at}" for at in range(_SAMPLES)]
    return [
        _completion(question, f"<answer>{answer}</answer>{stated}", at)
        for at, answer in enumerate(given)
    ]


def _write(name: str, path: Path, rows: list[Completion]) -> None:
    def write(stage: Stage) -> None:
        write_rows(stage.output(name), rows, Completion)

    stage = "sample" if name == "completions" else "rate_questions"
    run_stage(stage, {}, {name: path}, {}, write, seed=17)


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the results of a study that chose its questions, in the working directory."""
    monkeypatch.chdir(tmp_path)
    write_text(Path("envs/core.lock"), "six==1.16.0\n")
    questions, training = ROOT / "data/questions/sums.parquet", ROOT / "data/training.parquet"
    asked = [_question(number) for number in range(1, 25)]

    def prepare(stage: Stage) -> None:
        write_rows(stage.output("questions"), asked, Question)

    run_stage("prepare", {"source": []}, {"questions": questions}, {}, prepare, subject="sums")
    run_script(
        "seal", {"questions": [questions]},
        {"training": training, "validation": ROOT / "data/validation.parquet",
         "overlap": ROOT / "data/overlap.json"},
        {"train": [{"dataset": "sums"}], "evaluate": [], "generated": [], "shingle_words": 8},
    )  # fmt: skip
    samples, ratings = (
        LABELS / "samples.completions.parquet",
        LABELS / "ratings.completions.parquet",
    )
    _write("completions", samples, [row for number in range(1, 25) for row in _answers(number)])
    selected = LABELS / "training.parquet"
    selection = Selection(samples=_SAMPLES, drop_always_wrong=False).model_dump(mode="json")
    run_script(
        "select_questions", {"completions": [samples], "questions": [training]},
        {"training": selected, "selection": LABELS / "selection.json"},
        {**_FIGURES, "learnt_from": ["sums"], "selection": selection}, seed=17,
    )  # fmt: skip
    kept = read_rows(selected, Question)
    rated = [_completion(row, f"<match>{5 * at}</match>") for at, row in enumerate(kept)]
    _write("ratings", ratings, rated)
    run_script(
        "choose_questions",
        {"completions": [samples], "questions": [selected], "ratings": [ratings]},
        {**{name: LABELS / f"{name}.parquet" for name in SETS},
         "choice": LABELS / "self_rating.json"},
        {**_FIGURES, "per_end": 3}, seed=17,
    )  # fmt: skip
    return tmp_path / ROOT


def computed(root: Path) -> Findings:
    findings = Findings()
    check_stages(read_graph(root), findings, lambda text: None)
    return findings


def test_selected_and_chosen_questions_are_computed_again(study: Path) -> None:
    findings = computed(study)
    assert (findings.faults, findings.notes) == ([], [])
    assert findings.recomputed == {"seal": 1, "select_questions": 1, "choose_questions": 1}


@pytest.mark.parametrize("name", ["training", "random", "active"])
def test_a_question_set_that_does_not_follow_is_found(study: Path, name: str) -> None:
    path = study / f"labels/{name}.parquet"
    rows = list(read_rows(path, Question))
    rows[0] = replace(rows[0], references=("0",))
    write_rows(path, rows, Question)
    found = [item for item in computed(study).faults if item.place == f"labels/{name}.parquet"]
    assert [item.kind for item in found] == ["altered"]
    assert "/0/references/0 is '0', but " in found[0].what
