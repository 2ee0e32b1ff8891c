"""The two stages of a selection, run as scripts on a small model that writes readable statements."""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.integration.training.small_training import ELICITATION, SEED, lab

from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.scales import SCALES
from calibrant.files import read_json, sha256_file
from calibrant.grading.grade import grade
from calibrant.lineage.stage import Stage
from calibrant.model_settings import MadeModel
from calibrant.rows import Completion, Question, read_rows, write_rows
from calibrant.study import Study
from calibrant.study_selection import (
    choose_settings,
    rate_settings,
    sample_settings,
    select_settings,
)
from calibrant.training.question_choice import SETS
from calibrant.training.self_judgement import write_forecast
from calibrant.training.self_rating_settings import SelfRating

LIMIT = 24
SAMPLES = 4
STUDY = Study(
    title="A study",
    datasets={"train": [{"dataset": "sky"}]},
    models={"tiny": MadeModel(kind="made", elicitation=ELICITATION)},
    generation={"max_new_tokens": 16, "batch_size": 16},
    selection={"samples": SAMPLES, "limit": LIMIT, "keep": 10},
    measures={"replicates": 100},
)
RATED = STUDY.model_copy(
    update={"selection": STUDY.selection.model_copy(update={"self_rating": SelfRating(per_end=1)})}
)


def run(script: str, root: Path, settings: Any, **files: Path) -> None:
    """Run a stage's script as the workflow does."""
    options = [part for name, file in files.items() for part in (f"--{name}", str(file))]
    finished = subprocess.run(
        [sys.executable, f"workflow/scripts/{script}.py", "--root", str(root), "--seed", str(SEED),
         "--settings", json.dumps(settings.model_dump(mode="json")), *options],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": "workflow", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr


def seal_by_hand(root: Path, training: Path) -> None:
    """Write the training set with its record, as stage ``seal`` leaves it."""
    argv = ["workflow/scripts/seal.py", "--root", str(root), "--training", str(training)]
    with Stage.from_command_line("seal", inputs=(), outputs=("training",), argv=argv) as stage:
        write_rows(stage.output("training"), lab(), Question)


def sample(taught: Path, root: Path) -> Path:
    training, completions = root / "data/training.parquet", root / "labels/samples.parquet"
    seal_by_hand(root, training)
    run(
        "sample", root, sample_settings(STUDY), model=taught / "checkpoint.json",
        training=training, completions=completions,
    )  # fmt: skip
    return completions


@pytest.fixture(scope="module")
def results(taught: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("selection") / "results"
    completions = sample(taught, root)
    run(
        "select_questions", root, select_settings(STUDY), completions=completions,
        questions=root / "data/training.parquet", training=root / "labels/training.parquet",
        selection=root / "labels/selection.json",
    )  # fmt: skip
    return root


def test_every_question_is_answered_several_times_each_time_anew(results: Path) -> None:
    rows = read_rows(results / "labels/samples.parquet", Completion)
    asked = [question.question_id for question in lab()[:LIMIT]]
    assert [(row.question_id, row.sample) for row in rows] == [
        (name, number) for name in asked for number in range(SAMPLES)
    ]
    assert {row.method for row in rows} == {"start"}
    texts = defaultdict(set)
    for row in rows:
        texts[row.question_id].add(row.completion)
    assert max(map(len, texts.values())) > 1


def test_the_same_seed_samples_the_same_bytes(results: Path, taught: Path, tmp_path: Path) -> None:
    again = sample(taught, tmp_path / "results")
    assert sha256_file(again) == sha256_file(results / "labels/samples.parquet")


def test_what_is_kept_is_what_the_samples_say(results: Path) -> None:
    questions = {question.question_id: question for question in lab()}
    grades: dict[str, list[bool | None]] = defaultdict(list)
    for row in read_rows(results / "labels/samples.parquet", Completion):
        answer = parse_completion(
            row.completion, SCALES[ELICITATION.scale], row.finish_reason
        ).answer
        grades[row.question_id].append(grade(answer, questions[row.question_id]).correct)
    mixed = {
        name: said.count(False) / (said.count(False) + said.count(True))
        for name, said in grades.items()
        if True in said and said != [True] * SAMPLES
    }
    kept = read_rows(results / "labels/training.parquet", Question)
    assert len(kept) == min(10, len(mixed)) > 0
    for row in kept:
        assert row.difficulty == mixed[row.question_id]
        assert row.question == questions[row.question_id].question
    document = read_json(results / "labels/selection.json")["datasets"]["sky"]
    states = Counter(
        "ungradable" if set(said) == {None}
        else "always_right" if said == [True] * SAMPLES
        else "always_wrong" if True not in said
        else "mixed"
        for said in grades.values()
    )  # fmt: skip
    for name in ("always_right", "mixed", "always_wrong", "ungradable"):
        assert document[name] == states[name]
    assert (document["questions"], document["sampled"]) == (len(questions), LIMIT)
    assert document["unread"] == sum(said.count(None) for said in grades.values())


@pytest.fixture(scope="module")
def chosen(results: Path, taught: Path) -> Path:
    """Run both stages of the choice; the model was not taught to rate itself: ratings are written."""
    labels = results / "labels"
    run(
        "rate_questions", results, rate_settings(RATED), model=taught / "checkpoint.json",
        completions=labels / "samples.parquet", questions=labels / "training.parquet",
        ratings=labels / "ratings.parquet",
    )  # fmt: skip
    written = [
        replace(row, completion=write_forecast(at / 20, ELICITATION.scale))
        for at, row in enumerate(read_rows(labels / "ratings.parquet", Completion))
    ]
    write_rows(labels / "written.parquet", written, Completion)
    run(
        "choose_questions", results, choose_settings(RATED), questions=labels / "training.parquet",
        completions=labels / "samples.parquet", ratings=labels / "written.parquet",
        choice=labels / "self_rating.json", **{name: labels / f"{name}.parquet" for name in SETS},
    )  # fmt: skip
    return labels


def test_the_model_is_asked_about_the_first_answer_to_every_question_kept(chosen: Path) -> None:
    kept = read_rows(chosen / "training.parquet", Question)
    rows = read_rows(chosen / "ratings.parquet", Completion)
    assert [row.question_id for row in rows] == [question.question_id for question in kept]
    first = {
        row.question_id: row.completion
        for row in read_rows(chosen / "samples.parquet", Completion)
        if row.sample == 0
    }
    for row in rows:
        assert first[row.question_id] in row.prompt
        assert "<match>M</match>" in row.prompt


def test_sets_of_equal_size_are_written_and_counted(chosen: Path) -> None:
    kept = read_rows(chosen / "training.parquet", Question)
    document = read_json(chosen / "self_rating.json")["all"]
    for name in SETS:
        rows = read_rows(chosen / f"{name}.parquet", Question)
        assert len(rows) == 2
        assert [row for row in kept if row in rows] == rows
    assert (document["rated"], document["unread"]) == (len(kept), 0)
    assert document["sets"]["pool"]["size"] == len(kept) - document["unknown"]
    lowest, highest = (document["sets"][name]["rating"]["value"] for name in ("lowest", "highest"))
    assert lowest < document["sets"]["pool"]["rating"]["value"] < highest
    records = [
        read_json(chosen.parent / f"records/labels/{name}.parquet.json")["stage"]
        for name in ("ratings", *SETS)
    ]
    assert records == ["rate_questions", *["choose_questions"] * 3]


def test_the_records_name_the_stages_and_their_inputs(results: Path) -> None:
    records = [
        read_json(results / f"records/labels/{name}.parquet.json")
        for name in ("samples", "training")
    ]
    assert [record["stage"] for record in records] == ["sample", "select_questions"]
    assert [Path(item["path"]).name for item in records[1]["inputs"]] == [
        "samples.parquet", "training.parquet"
    ]  # fmt: skip
