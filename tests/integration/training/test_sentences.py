"""RLMF on answers of two sentences: a made model warmed up and trained on questions of two claims."""

from pathlib import Path
from typing import Any

import pytest
from tests.integration.training.jobs import curve
from tests.integration.training.small_training import SEED

from calibrant.data.lab import PART, lab_questions
from calibrant.data.prepare import to_questions
from calibrant.data.settings import LabDataset
from calibrant.elicitation.settings import Elicitation
from calibrant.engines.answering import answer_questions, open_model
from calibrant.engines.checkpoint import describe_checkpoint
from calibrant.engines.settings import Generation
from calibrant.files import write_json
from calibrant.grading.predictions import grade_completions
from calibrant.model_settings import MadeModel
from calibrant.rewards.settings import Reward
from calibrant.rows import Question, write_rows
from calibrant.stage_settings.answers import GenerateSettings, GradeSettings
from calibrant.stage_settings.train import TrainSettings
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.training.settings import TrainedMethod, Training
from calibrant.training.train import Job, train
from calibrant.training.warm_up_settings import WarmUp

ASKED = Elicitation(format="sentences", examples=0)
PUBLISHED = Reward(faithfulness=12.0, format={"strict": 3.0, "graded": 3.0})  # type: ignore[arg-type]
LENGTH = 40


def questions(**shares: float) -> list[Question]:
    loaded = lab_questions("two", LabDataset(wording="weather", size=80, claims=2), SEED)
    return to_questions("two", loaded, {PART: shares})[0]


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a made model that writes sentences and forecasts, with a manifest."""
    from calibrant.training.made_model import make_model
    from calibrant.training.warm_up import warm_up

    start = tmp_path_factory.mktemp("start")
    small = MadeModel(kind="made", layers=1, width=32, heads=2, feed_forward=32, sentences=True)
    make_model(small, start, SEED)
    write_json(start / "checkpoint.json", describe_checkpoint(start))
    lessons = WarmUp(questions=4800, batch_size=32, learning_rate=0.01, candid=1.0, forecasts=0.3)
    folder = tmp_path_factory.mktemp("taught") / "model"
    chosen = WarmUpSettings(warm_up=lessons, elicitation=ASKED)
    manifest = warm_up(start / "checkpoint.json", chosen, SEED, folder, print)
    write_json(folder / "checkpoint.json", manifest)
    return folder


def settings(**more: Any) -> TrainSettings:
    method: dict[str, Any] = {
        "kind": "trained", "reward": "published", "estimator": "grpo", "scale": "none",
        "feedback": "rlmf", "self_judgement": {},
    }  # fmt: skip
    training: dict[str, Any] = {
        "rounds": 2, "questions": 4, "samples": 4, "epochs": 1, "learning_rate": 1e-3,
        "entropy": 0.0, "rollouts": {"max_new_tokens": LENGTH},
        "validation": {"every": 1, "questions": 8},
    }  # fmt: skip
    return TrainSettings(
        method="faithful", trained=TrainedMethod(**method), training=Training(**training),
        reward=PUBLISHED, elicitation=ASKED, learnt_from=["two"], **more,
    )  # fmt: skip


def make_job(folder: Path, model: Path) -> Job:
    rows = questions(train=0.6, validation=0.4)
    files = []
    for split in ("train", "validation"):
        files.append(folder / f"{split}.parquet")
        write_rows(files[-1], [row for row in rows if row.split == split], Question)
    return Job(model / "checkpoint.json", files[0], files[1:], settings(), SEED, "code")


def test_a_model_is_trained_on_two_sentences(taught: Path, tmp_path: Path) -> None:
    outcome = train(make_job(tmp_path, taught), tmp_path / "work", print)
    assert (outcome["rounds"], outcome["reason"]) == (2, "finished")
    lines = curve(tmp_path / "work")
    rounds = [row for row in lines if row["kind"] == "train"]
    assert len(rounds) == 2
    for row in rounds:
        assert row["format_rate"] > 0.5
        assert row["truncated_share"] < 0.5
        # Of 1 - (c - g)^2 for every sentence, 12 times: above 0, and never above 12.
        assert 0 < row["faithfulness"] <= 12
        assert 0 <= row["faithful"] <= 1
        assert 0 <= row["intrinsic"] <= 1
        assert row["forecast_rate"] > 0.5
        assert row["grad_norm"] > 0
        parts = ("correctness", "calibration", "format", "length", "faithfulness")
        assert row["reward"] == pytest.approx(sum(row[part] for part in parts), abs=1e-3)


def test_a_reply_is_generated_whole_and_graded_by_both_of_its_sentences(taught: Path) -> None:
    asked = questions(test=1.0)
    generate = GenerateSettings(
        method="taught", use={"dataset": "two"}, elicitation=ASKED,  # type: ignore[arg-type]
        generation=Generation(max_new_tokens=LENGTH, batch_size=16),
    )  # fmt: skip
    engine = open_model(taught / "checkpoint.json", generate)
    written = answer_questions(asked, generate, SEED, engine, lambda replies, _: replies)
    graded = grade_completions(
        written, asked, GradeSettings(scale="percent", confidence="stated", format="sentences")
    )
    read = [row for row in graded if row.confidence_status == "ok"]
    assert len(read) > len(graded) / 2
    references = {question.question_id: question.references for question in asked}
    two = [row for row in read if row.completion.count("</confidence>") == 2]
    assert len(two) > len(graded) / 2
    for row in two:
        assert row.correct == (row.answer in references[row.question_id])
    assert {row.correct for row in two} == {True, False}
