"""In-domain against held-out: independent questions, the same draw of trainings, and refusals."""

import json
from dataclasses import replace

import numpy as np
import pytest

from calibrant.errors import CalibrantError
from calibrant.measures.comparison_settings import TransferSettings
from calibrant.measures.replicates import Execution
from calibrant.measures.transfer_gap import MEASURES, by_dataset, transfer_gap
from calibrant.rows import Prediction

ONE_THREAD = Execution(threads=1)
SEED = 5


def answers(method, seed, dataset, sure, right):
    return [
        Prediction(
            question_id=f"{dataset}/{at:04}", dataset=dataset, domain="made up", split="test",
            answer_type="number", method=method, seed=seed, sample=0, completion="", answer="1",
            confidence=c, confidence_status="ok", correct=bool(y), grade_reason="",
            grader="number",
        )
        for at, (c, y) in enumerate(zip(sure, right, strict=True))
    ]  # fmt: skip


def spread(seed, dataset, right, count=100, sure=0.8):
    """Answers of which a known share is right."""
    return answers("rlcr", seed, dataset, [sure] * count, np.arange(count) < right * count)


def wanted(**changes):
    fields = {
        "in_domain": {"rlcr": ["weather"]}, "held_out": {"rlcr": ["law"]}, "sealed": ["law"],
        "methods": ["rlcr"], "trainings": {"rlcr": "rlcr"}, "replicates": 100, "level": 0.95, "bins": 10,
        "missing_confidence": "drop",
    }  # fmt: skip
    return TransferSettings(**{**fields, **changes})


def measured(files, **changes):
    document = transfer_gap(by_dataset(files), wanted(**changes), SEED, ONE_THREAD)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    return document["rows"]


def averaged(files, **changes):
    document = transfer_gap(by_dataset(files), wanted(**changes), SEED, ONE_THREAD)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    return document["averages"]


SEVERAL = {
    "in_domain": {"rlcr": ["weather", "sums"]}, "held_out": {"rlcr": ["law", "medicine", "lore"]},
    "sealed": ["law", "medicine"],
}  # fmt: skip


def test_a_gap_worked_by_hand():
    # Stated .8 everywhere; right in .8 of the in-domain and .5 of the held-out questions.
    (row,) = measured([spread(1, "weather", 0.8), spread(1, "law", 0.5)])
    assert row["gap"]["in_domain"]["value"] == pytest.approx(0)
    assert row["gap"]["difference"]["value"] == pytest.approx(0.3)
    assert row["accuracy"]["difference"]["value"] == pytest.approx(-0.3)
    # .8 * .04 + .2 * .64 and .5 * .04 + .5 * .64.
    assert row["brier"]["difference"]["value"] == pytest.approx(0.34 - 0.16)
    # With a single confidence the smooth ECE is the absolute gap.
    assert row["smooth_ece"]["difference"]["value"] == pytest.approx(0.3)


def test_the_variances_of_independent_questions_add_up():
    (row,) = measured([spread(1, "weather", 0.8), spread(1, "law", 0.5)], replicates=500)
    found = row["accuracy"]["difference"]
    error = np.sqrt(0.8 * 0.2 / 100 + 0.5 * 0.5 / 100)
    assert (found["high"] - found["low"]) / (2 * 1.96) == pytest.approx(error, rel=0.12)


def test_a_training_takes_its_luck_along():
    # Trainings differ widely, alike on both datasets, so their differences hardly vary.
    shares = {1: 0.2, 2: 0.4, 3: 0.6, 4: 0.8}
    files = [
        spread(seed, dataset, share)
        for seed, share in shares.items()
        for dataset in ("weather", "law")
    ]
    (row,) = measured(files)
    found = row["accuracy"]["difference"]
    assert row["seeds"] == 4
    assert found["value"] == pytest.approx(0)
    between = np.std(list(shares.values()), ddof=1) / 2
    # Drawn apart, the trainings alone would give an interval of 2 * 1.96 * sqrt(2) * between.
    assert found["high"] - found["low"] < 0.5 * 2 * 1.96 * np.sqrt(2) * between


def test_datasets_of_equal_size_do_not_share_their_draws():
    (row,) = measured([spread(1, "weather", 0.5), spread(1, "law", 0.5)])
    assert row["accuracy"]["difference"]["low"] < 0 < row["accuracy"]["difference"]["high"]


def test_there_is_a_row_per_method_and_pair_of_datasets():
    files = [spread(1, name, 0.5) for name in ("weather", "sums", "law", "medicine")]
    rows = measured(
        files, in_domain={"rlcr": ["weather", "sums"]}, held_out={"rlcr": ["law", "medicine"]}
    )
    assert [(row["in_domain"], row["held_out"]) for row in rows] == [
        ("weather", "law"),
        ("sums", "law"),
        ("weather", "medicine"),
        ("sums", "medicine"),
    ]


def test_an_average_worked_by_hand():
    shares = {"weather": 0.8, "sums": 0.7, "law": 0.5, "medicine": 0.3, "lore": 0.6}
    sealed, others = averaged([spread(1, name, share) for name, share in shares.items()], **SEVERAL)
    assert (sealed["part"], sealed["held_out"]) == ("sealed", ["law", "medicine"])
    assert (others["part"], others["held_out"]) == ("others", ["lore"])
    assert sealed["in_domain"] == others["in_domain"] == ["weather", "sums"]
    # Stated .8 everywhere: gaps of 0 and .1 in domain, .3 and .5 held out, .2 elsewhere.
    for row, there in ((sealed, 0.4), (others, 0.2)):
        assert row["gap"]["in_domain"]["value"] == pytest.approx(0.05)
        assert row["gap"]["held_out"]["value"] == pytest.approx(there)
        assert row["gap"]["difference"]["value"] == pytest.approx(there - 0.05)


def test_the_error_over_datasets_is_the_root_of_the_mean_square():
    shares = {"weather": 0.8, "sums": 0.8, "law": 0.5, "medicine": 0.8}
    (row,) = averaged(
        [spread(1, name, share) for name, share in shares.items()],
        **{**SEVERAL, "held_out": {"rlcr": ["law", "medicine"]}},
    )
    # One bin of 100 answers: the squared gap less p (1 - p) / 99, below 0 where the gap is 0.
    law, medicine = 0.3**2 - 0.25 / 99, -0.16 / 99
    assert row["debiased_ece"]["held_out"]["value"] == pytest.approx(np.sqrt((law + medicine) / 2))
    assert row["debiased_ece"]["in_domain"]["value"] == 0


def test_the_variance_of_an_average_is_that_of_independent_datasets():
    files = [spread(1, name, 0.5) for name in ("weather", "sums", "law", "medicine")]
    (row,) = averaged(
        files, replicates=500, **{**SEVERAL, "held_out": {"rlcr": ["law", "medicine"]}}
    )
    found = row["accuracy"]["difference"]
    # Two means of two datasets of 100 answers each.
    error = np.sqrt(4 * 0.25 / 100 / 4)
    assert (found["high"] - found["low"]) / (2 * 1.96) == pytest.approx(error, rel=0.12)


def test_an_average_of_one_dataset_is_the_row_of_the_pair():
    files = [
        spread(seed, name, 0.4 + seed / 10) for seed in (1, 2, 3) for name in ("weather", "law")
    ]
    (row,), (average,) = measured(files), averaged(files)
    assert {name: row[name] for name in MEASURES} == {name: average[name] for name in MEASURES}
    assert (row["seeds"], average["seeds"]) == (3, 3)


def test_an_average_takes_the_seeds_that_all_its_datasets_have():
    files = [
        spread(seed, name, 0.5) for seed in (1, 2) for name in ("weather", "sums", "law", "lore")
    ]
    files.append(spread(2, "medicine", 0.5))
    sealed, others = averaged(files, **SEVERAL)
    assert (sealed["seeds"], sealed["seeds_left_out"]) == (1, 1)
    assert (others["seeds"], others["seeds_left_out"]) == (2, 0)


def test_an_average_with_a_dataset_that_seems_certain_has_no_interval():
    files = [spread(1, name, 0.5) for name in ("weather", "sums", "law", "lore")]
    sealed, others = averaged([*files, spread(1, "medicine", 0.0)], **SEVERAL)
    assert sealed["accuracy"]["difference"]["value"] == pytest.approx(-0.25)
    assert sealed["accuracy"]["difference"]["low"] is None
    assert "takes for certain" in sealed["accuracy"]["difference"]["undefined"]
    assert others["accuracy"]["difference"]["low"] is not None


def test_an_average_names_the_dataset_that_has_no_value():
    files = [spread(1, name, 0.5) for name in ("weather", "sums", "law", "lore")]
    silent = [
        replace(row, confidence=None, confidence_status="missing")
        for row in spread(1, "medicine", 0.5)
    ]
    sealed, others = averaged([*files, silent], **SEVERAL)
    why = "rlcr on medicine has no value: no graded answer with confidence"
    assert sealed["brier"]["held_out"]["undefined"] == why
    assert sealed["brier"]["difference"]["undefined"] == why
    assert others["brier"]["difference"]["value"] is not None


def test_every_method_has_its_own_datasets_in_domain():
    other = [replace(row, method="other") for row in spread(1, "sums", 0.6)]
    files = [spread(1, "weather", 0.8), spread(1, "law", 0.5), other]
    files.append([replace(row, method="other") for row in files[1]])
    rows = measured(
        files,
        methods=["rlcr", "other"],
        trainings={"rlcr": "rlcr", "other": "other"},
        in_domain={"rlcr": ["weather"], "other": ["sums"]},
        held_out={"rlcr": ["law"], "other": ["law"]},
    )
    assert [(row["method"], row["in_domain"]) for row in rows] == [
        ("rlcr", "weather"),
        ("other", "sums"),
    ]
    assert rows[1]["accuracy"]["difference"]["value"] == pytest.approx(-0.1)
    with pytest.raises(ValueError, match="every method needs a dataset in domain"):
        wanted(in_domain={"rlcr": []})


def test_seeds_without_answers_to_both_are_left_out_and_counted():
    files = [spread(1, "weather", 0.8), spread(2, "weather", 0.2), spread(1, "law", 0.5)]
    (row,) = measured(files)
    assert (row["seeds"], row["seeds_left_out"]) == (1, 1)
    assert row["accuracy"]["in_domain"]["value"] == pytest.approx(0.8)


def test_answers_that_are_all_right_give_no_interval():
    (row,) = measured([spread(1, "weather", 1.0), spread(1, "law", 0.5)])
    for name in MEASURES:
        assert row[name]["difference"]["value"] is not None
        assert row[name]["difference"]["low"] is None
        assert "takes for certain" in row[name]["difference"]["undefined"]


def test_one_question_gives_no_interval():
    (row,) = measured([spread(1, "weather", 0.5), answers("rlcr", 1, "law", [0.5], [1])])
    assert row["accuracy"]["difference"]["value"] == pytest.approx(0.5)
    assert row["accuracy"]["difference"]["undefined"] == "no interval from a single question"


def test_what_cannot_be_compared_is_refused():
    files = [spread(1, "weather", 0.5), spread(2, "law", 0.5)]
    with pytest.raises(CalibrantError, match="no training of rlcr answered both weather and law"):
        measured(files)
    with pytest.raises(CalibrantError, match="weather is in-domain and held out"):
        measured(files, held_out={"rlcr": ["weather"]})
    with pytest.raises(CalibrantError, match="holds 2 datasets"):
        by_dataset([[*files[0], *files[1]]])
