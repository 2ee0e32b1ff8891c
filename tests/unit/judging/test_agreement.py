"""Agreement with people: exact tables, scikit-learn's kappa, hand-worked AC1, honest intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score, recall_score

from calibrant.errors import CalibrantError
from calibrant.files import canonical_json
from calibrant.judging.agreement import agreement, agreement_by
from calibrant.judging.agreement_figures import Resampling, effective_number, figures
from calibrant.judging.paired_verdicts import confidence_bands, paired_verdicts
from calibrant.measures.wilson import wilson_interval

QUICK = Resampling(seed=1, replicates=200)
SHARES = ("accuracy", "sensitivity", "specificity", "prevalence")


def rows_of(tp, fp, fn, tn):
    human = [1] * tp + [0] * fp + [1] * fn + [0] * tn
    judge = [1] * tp + [1] * fp + [0] * fn + [0] * tn
    return human, judge


def made_up(n=400, questions=100, seed=0, sensitivity=0.85, specificity=0.75):
    generator = np.random.default_rng(seed)
    human = generator.random(n) < 0.6
    judge = generator.random(n) < np.where(human, sensitivity, 1 - specificity)
    return human, judge, generator.integers(0, questions, n)


def ends(estimate):
    return estimate.low, estimate.high


def test_the_table_and_its_figures_by_hand():
    found = agreement(paired_verdicts(*rows_of(40, 10, 20, 30)), QUICK)
    assert found.confusion == {
        "true_positive": 40, "false_positive": 10, "false_negative": 20, "true_negative": 30,
    }  # fmt: skip
    assert (found.rows, found.questions, found.right, found.wrong) == (100, 100, 60, 40)
    # Chance agreement of kappa: .6 * .5 + .4 * .5 = .5; of AC1: 2 * .55 * .45 = .495.
    by_hand = {
        "accuracy": 0.7, "kappa": 0.4, "ac1": 0.205 / 0.505, "sensitivity": 2 / 3,
        "specificity": 0.75, "balanced_accuracy": 17 / 24, "prevalence": 0.6, "youden": 5 / 12,
    }  # fmt: skip
    for name, value in by_hand.items():
        estimate = getattr(found, name)
        assert estimate.value == pytest.approx(value), name
        assert estimate.low < value < estimate.high, name


def test_ac1_stays_high_where_kappa_collapses():
    found = agreement(paired_verdicts(*rows_of(118, 5, 2, 0)), QUICK)
    # 118 of 125 agree. Kappa's chance is .984 * .96 + .016 * .04 = .94528, AC1's 2 * .972 * .028.
    assert found.kappa.value == pytest.approx(-0.02339, abs=1e-5)
    assert found.ac1.value == pytest.approx(0.94078, abs=1e-5)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.booleans(), st.booleans(), st.floats(0.1, 10)), min_size=2, max_size=60
    ).filter(lambda rows: len({row[0] for row in rows}) == 2)
)
def test_figures_are_those_of_scikit_learn(rows):
    human, judge, weight = map(np.array, zip(*rows, strict=True))
    tables = paired_verdicts(human, judge, weight=weight).tables()
    found = {name: x[0] for name, x in figures(tables.sum(axis=0, keepdims=True)).items()}
    oracles = {
        "kappa": cohen_kappa_score(human, judge, sample_weight=weight),
        "balanced_accuracy": balanced_accuracy_score(human, judge, sample_weight=weight),
        "sensitivity": recall_score(human, judge, sample_weight=weight),
        "specificity": recall_score(human, judge, sample_weight=weight, pos_label=0),
    }
    for name, value in oracles.items():
        assert found[name] == pytest.approx(value, abs=1e-9), name


def test_with_one_answer_per_question_shares_have_about_wilsons_interval():
    human, judge, _ = made_up(n=1000)
    found = agreement(paired_verdicts(human, judge), Resampling(seed=3, replicates=2000))
    for name, n in zip(SHARES, (1000, human.sum(), (~human).sum(), 1000), strict=True):
        estimate = getattr(found, name)
        assert ends(estimate) == pytest.approx(
            wilson_interval(estimate.value * n, n, 0.95), abs=0.006
        )
        assert estimate.worth == pytest.approx(n, rel=0.01)


def test_repeating_every_answer_adds_no_certainty_within_its_question_and_some_without():
    human, judge, _ = made_up(n=300)
    once = agreement(paired_verdicts(human, judge), QUICK)
    human, judge, question = (np.repeat(x, 5) for x in (human, judge, np.arange(300)))
    within = agreement(paired_verdicts(human, judge, question), QUICK)
    without = agreement(paired_verdicts(human, judge), QUICK)
    for name in ("kappa", "ac1", "balanced_accuracy", *SHARES):
        a, b, c = (getattr(found, name) for found in (once, within, without))
        assert ends(b) == pytest.approx(ends(a), abs=1e-12), name
        assert c.high - c.low < 0.6 * (a.high - a.low), name
    assert within.sensitivity.worth == pytest.approx(once.sensitivity.worth)


def test_a_whole_weight_is_that_many_equal_answers_to_the_question():
    human, judge, question = made_up(n=200, questions=50)
    weight = np.random.default_rng(5).integers(1, 4, 200)
    weighed = agreement(paired_verdicts(human, judge, question, weight), QUICK)
    repeated = agreement(
        paired_verdicts(*(np.repeat(x, weight) for x in (human, judge, question))), QUICK
    )
    assert weighed.confusion == repeated.confusion
    for name in ("kappa", "ac1", *SHARES):
        a, b = getattr(weighed, name), getattr(repeated, name)
        assert (a.value, *ends(a)) == pytest.approx((b.value, *ends(b)), abs=1e-12)


def test_intervals_hold_the_truth_as_often_as_they_say_with_alike_answers_to_a_question():
    generator, held, held_if_independent = np.random.default_rng(8), [], []
    for seed in range(300):
        # The judge is right on 85 % of right answers on average; questions differ: beta(1.7, .3).
        share = np.repeat(generator.beta(1.7, 0.3, 80), 8)
        judge = generator.random(640) < share
        clustered = agreement(
            paired_verdicts(np.ones(640), judge, np.repeat(np.arange(80), 8)),
            Resampling(seed=seed, replicates=150),
        ).sensitivity
        low, high = wilson_interval(judge.sum(), 640, 0.95)
        held.append(clustered.low <= 0.85 <= clustered.high)
        held_if_independent.append(low <= 0.85 <= high)
    assert 0.90 <= np.mean(held) <= 0.98
    assert np.mean(held_if_independent) < 0.8


def test_the_seed_alone_decides_the_intervals():
    verdicts = paired_verdicts(*made_up())
    assert agreement(verdicts, QUICK) == agreement(verdicts, QUICK)
    other = agreement(verdicts, Resampling(seed=2, replicates=200))
    assert ends(other.kappa) != ends(agreement(verdicts, QUICK).kappa)


@pytest.mark.parametrize("right", [0, 1])
def test_without_both_classes_there_is_no_kappa_and_a_reason(right):
    found = agreement(paired_verdicts([right] * 50, [1, 0] * 25), QUICK)
    undefined = "specificity" if right else "sensitivity"
    for name in ("kappa", "balanced_accuracy", "youden", undefined):
        estimate = getattr(found, name)
        assert (estimate.value, *ends(estimate)) == (None, None, None)
        assert "every answer" in estimate.reason
    assert found.accuracy.value == 0.5
    # p = 1 or 0, q = .5: AC1's chance is 2 * .75 * .25.
    assert found.ac1.value == pytest.approx((0.5 - 0.375) / 0.625)
    assert ends(found.prevalence) == pytest.approx(wilson_interval(50 * right, 50, 0.95))


def test_a_judge_that_always_says_right_has_kappa_zero_and_no_interval_of_it():
    found = agreement(paired_verdicts(*rows_of(30, 20, 0, 0)), QUICK)
    assert found.kappa.value == pytest.approx(0)
    assert ends(found.kappa) == (None, None) and "no spread" in found.kappa.reason
    assert ends(found.sensitivity) == pytest.approx(wilson_interval(30, 30, 0.95))
    assert found.youden.low < 0 < found.youden.high


def test_a_judge_without_an_error_in_the_sample_is_not_surely_perfect():
    found = agreement(paired_verdicts(*rows_of(30, 0, 0, 20)), QUICK)
    assert ends(found.sensitivity) == pytest.approx(wilson_interval(30, 30, 0.95))
    assert ends(found.specificity) == pytest.approx(wilson_interval(20, 20, 0.95))
    below = np.hypot(1 - found.sensitivity.low, 1 - found.specificity.low)
    assert ends(found.youden) == pytest.approx((1 - below, 1))
    # Kappa's chance: .6 * .6 + .4 * .4 = .52.
    low = wilson_interval(50, 50, 0.95)[0]
    assert (found.kappa.value, *ends(found.kappa)) == pytest.approx((1, (low - 0.52) / 0.48, 1))


def test_a_single_question_is_worth_one_answer():
    human, judge = rows_of(40, 10, 20, 30)
    found = agreement(paired_verdicts(human, judge, ["q"] * 100), QUICK)
    assert found.accuracy.worth == pytest.approx(1)
    assert found.accuracy.high - found.accuracy.low > 0.8
    assert found.youden.low < 0


def test_what_clustered_answers_are_worth():
    ones = np.ones(10)
    hits = np.array([1.0] * 4 + [0.0] * 6)
    assert effective_number(hits, ones, most=10) == pytest.approx(9)
    assert effective_number(5 * hits, 5 * ones, most=50) == pytest.approx(9)
    assert effective_number(ones, ones, most=10) == 10
    assert effective_number(np.array([4.0, 1, 1]), np.array([4.0, 1, 1]), most=6) == 2
    # Questions that all have the same share show no spread between them: as if all alike.
    assert effective_number(ones, 2 * ones, most=20) == 10
    assert effective_number(np.zeros(3), np.zeros(3), most=3) == 0


def test_a_group_has_the_agreement_of_its_rows_and_a_small_one_none():
    human, judge, question = made_up(n=300, questions=300)
    group = np.array(["law"] * 200 + ["medicine"] * 80 + ["tax"] * 20)
    found = agreement_by(paired_verdicts(human, judge, question), group, QUICK, least=30)
    assert list(found) == ["*", "law", "medicine", "tax"]
    assert found["*"] == agreement(paired_verdicts(human, judge, question), QUICK)
    law = slice(0, 200)
    alone = agreement(paired_verdicts(human[law], judge[law], question[law]), QUICK)
    assert found["law"] == alone
    assert found["tax"].rows == sum(found["tax"].confusion.values()) == 20
    assert found["tax"].kappa.value is None and found["tax"].accuracy.value is None
    assert "fewer than 30" in found["tax"].kappa.reason


def test_a_group_is_as_large_as_it_has_questions():
    human, judge, _ = made_up(n=120)
    verdicts = paired_verdicts(human, judge, np.repeat(np.arange(12), 10))
    assert agreement_by(verdicts, ["a"] * 120, QUICK, least=13)["a"].accuracy.value is None
    assert agreement_by(verdicts, ["a"] * 120, QUICK, least=12)["a"].accuracy.value is not None


def test_bands_hold_their_lower_ends_and_the_last_one_both():
    bands = confidence_bands([0, 0.49, 0.5, 0.9, 1, np.nan], [0, 0.5, 0.9, 1])
    assert bands.tolist() == [
        "[0, 0.5)", "[0, 0.5)", "[0.5, 0.9)", "[0.9, 1]", "[0.9, 1]", "missing",
    ]  # fmt: skip
    assert confidence_bands([0.2, 1], [0, 1]).tolist() == ["[0, 1]", "[0, 1]"]


def test_json_holds_every_figure():
    found = agreement(paired_verdicts(*rows_of(30, 0, 5, 0)), QUICK).to_json()
    canonical_json(found)
    assert found["youden"]["value"] is None
    assert found["sensitivity"]["value"] == pytest.approx(30 / 35)


@pytest.mark.parametrize(
    ("make", "where"),
    [
        (lambda: paired_verdicts([], []), "human"),
        (lambda: paired_verdicts([1, 0], [1]), "judge"),
        (lambda: paired_verdicts([1, None], [1, 0]), "human, row 1"),
        (lambda: paired_verdicts([1, 0], [0.7, 0]), "judge, row 0"),
        (lambda: paired_verdicts([1, 0], [1, np.nan]), "judge, row 1"),
        (lambda: paired_verdicts([[1, 0]], [1, 0]), "human"),
        (lambda: paired_verdicts([1, 0], [1, 0], ["a"]), "cluster"),
        (lambda: paired_verdicts([1, 0], [1, 0], weight=[1, 0]), "weight"),
        (lambda: paired_verdicts([1, 0], [1, 0], weight=[1, np.nan]), "weight"),
        (lambda: agreement_by(paired_verdicts([1], [1]), ["a", "b"], QUICK), "groups"),
        (lambda: agreement_by(paired_verdicts([1], [1]), ["*"], QUICK), "groups"),
        (lambda: confidence_bands([0.5], [0, 0.5, 0.5]), "edges"),
        (lambda: confidence_bands([0.5, 1.2], [0, 1]), "confidence, row 1"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_place(make, where):
    with pytest.raises(CalibrantError) as error:
        make()
    assert error.value.where == where
