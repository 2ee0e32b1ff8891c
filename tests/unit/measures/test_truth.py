"""The distance of stated confidences from probabilities that are known."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.measures.bootstrap import draw_clusters
from calibrant.measures.measure_file import Request, measure_file
from calibrant.measures.sample import scored_sample
from calibrant.measures.sample_settings import SampleSettings
from calibrant.measures.summary import measure_sample
from calibrant.measures.truth import stated_against_true

NAN = float("nan")
SETTINGS: dict[str, Any] = {
    "policy": "drop", "bins": 10, "replicates": 200, "level": 0.9, "seed": 5,
}  # fmt: skip
TRUTH = ["expected_accuracy", "truth_distance", "truth_bias", "truth_bias_near_07"]


def measured(confidence, correct, true, cluster=None, **other) -> dict[str, Any]:
    summary = measure_sample(
        confidence, correct, cluster, true_probability=true, **(SETTINGS | other)
    )
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    return summary


def many(n: int = 150) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return stated, outcome, true, question: three answers to every question."""
    rng = np.random.default_rng(8)
    true = rng.choice([0.1, 0.4, 0.65, 0.7, 0.75, 0.9], n)
    stated = np.round(rng.random(n), 1)
    return stated, (rng.random(n) < true).astype(float), true, np.arange(n) // 3


def test_hand_worked_figures() -> None:
    summary = measured([1.0, 0.5, 0.25, NAN], [1, 0, 1, 0], [0.75, 0.75, 0.5, 0.0])
    measures = summary["measures"]
    assert list(measures)[-4:] == TRUTH
    # All four graded answers, like accuracy; the others need a confidence.
    assert measures["expected_accuracy"]["value"] == 0.5
    assert measures["truth_distance"]["value"] == pytest.approx((0.25 + 0.25 + 0.25) / 3)
    assert measures["truth_bias"]["value"] == pytest.approx((0.25 - 0.25 - 0.25) / 3)
    assert measures["truth_bias_near_07"]["value"] is None


def test_the_figures_and_intervals_are_plain_means_over_drawn_questions() -> None:
    stated, correct, true, question = many()
    measures = measured(stated, correct, true, question)["measures"]
    near = (true >= 0.65) & (true <= 0.75)
    plain = {
        "expected_accuracy": (true, np.ones(len(true), dtype=bool)),
        "truth_distance": (np.abs(stated - true), np.ones(len(true), dtype=bool)),
        "truth_bias": (stated - true, np.ones(len(true), dtype=bool)),
        "truth_bias_near_07": (stated - true, near),
    }
    for name, (values, rows) in plain.items():
        assert measures[name]["value"] == pytest.approx(values[rows].mean(), abs=1e-12)
        replicates = []
        for number in range(200):
            weights = draw_clusters(question.max() + 1, 5, number)[question]
            replicates.append(np.average(values[rows], weights=weights[rows]))
        low, high = np.quantile(replicates, [0.05, 0.95])
        assert measures[name]["low"] == pytest.approx(low, abs=1e-12)
        assert measures[name]["high"] == pytest.approx(high, abs=1e-12)
        assert measures[name]["undefined"] is None


def test_other_measures_are_as_without_the_truth() -> None:
    stated, correct, true, question = many()
    plain = measure_sample(stated, correct, question, **SETTINGS)
    summary = measured(stated, correct, true, question)
    rest = {name: entry for name, entry in summary["measures"].items() if name not in TRUTH}
    assert rest == plain["measures"]
    assert summary["curves"].pop("stated_against_true")
    assert {key: summary[key] for key in summary if key != "measures"} == {
        key: plain[key] for key in plain if key != "measures"
    }


@pytest.mark.parametrize(("n", "has_value"), [(19, False), (20, True)])
def test_near_07_needs_twenty_answers_and_both_ends_count(n: int, has_value: bool) -> None:
    # 9 / 12 from its odds, and 1 - 0.25, are as near as 0.65 itself; 0.64 and 0.76 are not.
    ends = [0.65, 0.75, 3 / (1 + 3), 1 - 0.25, 1 - 0.35]
    true = [ends[row % 5] for row in range(n)] + [0.64, 0.76]
    entry = measured([0.9] * n + [0.0, 0.0], [1] * (n + 2), true)["measures"]["truth_bias_near_07"]
    if has_value:
        assert entry["value"] == pytest.approx(0.9 - np.mean(true[:n]))
    else:
        assert entry["value"] is entry["low"] is None
        assert entry["undefined"] == (
            "fewer than 20 answers with a true probability from 0.65 to 0.75"
        )


def test_answers_that_are_all_right_still_give_an_interval() -> None:
    measures = measured([0.2, 0.9, 0.5] * 9, [1] * 27, [0.6, 0.7, 0.9] * 9)["measures"]
    assert measures["brier"]["low"] is None
    for name in ("expected_accuracy", "truth_distance", "truth_bias"):
        assert measures[name]["low"] < measures[name]["value"] < measures[name]["high"]


def test_one_question_has_no_interval_and_says_why() -> None:
    measures = measured([0.5, 0.5], [1, 1], [0.5, 0.7], ["q", "q"])["measures"]
    for name in ("expected_accuracy", "truth_distance", "truth_bias"):
        assert measures[name]["value"] is not None
        assert measures[name]["low"] is None
        assert measures[name]["undefined"] == "no interval from a single question"


def test_without_any_confidence_only_the_expected_accuracy_is_defined() -> None:
    measures = measured([NAN, NAN, NAN], [1, 0, 1], [0.5, 0.6, 0.7])["measures"]
    assert measures["expected_accuracy"]["value"] == pytest.approx(0.6)
    for name in TRUTH[1:]:
        assert measures[name]["value"] is None
        assert measures[name]["undefined"] == "no graded answer with a confidence"


@pytest.mark.parametrize(
    ("correct", "true"),
    [([1, 0], None), ([1, 0], [0.5, NAN]), ([NAN, NAN], [0.5, 0.5]), ([NAN, NAN], [NAN, NAN])],
)
def test_without_the_truth_of_every_graded_answer_nothing_is_added(correct, true) -> None:
    summary = measured([0.5, 0.5], correct, true)
    assert not set(TRUTH) & set(summary["measures"])
    assert "stated_against_true" not in summary["curves"]


def test_ungraded_answers_need_no_truth() -> None:
    summary = measured([0.5, 0.9, 0.9], [1, 0, NAN], [0.5, 0.5, NAN])
    assert summary["measures"]["truth_distance"]["value"] == pytest.approx(0.2)


@pytest.mark.parametrize("true", [[0.5, 1.5], [-0.1, 0.5]])
def test_what_is_no_probability_is_refused(true) -> None:
    with pytest.raises(CalibrantError, match=r"true_probability, row \d: true_probability is"):
        measured([0.5, 0.5], [1, 0], true)


def test_bins_of_the_true_probability_hold_a_decimal_that_starts_them() -> None:
    true = [0.0, 0.3, 1 - 0.7, 0.6, 0.65, 1.0]
    stated = [0.5, 0.2, 0.4, 0.7, 0.8, 0.9]
    sample = replace(scored_sample(stated, [1] * 6), correct=np.array(true))
    curve = stated_against_true(sample)
    assert [entry["n"] for entry in curve] == [1, 0, 0, 2, 0, 0, 2, 0, 0, 1]
    assert curve[1] == {"low": 0.1, "high": 0.2, "n": 0, "true": None, "stated": None}
    assert (curve[3]["true"], curve[3]["stated"]) == pytest.approx((0.3, 0.3))
    assert (curve[6]["low"], curve[6]["true"], curve[6]["stated"]) == pytest.approx(
        (0.6, 0.625, 0.75)
    )
    assert curve[9]["stated"] == 0.9


probabilities = st.floats(0, 1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(probabilities, probabilities), min_size=1, max_size=40))
def test_distance_is_at_least_the_bias_and_nought_when_the_truth_is_stated(pairs) -> None:
    stated, true = map(list, zip(*pairs, strict=True))
    found = measured(stated, [1] * len(pairs), true, replicates=100)["measures"]
    assert found["truth_distance"]["value"] >= abs(found["truth_bias"]["value"]) - 1e-12
    assert found["truth_distance"]["value"] <= 1
    perfect = measured(true, [1] * len(pairs), true, replicates=100)["measures"]
    assert perfect["truth_distance"]["value"] == 0
    assert perfect["truth_bias"]["value"] == pytest.approx(0, abs=1e-12)


def run(path: Path, by: str | None = None) -> dict[str, Any]:
    out = path.with_name("out.json")
    measure_file(Request(path, by, None, out, None), SampleSettings("drop", 10, 100, 0.95, 3))
    return dict(json.loads(out.read_text(encoding="utf-8")))


def test_a_file_with_the_column_is_measured_against_it(tmp_path: Path, capsys) -> None:
    path = tmp_path / "a.csv"
    path.write_text("correct,confidence,true_probability\n1,1,0.75\n0,0.5,0.75\n1,0.25,0.5\n")
    document = run(path)
    assert document["truth_distance"]["value"] == pytest.approx(0.25)
    assert len(document["curves"]["stated_against_true"]) == 10
    assert "distance from the truth" in capsys.readouterr().out


def test_a_column_with_gaps_is_used_where_it_has_none(tmp_path: Path, capsys) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "correct,confidence,true_probability,domain\n1,1,0.75,a\n0,0.5,0.75,a\n1,0.25,,b\n,1,,b\n"
    )
    document = run(path, by="domain")
    assert "truth_distance" not in document
    assert "truth_distance" not in document["groups"]["b"]
    assert document["groups"]["a"]["truth_distance"]["value"] == pytest.approx(0.25)
    assert "true_probability is empty in 1 graded rows" in capsys.readouterr().out


def test_a_column_without_an_entry_is_as_none(tmp_path: Path, capsys) -> None:
    path = tmp_path / "a.csv"
    path.write_text("correct,confidence,true_probability\n1,1,\n0,0.5,\n")
    assert not set(TRUTH) & set(run(path))
    assert "true_probability" not in capsys.readouterr().out


def test_a_file_without_the_column_is_measured_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("correct,confidence\n1,1\n0,0.5\n")
    assert not set(TRUTH) & set(run(path))


def test_a_percentage_in_the_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("correct,confidence,true_probability\n1,1,75\n")
    with pytest.raises(CalibrantError, match=r"column 'true_probability': is '75', .*percent"):
        run(path)
