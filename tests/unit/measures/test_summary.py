"""The whole set of measures of one sample, in the cases where something is undefined."""

import json
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from calibrant.errors import CalibrantError
from calibrant.measures.summary import measure_sample

NAN = float("nan")
NAMES = [
    "accuracy",
    "mean_confidence",
    "gap",
    "brier",
    "log_loss",
    "ece",
    "ece_equal_mass",
    "auroc",
    "aurc",
]


def measured(confidence: list, correct: list, cluster: list | None = None, **other: Any) -> dict:
    settings: dict[str, Any] = {
        "policy": "drop",
        "bins": 10,
        "replicates": 200,
        "level": 0.95,
        "seed": 17,
    }
    summary = measure_sample(confidence, correct, cluster, **(settings | other))
    # allow_nan=False: no NaN and no infinity anywhere, and nothing that JSON cannot hold.
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    return summary


def made_up(n: int = 120) -> tuple[list, list]:
    rng = np.random.default_rng(9)
    confidence = np.round(rng.random(n), 2)
    return confidence.tolist(), (rng.random(n) < confidence).astype(int).tolist()


def test_every_measure_has_a_value_inside_sane_bounds() -> None:
    measures = measured(*made_up())["measures"]
    assert list(measures) == NAMES
    for name, figure in measures.items():
        assert figure["undefined"] is None
        assert figure["low"] < figure["high"], name
    for name in ("accuracy", "brier", "log_loss", "auroc", "gap", "aurc"):
        assert measures[name]["low"] < measures[name]["value"] < measures[name]["high"]


def test_the_same_seed_gives_the_same_summary() -> None:
    assert measured(*made_up()) == measured(*made_up())
    assert measured(*made_up()) != measured(*made_up(), seed=18)


def test_settings_are_reported() -> None:
    assert measured(*made_up(), policy="half", level=0.9)["settings"] == {
        "policy": "half",
        "bins": 10,
        "replicates": 200,
        "level": 0.9,
        "seed": 17,
        "log_loss_clip": 1e-6,
    }


def test_ungraded_answers_are_left_out_of_everything() -> None:
    sure, right = made_up()
    ids = [f"q{row // 2}" for row in range(len(sure))]
    plain = measured(sure, right, ids)
    more = measured([*sure, 0.9, NAN], [*right, NAN, NAN], [*ids, "q0", "other"])
    assert more["counts"]["ungraded"] == 2
    assert more["measures"] == plain["measures"]
    assert more["curves"] == plain["curves"]
    assert more["noise_floor"] == plain["noise_floor"]


def test_accuracy_is_over_all_graded_and_the_rest_over_those_with_confidence() -> None:
    summary = measured([0.9, NAN, NAN, 0.1], [1, 1, 1, 0])
    assert summary["measures"]["accuracy"]["value"] == 0.75
    assert summary["measures"]["gap"]["value"] == pytest.approx(0.5 - 0.5)
    assert summary["measures"]["mean_confidence"]["value"] == pytest.approx(0.5)
    assert summary["counts"]["n"] == 2
    assert summary["counts"]["missing"] == 2
    assert summary["constant"]["mean_confidence"] == 0.5


def test_policies_count_the_missing() -> None:
    briers = {}
    for policy in ("drop", "zero", "half", "worst"):
        summary = measured([0.9, NAN, NAN], [1, 1, 0], policy=policy)
        assert summary["counts"]["missing"] == 2
        assert summary["measures"]["accuracy"]["value"] == pytest.approx(2 / 3)
        briers[policy] = summary["measures"]["brier"]["value"]
    assert briers == {
        "drop": pytest.approx(0.01),
        "zero": pytest.approx(1.01 / 3),
        "half": pytest.approx(0.51 / 3),
        "worst": pytest.approx(2.01 / 3),
    }


def test_one_class_has_no_auroc_and_says_why() -> None:
    figure = measured([0.9, 0.5, 0.5], [1, 1, 1])["measures"]["auroc"]
    assert figure == {
        "value": None,
        "low": None,
        "high": None,
        "left_out": 200,
        "undefined": "all answers are right, so there is nothing to rank",
    }
    assert "wrong" in measured([0.9, 0.5], [0, 0])["measures"]["auroc"]["undefined"]


def test_one_answer_has_values_and_no_interval() -> None:
    summary = measured([0.8], [1])
    for name in set(NAMES) - {"auroc"}:
        figure = summary["measures"][name]
        assert figure["value"] is not None
        assert figure["low"] is None and figure["high"] is None
        assert figure["undefined"] == "no interval from a single question"


def test_one_question_has_no_interval_whatever_its_answers() -> None:
    figure = measured([0.8, 0.6], [1, 0], ["q", "q"])["measures"]["brier"]
    assert figure["value"] == pytest.approx((0.04 + 0.36) / 2)
    assert figure["low"] is None


@pytest.mark.parametrize("rows", [0, 5])
def test_without_a_graded_answer_nothing_is_defined(rows: int) -> None:
    summary = measured([0.5] * rows, [NAN] * rows)
    for name, figure in summary["measures"].items():
        assert figure["value"] is None
        assert figure["undefined"].startswith("no graded answer"), name
    assert summary["counts"]["ungraded"] == rows


def test_without_any_confidence_only_accuracy_is_defined() -> None:
    summary = measured([NAN] * 10, [1] * 7 + [0] * 3)
    assert summary["measures"]["accuracy"]["value"] == 0.7
    assert summary["measures"]["accuracy"]["low"] < 0.7
    assert summary["measures"]["brier"]["value"] is None
    assert summary["measures"]["brier"]["undefined"] == "no graded answer with a confidence"
    assert summary["counts"]["missing_share"] == 1
    assert summary["constant"]["brier"] is None
    assert summary["curves"]["risk_coverage"] == []


def test_a_draw_without_any_confidence_is_left_out() -> None:
    figure = measured([0.9, NAN, NAN], [1, 1, 0])["measures"]["brier"]
    # All draws that miss the first answer: (2/3)^3 of them.
    assert figure["left_out"] == pytest.approx(200 * 8 / 27, abs=20)
    assert figure["value"] == pytest.approx(0.01)
    assert figure["undefined"] == "no interval from a single question"


def test_a_constant_confidence_ranks_nothing() -> None:
    measures = measured([0.7] * 50, [1] * 35 + [0] * 15)["measures"]
    assert measures["auroc"]["value"] == 0.5
    assert measures["ece"]["value"] == pytest.approx(0, abs=1e-15)
    assert measures["aurc"]["value"] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("policy", "guess"),
        ("bins", 1),
        ("replicates", 10),
        ("level", 95),
        ("level", 0),
        ("seed", -1),
    ],
)
def test_settings_out_of_range_are_refused(setting: str, value: Any) -> None:
    with pytest.raises(CalibrantError, match=f"{setting}: {value} is out of range"):
        measured([0.5], [1], **{setting: value})


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_answers_that_are_all_alike_leave_the_accuracy_uncertain(outcome):
    n = 40
    found = measure_sample(
        np.linspace(0, 1, n), np.full(n, outcome),
        policy="drop", bins=10, replicates=100, level=0.95, seed=1,
    )["measures"]["accuracy"]  # fmt: skip
    expected = binomtest(int(outcome * n), n).proportion_ci(0.95, method="wilson")
    assert found["low"] == pytest.approx(expected.low, abs=1e-12)
    assert found["high"] == pytest.approx(expected.high, abs=1e-12)
    # The same answers to half as many questions are worth half as many.
    paired = measure_sample(
        np.linspace(0, 1, n), np.full(n, outcome), np.arange(n) // 2,
        policy="drop", bins=10, replicates=100, level=0.95, seed=1,
    )["measures"]["accuracy"]  # fmt: skip
    half = binomtest(int(outcome * n / 2), n // 2).proportion_ci(0.95, method="wilson")
    assert (paired["low"], paired["high"]) == pytest.approx((half.low, half.high), abs=1e-12)


def test_outcomes_that_are_all_alike_leave_the_gap_uncertain_and_the_scores_without_interval():
    figures = measure_sample(
        np.full(5, 0.9), np.ones(5), policy="drop", bins=10, replicates=200, level=0.95, seed=1
    )["measures"]
    assert figures["gap"]["value"] == pytest.approx(-0.1)
    lower = binomtest(5, 5).proportion_ci(0.95, method="wilson").low
    assert figures["gap"]["low"] == pytest.approx(0.9 - 1.0)
    assert figures["gap"]["high"] == pytest.approx(0.9 - lower)
    for name in ("brier", "log_loss", "ece"):
        assert figures[name]["value"] is not None
        assert (figures[name]["low"], figures[name]["high"]) == (None, None)
        assert "no spread" in figures[name]["undefined"]


def test_a_measure_undefined_on_many_replicates_has_no_interval():
    figure = measure_sample(
        np.array([0.9, 0.1]), np.array([1.0, 0.0]),
        policy="drop", bins=10, replicates=200, level=0.95, seed=1,
    )["measures"]["auroc"]  # fmt: skip
    assert figure["value"] == 1.0
    assert (figure["low"], figure["high"]) == (None, None)
    assert figure["left_out"] > 60


def test_the_noise_floor_takes_answers_to_one_question_as_alike():
    rng = np.random.default_rng(3)
    floors, values = [], []
    for seed in range(40):
        probability = rng.random(60)
        right = (rng.random(60) < probability).astype(float)
        summary = measure_sample(
            np.repeat(probability, 8), np.repeat(right, 8), np.repeat(np.arange(60), 8),
            policy="drop", bins=10, replicates=100, level=0.95, seed=seed,
        )  # fmt: skip
        floors.append(summary["noise_floor"]["ece"]["p95"])
        values.append(summary["measures"]["ece"]["value"])
    assert np.mean(np.array(values) > np.array(floors)) <= 0.2
