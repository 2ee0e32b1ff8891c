"""Methods made from others: what a study may say of them, and what their stages are told."""

from pathlib import Path
from typing import Any

import pytest

from calibrant import study_cells, study_certificates, study_derived, study_parts
from calibrant.errors import CalibrantError
from calibrant.study import Study
from calibrant.study_cells import cells_of, generation_of, seeds_of
from calibrant.study_file import load_study

TEXT = """\
title: A study
seeds: 2
datasets:
  train:
    - dataset: sky
  evaluate:
    - dataset: sky
      limit: 5
    - dataset: ward
  lab:
    sky:
      wording: weather
      size: 80
      fractions: {train: 0.4, validation: 0.2, calibration: 0.2, test: 0.2}
    ward: {wording: medicine, size: 40}
models:
  tiny: {kind: made, warm_up: {}, generation: {max_new_tokens: 12, batch_size: 5}}
rewards:
  rlcr: {score: {rule: brier}}
certificates: {risk: 0.1, datasets: [sky]}
methods:
  start: {kind: model}
  rlcr: {kind: trained, reward: rlcr}
"""
MADE = {
    "mapped": "{kind: calibrated, of: start, calibrator: platt, datasets: [sky]}",
    "sure": "{kind: scored, of: rlcr, score: answer_probability}",
    "twice": "{kind: calibrated, of: sure, calibrator: isotonic, datasets: [sky]}",
    "many": "{kind: sampled, of: rlcr, samples: 7, temperature: 0.8}",
    "vote": "{kind: voted, of: many, vote: majority, answers: 5, confidence: share}",
}


def study(tmp_path: Path, text: str = TEXT, **methods: str) -> Study:
    path = tmp_path / "made.yaml"
    path.write_text(text + "".join(f"  {name}: {line}\n" for name, line in methods.items()))
    return load_study(path)


def test_a_derived_method_has_the_model_seeds_and_cells_of_its_source(tmp_path: Path) -> None:
    made = study(tmp_path, **MADE)
    assert study_cells.model_of(made, "twice") == "tiny"
    assert seeds_of(made, "mapped") == [17]
    assert seeds_of(made, "twice") == seeds_of(made, "vote") == [17, 18]
    assert [cell for cell in cells_of(made) if cell[0] == "vote"] == [
        ("vote", 17, "sky"), ("vote", 17, "ward"), ("vote", 18, "sky"), ("vote", 18, "ward"),
    ]  # fmt: skip


def test_sampling_anew_changes_how_often_and_how_hot_and_nothing_else(tmp_path: Path) -> None:
    generation = generation_of(study(tmp_path, **MADE), "many")
    assert (generation.samples, generation.temperature) == (7, 0.8)
    assert (generation.max_new_tokens, generation.batch_size) == (12, 5)


def test_stages_are_told_what_they_depend_on(tmp_path: Path) -> None:
    made = study(tmp_path, **MADE)
    assert study_derived.calibrate_settings(made, "twice").calibrator == "isotonic"
    assert study_derived.vote_settings(made, "vote").answers == 5
    assert study_derived.score_settings(made, "sure").generation.batch_size == 5
    assert study_derived.fitted_on(made, "mapped") == ["sky"]
    assert study_derived.fitted_on(made, "sure") == []
    assert study_derived.source_of(made, "twice") == "sure"


def test_calibrators_and_thresholds_see_all_of_the_calibration_split(tmp_path: Path) -> None:
    use = study_parts.calibration_settings(study(tmp_path), "start", "sky").use
    assert (use.split, use.limit) == ("calibration", None)


def test_a_calibration_limit_concerns_the_calibration_split_alone(tmp_path: Path) -> None:
    limited = TEXT.replace("limit: 5", "limit: 5\n      calibration_limit: 30")
    before, after = study(tmp_path), study(tmp_path, limited)
    assert study_parts.calibration_settings(after, "start", "sky").use.limit == 30
    assert study_parts.generate_settings(after, "start", "sky") == study_parts.generate_settings(
        before, "start", "sky"
    )


def test_certificates_are_for_what_answers_here(tmp_path: Path) -> None:
    made = study(tmp_path, **MADE)
    assert study_certificates.certificates_of(made) == [
        ("start", 17, "sky"), ("rlcr", 17, "sky"), ("rlcr", 18, "sky"),
    ]  # fmt: skip
    assert study_certificates.applied_to(made, "rlcr", "sky") == ["sky", "ward"]
    assert study_certificates.certify_settings(made, "sky").risk == 0.1


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (
            "{kind: calibrated, of: nobody, calibrator: platt, datasets: [sky]}",
            "no method 'nobody'",
        ),
        ("{kind: calibrated, of: wrong, calibrator: platt, datasets: [sky]}", "no method 'wrong'"),
        (
            "{kind: calibrated, of: start, calibrator: platt, datasets: [ward]}",
            "no calibration split",
        ),
        ("{kind: calibrated, of: start, calibrator: platt, datasets: [sea]}", "not in datasets"),
        ("{kind: voted, of: rlcr, vote: majority, confidence: share}", "too few to vote"),
        ("{kind: sampled, of: vote, samples: 3}", "no method 'vote'"),
    ],
)
def test_what_cannot_be_made_is_refused(tmp_path: Path, line: str, what: str) -> None:
    with pytest.raises(CalibrantError, match=what):
        study(
            tmp_path, **{"wrong": line}, **{k: v for k, v in MADE.items() if k in ("many", "vote")}
        )


@pytest.mark.parametrize(
    ("certificates", "what"),
    [
        ("{risk: 0.1, datasets: [ward]}", "no calibration split"),
        ("{risk: 0.1, datasets: [sky], methods: [nobody]}", "no method that answers"),
        ("{risk: 10, datasets: [sky]}", "not a probability"),
    ],
)
def test_certificates_of_what_is_not_there_are_refused(
    tmp_path: Path, certificates: str, what: str
) -> None:
    text = TEXT.replace("{risk: 0.1, datasets: [sky]}", certificates)
    with pytest.raises(CalibrantError, match=what):
        study(tmp_path, text)


@pytest.mark.parametrize(
    "line",
    [
        "{kind: calibrated, of: start, calibrator: platt, datasets: [sky, ward]}",
        "{kind: scored, of: start, score: probe, datasets: [ward]}",
    ],
)
def test_nothing_is_fitted_on_held_out_data_that_may_be_certified(
    tmp_path: Path, line: str
) -> None:
    text = TEXT.replace(
        "wording: medicine, size: 40",
        "wording: medicine, size: 40, fractions: {calibration: 0.5, test: 0.5}",
    ).replace("risk: 0.1, datasets: [sky]", "risk: 0.1, datasets: [ward]")
    assert study_certificates.certificates_of(study(tmp_path, text))[0] == ("start", 17, "ward")
    with pytest.raises(CalibrantError, match="'ward' is held out, and nothing may be fitted on it"):
        study(tmp_path, text, wrong=line)


def test_what_a_judge_grades_is_not_certified(tmp_path: Path) -> None:
    text = TEXT.replace("limit: 5", "judge: panel") + (
        "judges:\n  panel: {kind: panel, verdicts: judge_truthfulqa}\n"
    )
    with pytest.raises(CalibrantError, match="a judge grades"):
        study(tmp_path, text)


def test_the_report_says_how_each_was_made(tmp_path: Path) -> None:
    made: Any = study_parts.report_settings(study(tmp_path, **MADE), "made").methods
    assert made["mapped"] == "start, its confidence mapped: platt, fitted on sky"
    assert made["vote"] == "many, majority vote of the first 5 answers, confidence by share"
    assert made["sure"] == "rlcr, confidence by answer probability"
    assert made["many"] == "the model of rlcr, 7 answers to every question"


FAITHFUL = """\
title: A study
datasets:
  train:
    - dataset: sky
  evaluate:
    - dataset: sky
  lab:
    sky: {wording: weather, size: 40, fractions: {train: 0.5, validation: 0.2, test: 0.3}}
models:
  tiny: {kind: made, warm_up: {forecasts: 0.2}}
rewards:
  rlcr: {score: {rule: brier}}
  composed: {faithfulness: 12}
training: {samples: 4}
methods:
  rlmf:
    {kind: trained, reward: composed, estimator: grpo, feedback: rlmf, self_judgement: {}}
"""


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("samples: 4", "samples: 2", "2 are too few"),
        ("reward: composed", "reward: rlcr", "its reward does not look at that"),
        ("forecasts: 0.2", "forecasts: 0.0", "nothing will be read"),
    ],
)
def test_faithfulness_needs_a_group_and_a_forecast_something_to_forecast(
    tmp_path: Path, old: str, new: str, what: str
) -> None:
    assert study(tmp_path, FAITHFUL).methods["rlmf"].kind == "trained"
    with pytest.raises(CalibrantError, match=what):
        study(tmp_path, FAITHFUL.replace(old, new))


def test_a_factor_from_other_questions_needs_another_question(tmp_path: Path) -> None:
    alone = FAITHFUL.replace("samples: 4", "samples: 4, questions: 1, minibatches: 1")
    judged = alone.replace("feedback: rlmf,", "feedback: rlmf_symmetric,")
    assert study(tmp_path, judged).methods["rlmf"].kind == "trained"
    unjudged = judged.replace(", self_judgement: {}", "")
    with pytest.raises(CalibrantError, match="scales by other questions"):
        study(tmp_path, unjudged)
