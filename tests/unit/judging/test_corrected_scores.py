"""Scores corrected for a judge: by hand, without bias, with the coverage stated, never worse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.judging.agreement_figures import Resampling
from calibrant.judging.corrected_scores import corrected_scores, resampled_scores, score_losses
from calibrant.judging.judged_answers import judged_answers
from calibrant.judging.prediction_powered import PairedLosses, powered_means, tuned_weights
from calibrant.measures.replicates import Execution

Z95 = 1.959964


def made_up(n=1000, m=200, *, sensitivity=0.9, specificity=0.8, seed=0, per_question=1):
    rng = np.random.default_rng(seed)
    p = np.repeat(rng.beta(4, 2, n // per_question), per_question)
    confidence = np.round(np.clip(p + 0.1, 0, 1), 2)
    right = rng.random(n) < p
    judge = rng.random(n) < np.where(right, sensitivity, 1 - specificity)
    human = np.full(n, np.nan)
    seen = rng.permutation(n)[:m]
    human[seen] = right[seen]
    return confidence, judge, human, np.arange(n) // per_question


def simulated(sensitivity, specificity, sets=2000):
    """Return powered means over ``sets`` data sets, one per column, of three losses, and truths."""
    rng, n, m = np.random.default_rng(3), 1000, 200
    p = rng.beta(4, 2, (n, sets))
    c = np.round(np.clip(p + 0.1, 0, 1), 2)
    right = (rng.random((n, sets)) < p).astype(float)
    judge = (rng.random((n, sets)) < np.where(right, sensitivity, 1 - specificity)).astype(float)
    labelled, question = np.arange(n) < m, np.arange(n)
    losses = {
        "accuracy": (lambda y: y, p),
        "brier": (lambda y: (c - y) ** 2, p * (1 - c) ** 2 + (1 - p) * c**2),
        "gap": (lambda y: c - y, c - p),
    }
    return {
        # The means of 2 million expected losses stand in for the truth; their error is negligible.
        name: (
            PairedLosses(of(right), of(1 - right), of(judge), labelled, question),
            expected.mean(),
        )
        for name, (of, expected) in losses.items()
    }


def test_worked_by_hand():
    # 40 labelled answers: 20 right, of which the judge passes 18, and 20 wrong, of which it passes
    # 4. It passes 36 of 60 others. Weight .5: .5 - .5 * 22/40 + .5 * 36/60 = .525.
    human = np.r_[np.ones(20), np.zeros(20), np.full(60, np.nan)]
    judge = np.r_[np.ones(18), np.zeros(2), np.ones(4), np.zeros(16), np.ones(36), np.zeros(24)]
    answers = judged_answers(np.full(100, 0.7), judge, human)
    found = powered_means(score_losses(answers), np.full((100, 3), 0.5))
    assert found.value[0] == pytest.approx(0.525)
    assert found.value[2] == pytest.approx(0.7 - 0.525)
    # (c - y)^2 = .49 - .4 y for c = .7
    assert found.value[1] == pytest.approx(0.49 - 0.4 * 0.525)
    scores = corrected_scores(answers)
    assert scores["accuracy"].judged == pytest.approx(0.58)
    assert scores["accuracy"].human.value == pytest.approx(0.5)
    # cov = 40/39 (.45 - .5 * .55), var = 100/99 .58 * .42, N / n = .6, less one answer at a time.
    weight = 40 / 39 * 0.175 / (100 / 99 * 0.2436) * 0.6
    assert scores["accuracy"].weight == pytest.approx(weight, abs=1e-3)
    assert scores["accuracy"].corrected.value == pytest.approx(
        0.5 - weight * 0.55 + weight * 0.6, abs=2e-3
    )


def test_weights_against_leaving_out_each_question_in_a_loop():
    answers = judged_answers(*made_up(n=120, m=60, per_question=3))
    losses = score_losses(answers)
    weights = tuned_weights(losses)
    spread = losses.predicted.var(axis=0, ddof=1)
    for row in (0, 17, 119):
        kept = losses.labelled & (losses.cluster != losses.cluster[row])
        for column in range(3):
            joint = np.cov(losses.truth[kept, column], losses.predicted[kept, column])[0, 1]
            expected = np.clip(joint / spread[column] * 60 / 120, 0, 1)
            assert weights[row, column] == pytest.approx(expected)


def test_the_delta_variance_against_simulation():
    losses, _ = simulated(0.9, 0.8)["brier"]
    found = powered_means(losses)
    assert found.standard_error.mean() == pytest.approx(found.value.std(), rel=0.06)


@pytest.mark.parametrize(
    ("sensitivity", "specificity"), [(0.98, 0.95), (0.9, 0.8), (0.7, 0.9), (0.5, 0.5)]
)
def test_unbiased_with_the_coverage_stated(sensitivity, specificity):
    for name, (losses, truth) in simulated(sensitivity, specificity).items():
        found = powered_means(losses)
        # The mean of 2,000 sets has a standard error of 1 / 45 of that of a set.
        assert abs(found.value.mean() - truth) < 4 * found.value.std() / np.sqrt(2000), name
        covered = np.mean(np.abs(found.centre - truth) <= Z95 * found.standard_error)
        assert 0.93 <= covered <= 0.97, name


def test_a_weight_that_saw_the_errors_would_be_biased():
    losses, truth = simulated(0.98, 0.98)["brier"]
    seen, said = losses.labelled, losses.predicted
    known = losses.truth[seen] - losses.truth[seen].mean(axis=0)
    joint = (known * (said[seen] - said[seen].mean(axis=0))).sum(axis=0) / 199
    naive = powered_means(
        losses, np.ones((1000, 1)) * np.clip(joint / said.var(axis=0) * 0.8, 0, 1)
    )
    error = naive.value.std() / np.sqrt(2000)
    assert abs(naive.value.mean() - truth) > 4 * error
    assert abs(powered_means(losses).value.mean() - truth) < 4 * error


def test_a_good_judge_shortens_the_interval_and_a_useless_one_leaves_it():
    for (sensitivity, specificity), most in (((0.98, 0.95), 0.7), ((0.9, 0.8), 0.9)):
        for losses, _ in simulated(sensitivity, specificity, sets=500).values():
            ratio = powered_means(losses).standard_error / _human(losses).standard_error
            assert ratio.mean() < most
    for losses, _ in simulated(0.5, 0.5, sets=500).values():
        ratio = powered_means(losses).standard_error / _human(losses).standard_error
        assert ratio.max() < 1.03


def _human(losses):
    return powered_means(losses, np.zeros(losses.predicted.shape))


def test_without_an_error_seen_the_interval_is_not_a_point():
    confidence, judge, human, _ = made_up(sensitivity=1, specificity=1)
    found = corrected_scores(judged_answers(confidence, judge, human))["accuracy"].corrected
    alone = corrected_scores(judged_answers(confidence, judge, human))["accuracy"].human
    assert 0.2 < (found.high - found.low) / (alone.high - alone.low) < 0.6


def test_all_answers_labelled_is_the_plain_score():
    confidence, judge, human, _ = made_up(n=200, m=200)
    scores = corrected_scores(judged_answers(confidence, judge, human))
    assert scores["accuracy"].corrected.value == pytest.approx(human.mean())
    assert scores["brier"].corrected.value == pytest.approx(((confidence - human) ** 2).mean())
    assert scores["gap"].corrected.value == pytest.approx((confidence - human).mean())
    assert scores["brier"].weight == 0


@pytest.mark.parametrize("per_question", [1, 5])
def test_both_intervals_agree(per_question):
    answers = judged_answers(*made_up(n=2000, m=600, per_question=per_question))
    delta = corrected_scores(answers)
    drawn = resampled_scores(answers, Resampling(seed=2), Execution(threads=1))
    for name, score in delta.items():
        for one, other in (
            (score.corrected, drawn[name].corrected),
            (score.human, drawn[name].human),
        ):
            assert other.value == one.value
            width = one.high - one.low
            assert other.high - other.low == pytest.approx(width, rel=0.15)
            assert other.low == pytest.approx(one.low, abs=0.12 * width)


def test_answers_alike_within_a_question_widen_the_interval():
    confidence, judge, human, _ = made_up(n=400, m=400)
    human[200:] = np.nan
    repeated = [np.repeat(column, 4) for column in (confidence, judge, human, np.arange(400))]
    once = corrected_scores(judged_answers(confidence, judge, human))["brier"].corrected
    clustered = corrected_scores(judged_answers(*repeated))["brier"].corrected
    naive = corrected_scores(judged_answers(*repeated[:3]))["brier"].corrected
    assert clustered.high - clustered.low == pytest.approx(once.high - once.low, rel=0.06)
    assert (clustered.high - clustered.low) / (naive.high - naive.low) == pytest.approx(2, rel=0.06)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.floats(0, 1), st.floats(0, 1), st.integers(30, 100))
def test_intervals_are_in_range_whatever_the_judge(seed, sensitivity, specificity, m):
    answers = judged_answers(
        *made_up(100, m, sensitivity=sensitivity, specificity=specificity, seed=seed)
    )
    for name, score in corrected_scores(answers).items():
        for estimate in (score.corrected, score.human):
            assert (-1 if name == "gap" else 0) <= estimate.low <= estimate.high <= 1
        assert 0 <= score.weight <= 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"human": [1.0, 0.0] * 10 + [np.nan] * 80}, "people judged 20 answers"),
        ({"cluster": np.zeros(100)}, "people judged 60 answers"),
        ({"human": np.full(100, 0.5)}, "neither right"),
        ({"judge": np.full(100, np.nan)}, "neither right"),
        ({"confidence": np.full(100, np.nan)}, "not a probability"),
        ({"confidence": np.full(99, 0.5)}, "beside 100 verdicts"),
    ],
)
def test_what_cannot_be_corrected_is_refused(change, message):
    columns = dict(zip(("confidence", "judge", "human"), made_up(100, 60)[:3], strict=True))
    with pytest.raises(CalibrantError, match=message):
        judged_answers(**{**columns, **change})
