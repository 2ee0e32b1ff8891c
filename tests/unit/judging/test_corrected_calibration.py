"""The reliability diagram and ECE corrected for a judge."""

import numpy as np
import pytest

from calibrant.errors import CalibrantError
from calibrant.judging.corrected_calibration import corrected_ece, corrected_reliability
from calibrant.judging.judged_answers import judged_answers
from calibrant.judging.noisy_sum import denoised_sum
from calibrant.measures.calibration import ece
from calibrant.measures.sample import scored_sample
from calibrant.measures.weighting import tie_groups, unweighted


def made_up(rng, n, m, shift, errors=(0.9, 0.85)):
    sensitivity, specificity = errors
    p = rng.choice([0.25, 0.45, 0.65, 0.85], n)
    right = rng.random(n) < p
    judge = rng.random(n) < np.where(right, sensitivity, 1 - specificity)
    human = np.full(n, np.nan)
    seen = rng.permutation(n)[:m]
    human[seen] = right[seen]
    return judged_answers(p + shift, judge, human), right


def test_a_bin_worked_by_hand():
    # 100 labelled: sensitivity .9 on 60 right, specificity .8 on 40 wrong. In the upper bin the
    # judge passes 39 of 60 others: (.65 + .8 - 1) / .7 = .642857; in the lower 18 of 60: .142857.
    human = np.r_[np.ones(60), np.zeros(40), np.full(120, np.nan)]
    judge = np.r_[np.ones(54), np.zeros(6), np.ones(8), np.zeros(32)]
    judge = np.r_[judge, np.ones(39), np.zeros(21), np.ones(18), np.zeros(42)]
    confidence = np.r_[np.full(100, 0.9), np.full(60, 0.9), np.full(60, 0.1)]
    lower, upper = corrected_reliability(judged_answers(confidence, judge, human), 2, least=1000)
    assert (lower.low, lower.high, lower.answers) == (0, 0.5, 60)
    assert lower.mean_confidence == pytest.approx(0.1)
    assert lower.judged == pytest.approx(18 / 60)
    assert lower.corrected.value == pytest.approx(0.1 / 0.7)
    assert upper.corrected.value == pytest.approx(0.45 / 0.7)
    assert (lower.errors_from, upper.errors_from) == ("all", "all")


def test_a_bin_with_enough_labels_is_corrected_with_its_own_errors():
    rng = np.random.default_rng(0)
    answers, _ = made_up(rng, 4000, 1000, 0.0)
    assert {it.errors_from for it in corrected_reliability(answers, 4)} == {"bin"}
    assert {it.errors_from for it in corrected_reliability(answers, 4, least=10**4)} == {"all"}


def test_a_bin_that_people_judged_wholly_has_no_corrected_share():
    answers, _ = made_up(np.random.default_rng(0), 200, 200, 0.0)
    assert corrected_reliability(answers, 4)[0].corrected.reason.startswith("people judged every")


def test_a_judge_no_better_than_chance_is_refused():
    answers, _ = made_up(np.random.default_rng(0), 2000, 400, 0.0, (0.3, 0.3))
    with pytest.raises(CalibrantError, match="cannot be corrected"):
        corrected_reliability(answers, 4)
    human = np.r_[np.ones(50), np.full(50, np.nan)]
    with pytest.raises(CalibrantError, match="or none wrong"):
        corrected_reliability(judged_answers(np.full(100, 0.5), np.ones(100), human), 4)


def test_every_bin_is_covered_as_often_as_stated():
    rng = np.random.default_rng(5)
    covered, values = [], []
    for _ in range(500):
        answers, _ = made_up(rng, 1000, 200, 0.0)
        bins = corrected_reliability(answers, 5)
        covered += [it.corrected.low <= it.mean_confidence <= it.corrected.high for it in bins]
        values.append([it.corrected.value for it in bins])
    # 2,000 bins, four to a data set with the same errors of the judge.
    assert 0.93 <= np.mean(covered) <= 0.975
    np.testing.assert_allclose(np.mean(values, axis=0), [0.25, 0.45, 0.65, 0.85], atol=0.015)


def test_a_perfect_judge_and_many_labels_give_the_plain_ece():
    answers, right = made_up(np.random.default_rng(1), 40_000, 20_000, 0.1, (1.0, 1.0))
    found = corrected_ece(answers, 10, seed=1)
    plain = ece(unweighted(tie_groups(scored_sample(answers.confidence, right))), 10)[0]
    assert found.judged == pytest.approx(plain)
    assert found.value == pytest.approx(plain, abs=0.004)
    assert found.low < plain < found.high


@pytest.mark.parametrize("shift", [0.0, 0.05, 0.12])
def test_ece_is_covered_and_freed_of_noise(shift):
    rng = np.random.default_rng(7)
    found = [corrected_ece(made_up(rng, 1000, 200, shift)[0], 10, seed=1) for _ in range(500)]
    covered = np.mean([it.low <= shift <= it.high for it in found])
    # 500 sets leave a standard error of a point.
    assert 0.92 <= covered <= 0.995
    corrected, plain = (np.mean([getattr(it, name) for it in found]) for name in ("value", "plain"))
    # Half of the noise stays where there is nothing else, and little where there is much.
    assert corrected - shift < 0.7 * (plain - shift)
    assert corrected == pytest.approx(shift, abs=0.025 if shift == 0 else 0.008)


def test_a_sum_without_noise_is_itself():
    found = denoised_sum(np.array([0.1, -0.2]), np.zeros((2, 2)), level=0.95, seed=0)
    assert (found.value, found.low, found.high) == pytest.approx((0.3, 0.3, 0.3))
    assert (found.plain, found.floor) == pytest.approx((0.3, 0))


def test_one_quantity_far_from_0_has_the_normal_interval():
    found = denoised_sum(np.array([-3.0]), np.array([[0.25]]), level=0.95, seed=0)
    assert (found.value, found.low, found.high) == pytest.approx((3, 2.02, 3.98), abs=0.05)
    assert found.floor == pytest.approx(0.5 * np.sqrt(2 / np.pi), rel=0.05)


def test_a_sum_below_the_floor_is_nothing():
    found = denoised_sum(np.full(10, 0.01), 0.01 * np.eye(10), level=0.95, seed=0)
    assert (found.value, found.low) == (0, 0)
    assert 0 < found.high < found.floor
