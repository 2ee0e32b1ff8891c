"""Which methods and datasets are compared, and what the stages are told."""

from pathlib import Path

import pytest

from calibrant import study_comparisons
from calibrant.errors import CalibrantError
from calibrant.study import Study
from calibrant.study_file import load_study

TEXT = """\
title: A study
seeds: 2
datasets:
  train:
    - dataset: sky
  evaluate:
    - dataset: sky
    - dataset: ward
    - dataset: sums
  lab:
    sky: {wording: weather, size: 40, fractions: {train: 0.5, validation: 0.2, test: 0.3}}
    ward: {wording: medicine, size: 40}
  generated:
    sums: {task: chain_sum, size: 40}
models:
  tiny: {kind: made, datasets: [sky, ward]}
  other: {kind: made, datasets: [sums]}
rewards:
  rlcr: {score: {rule: brier}}
comparisons: {baseline: [start, other]}
methods:
  start: {kind: model, model: tiny}
  rlcr: {kind: trained, model: tiny, reward: rlcr}
  again: {kind: sampled, of: rlcr, samples: 3}
  vote: {kind: voted, of: again, vote: majority, confidence: share}
  other: {kind: model, model: other}
"""


def study(tmp_path: Path, text: str = TEXT) -> Study:
    path = tmp_path / "made.yaml"
    path.write_text(text)
    return load_study(path)


def test_compared_are_methods_that_answer_a_dataset_with_a_baseline(tmp_path: Path) -> None:
    made = study(tmp_path)
    # On the sums one method answers, which is nothing to compare.
    assert study_comparisons.compared_datasets(made) == ["sky", "ward"]
    settings = study_comparisons.compare_methods_settings(made, "ward")
    assert (settings.baseline, settings.methods) == ("start", ["start", "rlcr", "vote"])
    assert (settings.replicates, settings.margin) == (1000, 0.02)
    cells = study_comparisons.compared_cells(made, "sky")
    assert [seed for method, seed, _ in cells if method == "vote"] == [17, 18]


def test_held_out_is_compared_with_what_is_trained_on(tmp_path: Path) -> None:
    made = study(tmp_path)
    inside, outside = study_comparisons.transfer_cells(made)
    assert {cell[-1] for cell in inside} == {"sky"}
    assert {cell[-1] for cell in outside} == {"ward"}
    settings = study_comparisons.transfer_settings(made)
    assert settings.methods == ["start", "rlcr", "vote"]
    assert settings.in_domain == {name: ["sky"] for name in settings.methods}
    assert settings.held_out == {name: ["ward"] for name in settings.methods}
    assert settings.trainings == {"start": "start", "rlcr": "rlcr", "vote": "rlcr"}


def test_methods_made_of_others_rest_on_their_trainings(tmp_path: Path) -> None:
    made = study(
        tmp_path,
        TEXT.replace("test: 0.3", "calibration: 0.2, test: 0.1")
        + "  sure: {kind: scored, of: rlcr, score: answer_probability}\n"
        + "  mapped: {kind: calibrated, of: sure, calibrator: platt, datasets: [sky]}\n"
        + "  plain: {kind: calibrated, of: start, calibrator: platt, datasets: [sky]}\n"
        + "  second: {kind: trained, model: tiny, reward: rlcr}\n",
    )
    settings = study_comparisons.compare_methods_settings(made, "ward")
    assert settings.trainings == {
        "start": "start", "rlcr": "rlcr", "vote": "rlcr", "sure": "rlcr", "mapped": "rlcr",
        "plain": "start", "second": "second",
    }  # fmt: skip


JUDGES = """\
judges:
  panel: {kind: panel, verdicts: judge_truthfulqa}
"""


def judged(*names: str) -> str:
    """Return the study with a judge that grades the answers to some datasets of the evaluation."""
    train, evaluate = TEXT.split("  evaluate:\n")
    for name in names:
        evaluate = evaluate.replace(
            f"    - dataset: {name}\n", f"    - {{dataset: {name}, judge: panel}}\n"
        )
    return f"{train}  evaluate:\n{evaluate}{JUDGES}"


def test_what_a_judge_grades_is_not_compared(tmp_path: Path) -> None:
    made = study(tmp_path, judged("ward"))
    assert study_comparisons.compared_cells(made, "ward") == []
    assert study_comparisons.compared_datasets(made) == ["sky"]
    # The only held-out dataset is judged, so nothing is left to transfer to.
    assert study_comparisons.transfer_cells(made) == ([], [])
    assert study_comparisons.transfer_cells(study(tmp_path, judged("sky"))) == ([], [])


def test_in_domain_is_what_a_method_itself_was_trained_on(tmp_path: Path) -> None:
    made = study(
        tmp_path,
        TEXT.replace("  evaluate:\n", "    - dataset: rain\n  evaluate:\n    - dataset: rain\n")
        .replace("  lab:\n", "  lab:\n    rain: {wording: weather, size: 50, fractions: "
                 "{train: 0.5, validation: 0.2, test: 0.3}}\n")
        .replace("datasets: [sky, ward]", "datasets: [sky, rain, ward]")
        .replace("reward: rlcr}", "reward: rlcr, datasets: [sky]}")
        + "  wetter: {kind: trained, model: tiny, reward: rlcr, datasets: [rain]}\n"
        + "  both: {kind: trained, model: tiny, reward: rlcr}\n",
    )  # fmt: skip
    assert study_comparisons.transfer_settings(made).in_domain == {
        "start": ["rain", "sky"],
        "rlcr": ["sky"],
        "vote": ["sky"],
        "wetter": ["rain"],
        "both": ["rain", "sky"],
    }
    inside, outside = study_comparisons.transfer_cells(made)
    assert ("rlcr", 17, "rain") not in inside
    assert {dataset for _, _, dataset in outside} == {"ward"}


def test_without_the_setting_nothing_is_compared(tmp_path: Path) -> None:
    made = study(tmp_path, TEXT.replace("comparisons: {baseline: [start, other]}\n", ""))
    assert study_comparisons.compared_datasets(made) == []
    assert study_comparisons.transfer_cells(made) == ([], [])
    with pytest.raises(CalibrantError, match="nothing is compared"):
        study_comparisons.compare_methods_settings(made, "sky")
    with pytest.raises(CalibrantError, match="no method answers"):
        study_comparisons.transfer_settings(made)


@pytest.mark.parametrize("name", ["strat", "again"])
def test_a_baseline_that_cannot_be_one_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CalibrantError, match=f"no method '{name}' to compare with"):
        study(tmp_path, TEXT.replace("[start, other]", f"[{name}]"))


def test_public_datasets_that_nothing_trains_on_are_out_of_domain(tmp_path: Path) -> None:
    text = TEXT.replace(
        "    - dataset: sums\n",
        "    - dataset: sums\n    - dataset: truthfulqa_mc1\n    - dataset: gsm8k\n",
    ).replace("datasets: [sky, ward]", "datasets: [sky, ward, truthfulqa_mc1, gsm8k]")
    settings = study_comparisons.transfer_settings(study(tmp_path, text))
    assert settings.held_out["rlcr"] == ["ward", "truthfulqa_mc1", "gsm8k"]
    assert settings.sealed == ["ward"]
    trained = text.replace(
        "    - dataset: sky\n  evaluate", "    - dataset: sky\n    - dataset: gsm8k\n  evaluate"
    )
    settings = study_comparisons.transfer_settings(study(tmp_path, trained))
    assert settings.in_domain["rlcr"] == ["sky", "gsm8k"]
    assert settings.held_out["rlcr"] == ["ward", "truthfulqa_mc1"]
