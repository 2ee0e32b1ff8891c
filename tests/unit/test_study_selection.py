"""A selection names what is there, and its stages are told what they depend on and no more."""

from pathlib import Path
from typing import Any, get_args

import pytest

from calibrant import study_selection
from calibrant.errors import CalibrantError
from calibrant.study import Study
from calibrant.study_file import load_study
from calibrant.study_parts import describe_method
from calibrant.training.question_choice import SETS
from calibrant.training.settings import QuestionSet

STUDY: dict[str, Any] = {
    "title": "A study",
    "datasets": {
        "train": [{"dataset": "sky"}],
        "evaluate": [{"dataset": "sky"}],
        "lab": {
            "sky": {"wording": "weather", "size": 40,
                    "fractions": {"train": 0.5, "validation": 0.2, "test": 0.3}},
        },
    },
    "models": {
        "tiny": {"kind": "made", "warm_up": {}, "elicitation": {"scale": "digit"},
                 "generation": {"max_new_tokens": 12, "batch_size": 5}},
        "other": {"kind": "made"},
    },
    "generation": {"temperature": 0.3, "samples": 3, "max_new_tokens": 20},
    "selection": {"model": "tiny", "samples": 6, "temperature": 0.9, "limit": 15},
}  # fmt: skip
TEXT = """\
title: A study
datasets:
  train:
    - dataset: sky
  evaluate:
    - dataset: sky
  lab:
    sky: {wording: weather, size: 40, fractions: {train: 0.5, test: 0.5}}
models:
  tiny: {kind: made}
  other: {kind: made}
selection:
  model: tiny
"""


def parts(selection: dict[str, Any], **changes: Any) -> tuple[Any, Any]:
    study = Study(**{**STUDY, **changes, "selection": {**STUDY["selection"], **selection}})
    return study_selection.sample_settings(study), study_selection.select_settings(study)


def test_the_model_is_asked_as_it_says_and_sampled_as_the_selection_says() -> None:
    sample, select = parts({})
    generation = sample.generate.generation
    assert (generation.samples, generation.temperature) == (6, 0.9)
    assert (generation.max_new_tokens, generation.batch_size) == (12, 5)
    assert (sample.generate.method, sample.generate.use.split, sample.limit) == (
        "start",
        "train",
        15,
    )
    assert sample.generate.elicitation.scale == select.scale == "digit"
    assert select.model == "tiny"
    other, graded = parts({"model": "other"})
    assert other.generate.generation.max_new_tokens == 20
    assert graded.scale == other.generate.elicitation.scale == "percent"


@pytest.mark.parametrize(
    ("change", "sampled", "selected"),
    [
        ({"samples": 7}, True, True),
        ({"temperature": 0.8}, True, True),
        ({"limit": 16}, True, False),
        ({"drop_always_right": False}, False, True),
        ({"drop_always_wrong": False}, False, True),
        ({"keep": 9}, False, True),
    ],
    ids=str,
)
def test_a_setting_changes_the_stages_that_depend_on_it(change, sampled, selected) -> None:
    before, after = parts({}), parts(change)
    assert [one != other for one, other in zip(before, after, strict=True)] == [sampled, selected]


def test_how_things_are_measured_changes_no_sample() -> None:
    before = parts({})
    after = parts({}, measures={"replicates": 200}, elicitation={"missing_confidence": "half"})
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_one_model_need_not_be_named() -> None:
    study = Study(
        **{**STUDY, "models": {"tiny": STUDY["models"]["tiny"]}, "selection": {"samples": 2}}
    )
    assert study_selection.selection_model(study) == "tiny"


def test_a_study_without_a_selection_has_no_parts() -> None:
    with pytest.raises(CalibrantError, match="selects no training questions"):
        study_selection.sample_settings(Study(**{**STUDY, "selection": None}))


def test_a_sound_selection_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT, encoding="utf-8")
    selection = load_study(path).selection
    assert selection is not None
    assert (selection.samples, selection.temperature, selection.keep) == (8, 1.0, None)
    assert selection.drop_always_right
    assert selection.drop_always_wrong


@pytest.mark.parametrize(
    ("old", "new", "key", "repair"),
    [
        ("model: tiny", "model: tinny", "selection.model: unknown model", "Did you mean 'tiny'?"),
        ("  model: tiny", "  samples: 4", "selection: the selection does not say",
         "Models here: tiny, other"),
        ("  train:\n    - dataset: sky\n", "", "selection: there is nothing to select from",
         "Add a dataset to datasets.train"),
        ("model: tiny", "modell: tiny", "selection.modell", "Did you mean 'model'?"),
        ("model: tiny", "samples: 1", "selection.samples", "greater than or equal to 2"),
        ("model: tiny", "temperature: 0", "selection.temperature", "greater than 0"),
        ("model: tiny", "keep: 0", "selection.keep", "greater than or equal to 1"),
    ],
)  # fmt: skip
def test_a_fault_names_the_key_and_the_repair(tmp_path: Path, old, new, key, repair) -> None:
    check_refused(tmp_path, TEXT, (old, new), (key, repair))


def check_refused(folder: Path, text: str, change: tuple[str, str], says: tuple[str, str]) -> None:
    assert change[0] in text
    path = folder / "mine.yaml"
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(CalibrantError) as caught:
        load_study(path)
    assert all(words in str(caught.value) for words in says)


RATED: dict[str, Any] = {"self_rating": {"per_end": 5, "max_new_tokens": 9}}


def test_the_model_is_asked_about_itself_as_it_was_asked_and_its_likeliest_reply_counts() -> None:
    study = Study(**{**STUDY, "selection": {**STUDY["selection"], **RATED}})
    sample, rate = (
        study_selection.sample_settings(study).generate,
        study_selection.rate_settings(study),
    )
    assert rate.elicitation == sample.elicitation
    generation = rate.generation
    assert (generation.samples, generation.temperature, generation.max_new_tokens) == (1, 0, 9)
    assert generation.batch_size == sample.generation.batch_size
    choose = study_selection.choose_settings(study)
    assert (choose.model, choose.per_end, choose.scale) == ("tiny", 5, "digit")


def test_a_rating_changes_neither_what_is_sampled_nor_what_is_kept() -> None:
    assert parts({}) == parts(RATED)
    assert parts(RATED) == parts({"self_rating": {"per_end": 6}})


def test_how_many_are_chosen_does_not_ask_again() -> None:
    before, after = (
        Study(**{**STUDY, "selection": {**STUDY["selection"], "self_rating": {"per_end": number}}})
        for number in (5, 6)
    )
    assert study_selection.rate_settings(before) == study_selection.rate_settings(after)
    assert study_selection.choose_settings(before) != study_selection.choose_settings(after)


def test_without_a_self_rating_nothing_is_asked() -> None:
    with pytest.raises(CalibrantError, match="rates no questions"):
        study_selection.rate_settings(Study(**STUDY))


ARMS = """\
title: A study
datasets:
  train:
    - dataset: sky
  evaluate:
    - dataset: sky
  lab:
    sky: {wording: weather, size: 40, fractions: {train: 0.5, validation: 0.2, test: 0.3}}
models:
  tiny: {kind: made, warm_up: {forecasts: 0.3}}
  other: {kind: made}
rewards:
  rlcr: {}
selection:
  model: tiny
  self_rating: {per_end: 5}
methods:
  all: {kind: trained, model: tiny, reward: rlcr}
  other: {kind: trained, model: other, reward: rlcr}
  arm: {kind: trained, model: tiny, reward: rlcr, questions: metacognitive}
"""


def test_a_method_names_the_questions_that_it_learns_from(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(ARMS, encoding="utf-8")
    study = load_study(path)
    assert study_selection.question_set(study, "all") == "all"
    assert study_selection.question_set(study, "arm") == "metacognitive"
    assert "on the metacognitive set of questions" in describe_method(study, "arm")
    assert "set of questions" not in describe_method(study, "all")


@pytest.mark.parametrize(
    ("old", "new", "key", "repair"),
    [
        ("  self_rating: {per_end: 5}\n", "", "methods.arm.questions: the method trains on a set",
         "Add `self_rating: {per_end: N}`"),
        ("selection:\n  model: tiny\n  self_rating: {per_end: 5}\n", "",
         "methods.arm.questions: the method trains on a set", "to `selection`"),
        ("arm: {kind: trained, model: tiny", "arm: {kind: trained, model: other",
         "methods.arm.questions: the questions are chosen by what 'tiny' says", "`model`"),
        ("questions: metacognitive", "questions: middle", "methods.arm", "'active'"),
        ("warm_up: {forecasts: 0.3}", "warm_up: {forecasts: 0}",
         "selection.self_rating: the warm-up never shows", "Set `forecasts`"),
        ("{per_end: 5}", "{per_end: 5}\n  keep: 9", "selection.self_rating.per_end: 10 questions",
         "raise `keep`"),
        ("{per_end: 5}", "{per_end: 5}\n  limit: 9", "selection.self_rating.per_end: 10 questions",
         "raise `limit`"),
        ("    - dataset: sky\n", "    - {dataset: sky, limit: 9}\n",
         "selection.self_rating.per_end: 10 questions of 'sky' are to be chosen among 9",
         "raise `limit` of datasets.train[0]"),
        ("size: 40", "size: 19",
         "selection.self_rating.per_end: 10 questions of 'sky' are to be chosen among 9",
         "raise `size` or the train fraction of 'sky'"),
        ("  lab:\n    sky: {wording: weather, size: 40, "
         "fractions: {train: 0.5, validation: 0.2, test: 0.3}}",
         "  generated:\n    sky: {task: chain_sum, size: 19, "
         "fractions: {train: 0.5, validation: 0.1, test: 0.4}}",
         "selection.self_rating.per_end: 10 questions of 'sky' are to be chosen among 9",
         "raise `size` or the train fraction of 'sky'"),
        ("{per_end: 5}", "{per_end: 0}", "selection.self_rating.per_end", "greater than or equal to 1"),
        ("{per_end: 5}", "{}", "selection.self_rating.per_end: this key is missing", "Add it"),
    ],
)  # fmt: skip
def test_a_set_that_nobody_makes_is_refused(tmp_path: Path, old, new, key, repair) -> None:
    check_refused(tmp_path, ARMS, (old, new), (key, repair))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    - dataset: sky\n", "    - {dataset: sky, limit: 10}\n"),
        ("size: 40", "size: 20"),
        ("{per_end: 5}", "{per_end: 10}"),
    ],
)
def test_as_many_questions_as_are_chosen_are_enough(tmp_path: Path, old, new) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(ARMS.replace(old, new, 1), encoding="utf-8")
    assert load_study(path).selection is not None


def test_every_training_dataset_is_counted_and_a_share_is_not_cut_short(tmp_path: Path) -> None:
    # 0.29 * 200 is 57.99999999999999 in floating point.
    text = ARMS.replace("size: 40, fractions: {train: 0.5, validation: 0.2, test: 0.3}",
                        "size: 200, fractions: {train: 0.29, validation: 0.2, test: 0.51}")  # fmt: skip
    text = text.replace("{per_end: 5}", "{per_end: 29}")
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_study(path).selection is not None
    more = "    hills: {wording: weather, size: 57, fractions: {train: 1.0}}\n"
    text = text.replace("    - dataset: sky\n", "    - dataset: sky\n    - dataset: hills\n", 1)
    path.write_text(text.replace("  lab:\n", f"  lab:\n{more}", 1), encoding="utf-8")
    with pytest.raises(CalibrantError, match="58 questions of 'hills' are to be chosen among 57"):
        load_study(path)


def test_the_sets_that_a_method_may_name_are_those_that_are_made() -> None:
    assert get_args(QuestionSet) == ("all", *SETS)
