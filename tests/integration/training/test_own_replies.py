"""A model is taught its own replies: those in the format, right or wrong, without the examples."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.integration.training.small_training import ELICITATION, SEED, lab

from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.prompts import build_messages
from calibrant.elicitation.scales import SCALES
from calibrant.engines.checkpoint import check_manifest, weights_sha256
from calibrant.errors import CalibrantError
from calibrant.files import write_json
from calibrant.rows import Question
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.training.own_replies import own_reply_examples
from calibrant.training.warm_up import warm_up
from calibrant.training.warm_up_settings import OwnReplies, WarmUp


def settings(questions: int = 100, **own: Any) -> WarmUpSettings:
    replies = OwnReplies(**{"examples": 1, "max_new_tokens": 24} | own)
    lessons = WarmUp(questions=questions, batch_size=20, learning_rate=0.001, own_replies=replies)
    return WarmUpSettings(warm_up=lessons, elicitation=ELICITATION)


def examples(
    folder: Path, questions: list[Question], chosen: WarmUpSettings, seed: int = SEED
) -> list[dict[str, Any]]:
    return own_reply_examples(
        folder / "checkpoint.json", questions, chosen, seed, lambda replies, total: replies
    )


def test_replies_in_the_format_are_taught_with_the_prompt_that_shows_nothing(taught: Path) -> None:
    questions = lab(150)
    kept = examples(taught, questions, settings())
    assert 25 <= len(kept) <= 100
    asked = [build_messages(question, ELICITATION) for question in questions]
    for row in kept:
        assert row["prompt"] in asked
        statement = parse_completion(row["completion"][0]["content"], SCALES[ELICITATION.scale])
        assert statement.status == "ok" and statement.answer in {"yes", "no"}
    assert kept == examples(taught, questions, settings())
    assert kept != examples(taught, questions, settings(), seed=SEED + 1)


def test_whether_a_reply_is_right_makes_no_difference(taught: Path) -> None:
    questions = lab(100)
    other = {("yes",): ("no",), ("no",): ("yes",)}
    turned = [replace(question, references=other[question.references]) for question in questions]
    assert examples(taught, questions, settings()) == examples(taught, turned, settings())


def test_fewer_questions_than_asked_for_are_refused(taught: Path) -> None:
    with pytest.raises(CalibrantError, match="100 replies are to be learnt from, and there are 99"):
        examples(taught, lab(99), settings())


def test_a_model_that_does_not_know_the_format_is_refused(untaught: Path) -> None:
    with pytest.raises(CalibrantError, match="gave 0 replies in the format to 100 questions"):
        examples(untaught, lab(100), settings())


def test_the_warm_up_learns_from_them(taught: Path, tmp_path: Path) -> None:
    folder = tmp_path / "warm"
    kept = examples(taught, lab(120), settings())
    manifest = warm_up(taught / "checkpoint.json", settings(), SEED, folder, print, kept)
    write_json(folder / "checkpoint.json", manifest)
    check_manifest(folder / "checkpoint.json", folder)
    assert manifest["weights_sha256"] != weights_sha256(taught)


def test_settings_of_laboratory_text_are_refused_beside_own_replies() -> None:
    with pytest.raises(ValidationError, match="boast is about laboratory text"):
        WarmUp(own_replies=OwnReplies(), boast=0.5)
    # Stages are told every field, also those at their default.
    told = WarmUp(own_replies=OwnReplies()).model_dump()
    assert WarmUp(**told) == WarmUp(own_replies=OwnReplies())
