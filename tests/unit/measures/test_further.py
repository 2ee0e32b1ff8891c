"""The second line of measures: defined or clearly not, with intervals only where they are honest."""

import json

import numpy as np
import pytest

from calibrant.measures.further import COUNTS_NOISE, FURTHER, further_figures
from calibrant.measures.sample import scored_sample
from calibrant.measures.summary import measure_sample

SETTINGS = {"replicates": 200, "level": 0.95, "seed": 3}


def found(confidence, correct, cluster=None):
    return further_figures(scored_sample(confidence, correct, cluster), **SETTINGS)


@pytest.fixture(scope="module")
def usual():
    rng = np.random.default_rng(1)
    sure = rng.choice([0.2, 0.5, 0.9], 300)
    return sure, (rng.random(300) < sure - 0.1).astype(float)


def test_the_parts_add_up_to_the_brier_score(usual) -> None:
    sure, right = usual
    figures = found(sure, right)
    parts = [figures[name]["value"] for name in ("miscalibration", "discrimination", "uncertainty")]
    assert parts[0] - parts[1] + parts[2] == pytest.approx(np.mean((sure - right) ** 2))


def test_costs_by_hand() -> None:
    figures = found([0.9, 0.9, 0.5, 0.84], [1, 0, 1, 1])
    # At a price of 5 an answer is given from 0.8 on: two of them right, one wrong, one deferred.
    assert figures["cost_5"]["value"] == pytest.approx((5 + 1) / 4)
    # At 0.85 two are given and two deferred.
    assert figures["cost_5_fixed"]["value"] == pytest.approx((5 + 2) / 4)
    # The cheapest defers everything: both answers at 0.9 come together.
    assert figures["cost_5_best"]["value"] == pytest.approx(1.0)


def test_intervals_hold_the_value_or_say_why_there_is_none(usual) -> None:
    for name, figure in found(*usual).items():
        assert figure["value"] is not None, name
        if figure["low"] is None:
            assert figure["undefined"].startswith("no interval"), name
        else:
            assert figure["low"] <= figure["value"] <= figure["high"], name
            assert figure["undefined"] is None


def test_what_counts_noise_has_no_interval(usual) -> None:
    figures = found(*usual)
    for name in ("smooth_ece", "debiased_ece", "miscalibration", "ks_error"):
        assert (figures[name]["low"], figures[name]["undefined"]) == (None, COUNTS_NOISE)


@pytest.mark.parametrize(
    ("confidence", "correct"),
    [([], []), ([0.5], [1]), ([0.5] * 9, [1] * 9), ([0.0] * 9, [0] * 9), ([1.0] * 9, [0] * 9),
     ([0.3, 0.7] * 5, [0] * 10)],
)  # fmt: skip
def test_edges_are_defined_or_say_why_not_and_never_nan(confidence, correct) -> None:
    figures = found(confidence, correct)
    assert set(figures) == set(FURTHER)
    json.dumps(figures, allow_nan=False)
    for figure in figures.values():
        assert figure["value"] is not None or figure["undefined"]


def test_measuring_gives_them_where_asked(usual) -> None:
    sure, right = usual
    settings = {"policy": "drop", "bins": 10, **SETTINGS}
    assert "further" not in measure_sample(sure, right, **settings)
    assert measure_sample(sure, right, further=True, **settings)["further"] == found(sure, right)
