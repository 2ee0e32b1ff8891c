"""A selection names what is there, and its stages are told what they depend on and no more."""

from pathlib import Path
from typing import Any

import pytest

from calibrant import study_selection
from calibrant.errors import CalibrantError
from calibrant.study import Study
from calibrant.study_file import load_study

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
    assert old in TEXT
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CalibrantError) as caught:
        load_study(path)
    assert key in str(caught.value)
    assert repair in str(caught.value)
