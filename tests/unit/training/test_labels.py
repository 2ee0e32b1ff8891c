"""Labels: what graders say, and the same with the errors of a judge drawn on top."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from calibrant.grading.verdict import Grade
from calibrant.rewards.bandit_settings import LabelNoise
from calibrant.rewards.settings import Reward
from calibrant.rows import Question
from calibrant.training.labels import Answered, Labels, SimulatedJudge, graded_labels
from calibrant.training.scorer import Scorer

NUMBER = 20_000


def question(number: int) -> Question:
    return Question(f"q/{number}", "q", "d", "train", "yes_no", f"Question {number}?", ("yes",))


def answered(number: int, correct: bool | None, answer: str = "yes") -> Answered:
    grade = Grade.ungraded("ambiguous", "yes_no")
    return Answered(
        question(number), answer, grade if correct is None else Grade.decided(correct, "yes_no")
    )


def answers(number: int, right: float, seed: int = 0) -> list[Answered]:
    correct = np.random.default_rng(seed).random(number) < right
    return [answered(at, bool(value)) for at, value in enumerate(correct)]


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.9, 0.7), (0.6, 0.95), (1.0, 0.5)])
def test_errors_come_as_often_as_sensitivity_and_specificity_say(
    sensitivity: float, specificity: float
) -> None:
    noise = LabelNoise(sensitivity=sensitivity, specificity=specificity)
    found = SimulatedJudge(noise, 3)(answers(NUMBER, 0.4))
    for truth, share in ((1.0, sensitivity), (0.0, 1 - specificity)):
        said = found.label[found.correct == truth]
        assert set(said) <= {0.0, 1.0}
        assert binomtest(int(said.sum()), len(said), share).pvalue > 1e-3


def test_a_judge_without_errors_says_what_is_right() -> None:
    found = SimulatedJudge(LabelNoise(), 3)(answers(500, 0.4))
    np.testing.assert_array_equal(found.label, found.correct)


def test_the_errors_leave_what_is_right_as_it_is_for_figures() -> None:
    rows = answers(500, 0.4)
    found = SimulatedJudge(LabelNoise(sensitivity=0.6, specificity=0.6), 3)(rows)
    np.testing.assert_array_equal(found.correct, graded_labels(rows).correct)
    assert not found.judged.any()


def test_the_same_answer_gets_the_same_verdict_in_every_round() -> None:
    noise = LabelNoise(sensitivity=0.7, specificity=0.7)
    rows = answers(400, 0.5)
    first = SimulatedJudge(noise, 3)(rows).label
    judge = SimulatedJudge(noise, 3)
    np.testing.assert_array_equal(judge(rows[::-1]).label[::-1], first)
    np.testing.assert_array_equal(judge(rows).label, first)
    np.testing.assert_array_equal([judge([row]).label[0] for row in rows[:20]], first[:20])


def test_another_seed_and_another_answer_get_another_verdict() -> None:
    noise = LabelNoise(sensitivity=0.5, specificity=0.5)
    rows = [answered(at, True) for at in range(400)]
    reworded = [answered(at, True, "Yes, it is") for at in range(400)]
    first = SimulatedJudge(noise, 3)(rows).label
    for other in (SimulatedJudge(noise, 4)(rows), SimulatedJudge(noise, 3)(reworded)):
        # Independent fair coins agree half of the time.
        assert binomtest(int((other.label == first).sum()), 400).pvalue > 1e-3


@pytest.mark.parametrize("right", [0.1, 0.5, 0.8])
def test_corrected_labels_have_the_true_rate_as_their_mean(right: float) -> None:
    noise = LabelNoise(sensitivity=0.85, specificity=0.65, corrected=True)
    found = SimulatedJudge(noise, 5)(answers(NUMBER, right))
    error = found.label.std() / np.sqrt(NUMBER)
    assert abs(found.label.mean() - found.correct.mean()) < 4 * error
    # (0 - 0.35) / 0.5 and (1 - 0.35) / 0.5.
    assert sorted(set(found.label)) == pytest.approx([-0.7, 1.3])


@pytest.mark.parametrize("corrected", [False, True])
def test_what_nobody_can_grade_stays_without_a_label(corrected: bool) -> None:
    noise = LabelNoise(sensitivity=0.8, specificity=0.8, corrected=corrected)
    rows = [answered(0, True), answered(1, None), answered(2, False)]
    rows.append(Answered(question(3), None, Grade.ungraded("no_answer", "yes_no")))
    found = SimulatedJudge(noise, 3)(rows)
    expected = [False, True, False, True]
    assert np.isnan(found.label).tolist() == expected
    assert np.isnan(found.correct).tolist() == expected


def test_grades_are_labels_as_they_are() -> None:
    rows = [answered(0, True), answered(1, False), answered(2, None)]
    found = graded_labels(rows)
    np.testing.assert_array_equal(found.correct, [1, 0, np.nan])
    np.testing.assert_array_equal(found.label, [1, 0, np.nan])
    assert found.judged.tolist() == [False] * 3
    assert found.label is not found.correct
    assert graded_labels([]).label.shape == (0,)


def rewards(truths: Sequence[bool], confidence: int, labels: Labels) -> np.ndarray:
    """Return RLCR's rewards of completions that state one confidence (percent)."""
    texts = [
        f"<answer>{'yes' if right else 'no'}</answer><confidence>{confidence}</confidence>"
        for right in truths
    ]
    number = len(texts)
    rows = [question(at) for at in range(number)]
    scorer = Scorer(rows, Reward(), "percent", labels)
    return scorer.score(range(number), texts, [9] * number, [False] * number).total


@hypothesis_settings(max_examples=12, deadline=None)
@given(
    right=st.floats(0.05, 0.95),
    sensitivity=st.floats(0.6, 1.0),
    specificity=st.floats(0.6, 1.0),
    confidence=st.integers(0, 100),
    seed=st.integers(0, 2**31),
)
def test_corrected_labels_keep_the_expected_reward(
    right: float, sensitivity: float, specificity: float, confidence: int, seed: int
) -> None:
    noise = LabelNoise(sensitivity=sensitivity, specificity=specificity, corrected=True)
    truths = (np.random.default_rng(seed).random(600) < right).tolist()
    true = rewards(truths, confidence, graded_labels)
    noisy = rewards(truths, confidence, SimulatedJudge(noise, seed))
    difference = noisy - true
    # A verdict that is hardly ever wrong may not have been wrong once, and then shows no spread.
    rarest = 1 / len(truths)
    spread = max(difference.std(), np.sqrt(rarest) / (sensitivity + specificity - 1) * 2)
    assert abs(difference.mean()) < 5 * spread / np.sqrt(len(truths))


def test_uncorrected_labels_change_the_expected_reward() -> None:
    truths = [True] * 1500
    noise = LabelNoise(sensitivity=0.8, specificity=0.8)
    true = rewards(truths, 90, graded_labels)
    noisy = rewards(truths, 90, SimulatedJudge(noise, 1))
    # With label 0 a reward of 1 - 0.01 becomes -0.81, for a fifth of the answers.
    assert (noisy - true).mean() == pytest.approx(-0.2 * 1.8, abs=0.08)
