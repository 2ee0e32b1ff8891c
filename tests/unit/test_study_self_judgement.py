"""Which methods are asked how faithful they were, and what a study may say of it."""

from pathlib import Path

import pytest

from calibrant import study_parts
from calibrant.errors import CalibrantError
from calibrant.study import Study
from calibrant.study_cards import describe_derived
from calibrant.study_file import load_study
from calibrant.study_self_judgement import (
    self_judge_settings,
    self_judged_settings,
    self_judging_methods,
)

TEXT = """\
title: A study
datasets:
  evaluate: [{dataset: ward}]
  lab: {ward: {wording: medicine, size: 40}}
models:
  tiny: {kind: made, warm_up: {forecasts: FORECASTS}, generation: {max_new_tokens: 12}}
elicitation: {scale: digit, format: FORMAT}
measures: {bins: 7, replicates: 300}
methods:
  start: {kind: model}
  plain: {kind: sampled, of: start, samples: 4}
  again: {kind: sampled, of: start, samples: SAMPLES, self_judgement: {tolerance: TOLERANCE}}
"""


def study(tmp_path: Path, **change: object) -> Study:
    path = tmp_path / "made.yaml"
    text = TEXT
    usual = {"samples": 4, "forecasts": 0.3, "format": "answer_confidence", "tolerance": 0.2}
    for name, value in usual.items():
        text = text.replace(name.upper(), str(change.get(name, value)))
    path.write_text(text, encoding="utf-8")
    return load_study(path)


def test_one_likeliest_short_reply_is_asked_for_as_the_answers_were(tmp_path: Path) -> None:
    made = study(tmp_path)
    settings = self_judge_settings(made, "again", "ward")
    generation = settings.generate.generation
    assert (generation.samples, generation.temperature, generation.max_new_tokens) == (1, 0.0, 16)
    assert settings.generate.elicitation.scale == "digit"
    measured = self_judged_settings(made, "again")
    assert (measured.tolerance, measured.bins, measured.replicates) == (0.2, 7, 300)


def test_another_tolerance_is_measured_anew_and_nothing_is_asked_again(tmp_path: Path) -> None:
    before, after = study(tmp_path), study(tmp_path, tolerance=0.3)
    assert self_judge_settings(before, "again", "ward") == self_judge_settings(
        after, "again", "ward"
    )
    assert self_judged_settings(before, "again") != self_judged_settings(after, "again")


def test_being_asked_leaves_the_answers_as_they_are(tmp_path: Path) -> None:
    made = study(tmp_path)
    plain, again = (
        study_parts.generate_settings(made, name, "ward").model_copy(update={"method": ""})
        for name in ("plain", "again")
    )
    assert plain == again


def test_only_those_that_say_so_are_asked_and_the_report_says_it(tmp_path: Path) -> None:
    made = study(tmp_path)
    assert self_judging_methods(made) == ["again"]
    assert describe_derived(made.methods["again"]).endswith("asked how faithful the first was")
    assert describe_derived(made.methods["plain"]).endswith("4 answers to every question")
    with pytest.raises(CalibrantError, match="'plain' is not asked"):
        self_judge_settings(made, "plain", "ward")
    with pytest.raises(CalibrantError, match="'plain' is not asked"):
        self_judged_settings(made, "plain")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"samples": 1}, "one answer to a question"),
        ({"forecasts": 0}, "never shows how to answer"),
        ({"format": "sentences"}, "every sentence states its own"),
    ],
)
def test_a_question_that_nothing_answers_is_refused(tmp_path: Path, change, said) -> None:
    with pytest.raises(CalibrantError, match=said):
        study(tmp_path, **change)
