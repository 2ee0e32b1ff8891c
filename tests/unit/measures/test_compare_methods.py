"""Methods compared: against direct loops over the same draws, other libraries, and hand work."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import stats

from calibrant.errors import CalibrantError
from calibrant.measures.bootstrap import Panel, draw_clusters
from calibrant.measures.compare_methods import by_method, compare_methods
from calibrant.measures.comparison import ComparisonSettings
from calibrant.measures.comparison_settings import CompareMethodsSettings
from calibrant.measures.difference_figures import NOT_TESTED, TESTED
from calibrant.measures.method_difference import MEASURES
from calibrant.measures.replicates import Execution
from calibrant.measures.scores import accuracy, brier
from calibrant.measures.trainings import Draws, measure_trainings, read_training
from calibrant.measures.two_level import two_level_replicates
from calibrant.measures.weighting import tie_groups
from calibrant.rows import Prediction

ONE_THREAD = Execution(threads=1)
SEED, REPLICATES = 5, 100


def predictions(method, seed, sure, right, *, first=0, dataset="sums"):
    return [
        Prediction(
            question_id=f"{dataset}/{first + at:04}", dataset=dataset, domain="math", split="test",
            answer_type="number", method=method, seed=seed, sample=0, completion="", answer="1",
            confidence=c, confidence_status="ok" if c is not None else "no_confidence",
            correct=None if y is None else bool(y), grade_reason="" if y is not None else "odd",
            grader="number",
        )
        for at, (c, y) in enumerate(zip(sure, right, strict=True))
    ]  # fmt: skip


def made_up(method, seed, count=60, lift=0.0):
    rng = np.random.default_rng([seed, len(method)])
    sure = rng.integers(1, 10, count) / 10
    chance = np.clip(sure - lift, 0, 1)
    return predictions(method, seed, sure.tolist(), (rng.random(count) < chance).tolist())


def wanted(*methods, **changes):
    fields = {
        "baseline": methods[0], "margin": 0.02, "power": 0.8, "methods": list(methods),
        "replicates": REPLICATES, "level": 0.95, "bins": 10, "missing_confidence": "drop",
        "trainings": {name: name for name in methods},
    }  # fmt: skip
    return CompareMethodsSettings(**{**fields, **changes})


def compare(found, settings=None):
    document = compare_methods(found, settings or wanted(*found), SEED, ONE_THREAD)
    # What is stored is JSON without NaN or infinity.
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    return document


def row_of(found, settings=None):
    return compare(found, settings)["rows"][0]


@pytest.fixture(scope="module")
def several():
    """A start and a method with three trainings."""
    return {
        "start": {1: made_up("start", 1, lift=0.25)},
        "rlcr": {seed: made_up("rlcr", seed, lift=seed / 100) for seed in (1, 2, 3)},
    }


@pytest.fixture(scope="module")
def document(several):
    return compare(several)


def looped(rows, name, count):
    """A measure on every draw of questions, by repeating rows and calling scikit-learn."""
    from sklearn.metrics import accuracy_score, brier_score_loss, roc_auc_score

    sure = np.array([row.confidence for row in rows])
    right = np.array([row.correct for row in rows])
    values = []
    for number in range(count):
        drawn = np.repeat(np.arange(len(rows)), draw_clusters(len(rows), SEED, number).astype(int))
        c, y = sure[drawn], right[drawn]
        values.append(
            accuracy_score(y, np.ones(len(y), dtype=bool)) if name == "accuracy"
            else brier_score_loss(y, c) if name == "brier" else roc_auc_score(y, c)
        )  # fmt: skip
    return np.array(values)


@pytest.mark.parametrize("name", ["accuracy", "brier", "auroc"])
def test_over_questions_it_is_a_loop_over_the_same_draws(several, document, name):
    count = document["settings"]["test_replicates"]
    trainings = [looped(rows, name, count) for rows in several["rlcr"].values()]
    drawn = np.mean(trainings, axis=0) - looped(several["start"][1], name, count)
    found = document["rows"][0][name]["over_questions"]
    assert [found["low"], found["high"]] == pytest.approx(np.quantile(drawn, [0.025, 0.975]))


def test_with_one_seed_each_the_difference_is_over_questions(several):
    row = row_of({"start": several["start"], "rlcr": {1: several["rlcr"][1]}})
    assert row["over"] == "questions"
    for name in MEASURES:
        assert row[name]["difference"] == row[name]["over_questions"]
        assert row[name]["over_seeds"]["undefined"] == "no method has several seeds"


def test_over_seeds_the_replicates_are_those_of_two_levels(several):
    rows = list(several["rlcr"].values())
    codes = {row.question_id: at for at, row in enumerate(rows[0])}
    trainings = [read_training(answers, codes, "drop") for answers in rows]
    draws = Draws(REPLICATES, 50, SEED, SEED, 10)
    found = measure_trainings(trainings, 60, draws, 3, ONE_THREAD)
    panels = [
        [
            Panel(tie_groups(item.everyone), {"accuracy": accuracy}),
            Panel(tie_groups(item.stated), {"brier": brier}),
        ]
        for item in trainings
    ]
    plain = ComparisonSettings(REPLICATES, SEED, 0.95)
    expected = two_level_replicates(panels, 60, plain, 3, ONE_THREAD)
    for name in ("accuracy", "brier"):
        np.testing.assert_allclose(found.over_seeds(name), expected[name].means)
    assert found.values["smooth_ece"].shape == (50, 3)


def test_a_method_with_one_seed_is_fixed(several, document):
    # The start has no draw of seeds, so the difference varies by the draws of the other alone.
    row = document["rows"][0]
    assert (row["seeds"], row["baseline_seeds"], row["over"]) == (3, 1, "seeds and questions")
    assert row["accuracy"]["difference"] == row["accuracy"]["over_seeds"]
    assert row["accuracy"]["difference"] != row["accuracy"]["over_questions"]


def test_holm_is_that_of_all_methods_and_measures():
    found = {name: {1: made_up(name, 1, lift=at / 6)} for at, name in enumerate(("a", "bb", "ccc"))}
    document = compare(found)
    pairs = [
        (row[name]["p_value"]["value"], row[name]["adjusted_p_value"]["value"])
        for row in document["rows"]
        for name in TESTED
    ]
    assert document["settings"]["tests"] == len(pairs) == 8
    # Step down by the definition: the smallest times 8, the next times 7, never falling.
    raw = sorted(p for p, _ in pairs)
    stepped = np.maximum.accumulate([min(1, (8 - at) * p) for at, p in enumerate(raw)])
    assert sorted(adjusted for _, adjusted in pairs) == pytest.approx(sorted(stepped))


def test_there_are_replicates_enough_to_reject_in_a_large_family():
    names = [f"m{'x' * at}" for at in range(4)]
    document = compare({name: {1: made_up(name, 1)} for name in names})
    settings = document["settings"]
    assert settings["tests"] * 2 / (settings["test_replicates"] + 1) < 0.05
    assert settings["replicates"] == REPLICATES


def test_the_smooth_ece_is_described_and_not_tested(document):
    found = document["rows"][0]["smooth_ece"]
    for key in ("p_value", "adjusted_p_value", "detectable"):
        assert found[key] == {"value": None, "low": None, "high": None, "undefined": NOT_TESTED}
    assert found["difference"]["low"] < found["difference"]["value"] < found["difference"]["high"]
    relative = document["rows"][0]["relative_smooth_ece"]
    quotient = found["method"]["value"] / found["baseline"]["value"]
    assert relative["value"] == pytest.approx(quotient - 1)
    assert -1 < relative["low"] < relative["high"]


def test_detectable_differences_follow_from_the_standard_error(several, document):
    count = document["settings"]["test_replicates"]
    row = row_of({"start": several["start"], "rlcr": {1: several["rlcr"][1]}})
    drawn = looped(several["rlcr"][1], "brier", count) - looped(several["start"][1], "brier", count)
    expected = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * drawn.std(ddof=1)
    assert row["brier"]["detectable"]["value"] == pytest.approx(expected)


def test_mcnemar_is_the_binomial_test_of_scipy(several):
    start, method = several["start"][1], several["rlcr"][1]
    row = row_of({"start": {1: start}, "rlcr": {1: method}})["mcnemar"]
    pairs = [(one.correct, other.correct) for one, other in zip(method, start, strict=True)]
    b, c = pairs.count((True, False)), pairs.count((False, True))
    assert (row["only_method"]["value"], row["only_baseline"]["value"]) == (b, c)
    assert row["p_value"]["value"] == pytest.approx(stats.binomtest(b, b + c).pvalue)


def test_mcnemar_takes_one_seed_each(document):
    assert document["rows"][0]["mcnemar"]["p_value"]["undefined"].startswith("it takes one seed")


def test_improvement_and_interquartile_mean_are_over_seeds(document):
    found = document["rows"][0]["brier"]["improvement"]
    mean = document["methods"]["rlcr"]["interquartile_mean"]["brier"]
    assert 0 <= found["value"] <= 1
    assert mean["low"] <= mean["value"] <= mean["high"]
    assert document["methods"]["start"]["interquartile_mean"]["brier"]["undefined"] == "one seed"


def test_a_lower_loss_is_an_improvement():
    right = [True, False] * 20
    found = {
        "start": {1: predictions("start", 1, [0.9] * 40, right)},
        "good": {seed: predictions("good", seed, [0.5 + seed / 20] * 40, right) for seed in (1, 2)},
    }
    row = row_of(found)
    assert row["brier"]["improvement"]["value"] == 1
    assert row["accuracy"]["improvement"]["value"] == 0.5


def test_non_inferiority_is_shown_on_many_questions_and_not_on_few():
    rng = np.random.default_rng(0)

    def pair(count):
        right = rng.random(count) < 0.6
        other = np.where(rng.random(count) < 0.02, ~right, right)
        return {
            "start": {1: predictions("start", 1, [0.6] * count, right)},
            "new": {1: predictions("new", 1, [0.6] * count, other)},
        }

    many, few = row_of(pair(2000)), row_of(pair(60))
    assert many["non_inferiority"]["shown"]
    assert many["non_inferiority"]["most"]["value"] < 0.02
    # A single question differs, and the new method gets it: no replicate can lose one.
    assert (few["mcnemar"]["only_method"]["value"], few["mcnemar"]["only_baseline"]["value"]) == (
        1,
        0,
    )
    assert not few["non_inferiority"]["shown"]
    assert "no question was lost" in few["non_inferiority"]["most"]["undefined"]


def test_a_method_against_a_copy_of_itself_differs_nowhere(several):
    start = several["start"][1]
    copy = [replace(row, method="copy") for row in start]
    row = row_of({"start": {1: start}, "copy": {1: copy}})
    for name in MEASURES:
        assert row[name]["difference"]["value"] == 0
        assert row[name]["difference"]["low"] is None
        assert "do not differ anywhere" in row[name]["difference"]["undefined"]
    assert (row["relative_smooth_ece"]["value"], row["relative_smooth_ece"]["low"]) == (0, None)
    assert not row["non_inferiority"]["shown"]


@pytest.fixture(scope="module")
def mapped(several):
    """Three trainings and the same answers with other confidences."""
    return {
        "rlcr": several["rlcr"],
        "mapped": {
            seed: [
                replace(row, method="mapped", confidence=0.3 + row.confidence / 2) for row in rows
            ]
            for seed, rows in several["rlcr"].items()
        },
    }


def shared(**changes):
    return wanted("rlcr", "mapped", trainings={"rlcr": "rlcr", "mapped": "rlcr"}, **changes)


def test_the_same_answers_of_the_same_trainings_are_as_often_right(mapped):
    row = row_of(mapped, shared())
    for key in ("difference", "over_seeds"):
        assert (row["accuracy"][key]["value"], row["accuracy"][key]["low"]) == (0, None)
        assert "do not differ anywhere" in row["accuracy"][key]["undefined"]
    assert row["brier"]["difference"]["low"] < row["brier"]["difference"]["high"]
    # Trained apart, the same accuracies leave open which method's trainings are better.
    apart = row_of(mapped)["accuracy"]["difference"]
    assert apart["value"] == 0
    assert apart["low"] < 0 < apart["high"]


def test_the_same_trainings_are_drawn_together_for_every_measure(mapped):
    codes = {row.question_id: at for at, row in enumerate(mapped["rlcr"][1])}
    document = compare(mapped, shared())
    draws = Draws(document["settings"]["test_replicates"], 50, SEED, SEED, 10)
    values = {
        name: measure_trainings(
            [read_training(answers, codes, "drop") for answers in seeds.values()],
            60,
            draws,
            execution=ONE_THREAD,
        )
        for name, seeds in mapped.items()
    }
    # The draw of trainings applied to the difference of every training.
    one, other = (values[name].values["brier"] for name in ("mapped", "rlcr"))
    drawn = ((one - other) * values["rlcr"].weights).sum(axis=1)
    found = document["rows"][0]["brier"]["difference"]
    assert [found["low"], found["high"]] == pytest.approx(np.quantile(drawn, [0.025, 0.975]))


def test_improvement_over_the_same_trainings_is_paired():
    right = [True, False] * 20
    sure = {1: 0.5, 2: 0.7, 3: 0.9}
    found = {
        "rlcr": {s: predictions("rlcr", s, [c] * 40, right) for s, c in sure.items()},
        "mapped": {s: predictions("mapped", s, [c - 0.01] * 40, right) for s, c in sure.items()},
    }
    # Nearer to a half with seeds 2 and 3, farther with seed 1.
    paired = row_of(found, shared())["brier"]["improvement"]
    assert paired["value"] == pytest.approx(2 / 3)
    assert 0 <= paired["low"] < paired["high"] <= 1
    # Of all nine pairs, 0.49 loses one, 0.69 loses one and 0.89 loses two.
    assert row_of(found)["brier"]["improvement"]["value"] == pytest.approx(5 / 9)


def test_the_same_trainings_have_the_same_seeds(mapped):
    fewer = {**mapped, "mapped": {seed: mapped["mapped"][seed] for seed in (1, 2)}}
    with pytest.raises(CalibrantError, match="rlcr and mapped rest on the same trainings"):
        compare(fewer, shared())


def test_methods_with_one_root_have_one_number():
    names = ("start", "rlcr", "twice", "other")
    settings = wanted(
        *names,
        trainings={"start": "start", "rlcr": "rlcr", "twice": "rlcr", "other": "left out"},
    )
    assert settings.training_numbers() == {"start": 0, "rlcr": 1, "twice": 1, "other": 2}
    with pytest.raises(ValueError, match="must name every method"):
        wanted("start", "rlcr", trainings={"start": "start"})


def test_the_baseline_exchanged_changes_the_sign_alone(several):
    pair = {"start": several["start"], "rlcr": {1: several["rlcr"][1]}}
    one = row_of(pair, wanted("start", "rlcr"))
    other = row_of(pair, wanted("start", "rlcr", baseline="rlcr"))
    for name in MEASURES:
        found, turned = one[name]["difference"], other[name]["difference"]
        assert found["value"] == pytest.approx(-turned["value"])
        assert found["low"] == pytest.approx(-turned["high"])


def test_questions_that_not_all_answered_are_left_out_and_counted():
    found = {
        "start": {1: predictions("start", 1, [0.5] * 30, [True, False] * 15)},
        "late": {1: predictions("late", 1, [0.7] * 20, [True, False] * 10, first=20)},
    }
    document = compare(found)
    assert document["questions"] == {"shared": 10, "left_out": {"start": 20, "late": 10}}
    assert document["methods"]["start"]["answers"] == 10
    # Confidences .7 and .5 against half right: .29 and .25.
    assert document["rows"][0]["brier"]["difference"]["value"] == pytest.approx(0.04)


def test_no_shared_question_is_an_error():
    found = {
        "start": {1: predictions("start", 1, [0.5] * 3, [True] * 3)},
        "late": {1: predictions("late", 1, [0.5] * 3, [True] * 3, first=9)},
    }
    with pytest.raises(CalibrantError, match="no question is answered by all"):
        compare(found)


def test_rows_without_confidence_follow_the_policy():
    right = [True, False] * 20
    found = {
        "start": {1: predictions("start", 1, [0.5] * 40, right)},
        "mute": {1: predictions("mute", 1, [0.5] * 20 + [None] * 20, right)},
    }
    # A quarter wherever stated; 0 instead of the missing ones costs a half on them.
    for policy, brier_score in (("drop", 0.25), ("zero", 0.375), ("half", 0.25), ("worst", 0.625)):
        document = compare(found, wanted("start", "mute", missing_confidence=policy))
        assert document["rows"][0]["brier"]["method"]["value"] == pytest.approx(brier_score)
        assert document["methods"]["mute"]["without_confidence"] == 20


@pytest.mark.parametrize(
    ("sure", "right", "name", "reason"),
    [
        ([None] * 40, [True, False] * 20, "brier", "no graded answer with confidence"),
        ([0.5] * 40, [None] * 40, "accuracy", "no graded answer"),
        ([0.4, 0.6] * 20, [True] * 40, "auroc", "nothing to rank"),
    ],
)
def test_a_method_without_a_value_says_why(sure, right, name, reason):
    start = predictions("start", 1, [0.3, 0.7] * 20, [True, False, False, True] * 10)
    row = row_of({"start": {1: start}, "odd": {1: predictions("odd", 1, sure, right)}})
    found = row[name]
    assert found["difference"]["value"] is None
    assert "odd has no value" in found["difference"]["undefined"]
    assert reason in found["difference"]["undefined"]
    assert found["adjusted_p_value"]["value"] is None
    assert found["baseline"]["value"] is not None


def test_answers_that_are_all_wrong_are_no_certainty():
    start = predictions("start", 1, [0.3, 0.7] * 20, [True, False, False, True] * 10)
    found = {"start": {1: start}, "lost": {1: predictions("lost", 1, [0.2, 0.4] * 20, [0] * 40)}}
    row = row_of(found)
    assert row["accuracy"]["difference"]["value"] == -0.5
    assert row["accuracy"]["difference"]["low"] is None
    assert "takes for certain" in row["accuracy"]["p_value"]["undefined"]
    assert not row["non_inferiority"]["shown"]


def test_one_question_has_differences_without_intervals():
    found = {
        "start": {1: predictions("start", 1, [0.9], [True])},
        "new": {seed: predictions("new", seed, [0.4], [False]) for seed in (1, 2)},
    }
    row = row_of(found)
    assert row["accuracy"]["difference"]["value"] == -1
    assert row["accuracy"]["difference"]["undefined"] == "no interval from a single question"


def test_the_order_of_rows_and_of_files_does_not_matter(several, document):
    files = [rows[::-1] for trainings in several.values() for rows in trainings.values()]
    assert compare(by_method(files[::-1]), wanted(*several)) == document


def test_files_must_hold_one_training_each(several):
    first, second = several["rlcr"][1], several["rlcr"][2]
    with pytest.raises(CalibrantError, match="answers of 2 trainings"):
        by_method([[*first, *second]])
    with pytest.raises(CalibrantError, match="seed 1 is given twice"):
        by_method([first, first])


def test_methods_must_be_those_of_the_settings(several):
    with pytest.raises(CalibrantError, match="do not agree: other"):
        compare(several, wanted("start", "rlcr", "other"))
    with pytest.raises(CalibrantError, match="nobody is not one of the methods"):
        compare(several, wanted(*several, baseline="nobody"))
    mixed = {**several, "rlcr": {1: predictions("rlcr", 1, [0.5], [True], dataset="law")}}
    with pytest.raises(CalibrantError, match="several datasets: law test, sums test"):
        compare(mixed)


answer = st.tuples(st.one_of(st.none(), st.integers(0, 4).map(lambda x: x / 4)),
                   st.one_of(st.none(), st.booleans()))  # fmt: skip


@hypothesis_settings(max_examples=8, deadline=None)
@given(
    rows=st.lists(st.tuples(answer, answer, answer), min_size=1, max_size=8),
    policy=st.sampled_from(["drop", "zero", "half", "worst"]),
)
def test_whatever_the_answers_every_missing_figure_has_a_reason(rows, policy):
    names = [("start", 1), ("new", 1), ("new", 2)]
    found: dict = {}
    for at, (name, seed) in enumerate(names):
        sure, right = zip(*(row[at] for row in rows), strict=True)
        found.setdefault(name, {})[seed] = predictions(name, seed, sure, right)
    settings = wanted("start", "new", missing_confidence=policy, replicates=100)
    for entry in figures(compare(found, settings)):
        if entry["value"] is None:
            assert entry["undefined"]
        else:
            assert math.isfinite(entry["value"])


def figures(node):
    if isinstance(node, dict):
        if "undefined" in node:
            yield node
        else:
            for child in node.values():
                yield from figures(child)
    elif isinstance(node, list):
        for child in node:
            yield from figures(child)
