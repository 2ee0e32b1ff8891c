"""Completions are worth in training what the reward says of what evaluation reads in them."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from calibrant.rewards.reward import reward
from calibrant.rewards.settings import Reward
from calibrant.rows import Question
from calibrant.training.scorer import Scored, Scorer

YES = Question("q/1", "q", "d", "train", "yes_no", "Will tomorrow be wet?", ("yes",))
OPEN = dataclasses.replace(YES, question_id="q/2", answer_type="open")


def said(answer: str, confidence: str) -> str:
    return f"<answer>{answer}</answer><confidence>{confidence}</confidence>"


# Question, text, cut at the limit, then what a reader finds: readable, right, confidence.
NAN = float("nan")
CASES: dict[str, tuple[int, str, bool, bool, float, float]] = {
    "right": (0, said("yes", "80"), False, True, 1, 0.8),
    "wrong": (0, said("no", "80"), False, True, 0, 0.8),
    "certainly wrong": (0, said("no", "100"), False, True, 0, 1.0),
    "right at zero": (0, said("yes", "0"), False, True, 1, 0.0),
    "nothing": (0, "", False, False, NAN, NAN),
    "no tags": (0, "yes, 80", False, False, NAN, NAN),
    "no confidence": (0, "<answer>yes</answer>", False, False, 1, NAN),
    "empty confidence": (0, said("yes", ""), False, False, 1, NAN),
    "unclosed": (0, "<answer>yes</answer><confidence>80", False, False, 1, NAN),
    "not a number": (0, said("yes", "high"), False, False, 1, NAN),
    "nan": (0, said("yes", "nan"), False, False, 1, NAN),
    "infinite": (0, said("yes", "inf"), False, False, 1, NAN),
    "above the range": (0, said("yes", "101"), False, False, 1, NAN),
    "below the range": (0, said("yes", "-1"), False, False, 1, NAN),
    "two confidences": (
        0, said("yes", "80") + "<confidence>20</confidence>", False, False, 1, NAN
    ),
    "two answers": (0, said("yes", "80") + said("no", "80"), False, False, NAN, NAN),
    "truncated answer": (0, "<answer>ye", True, False, NAN, NAN),
    "truncated confidence": (0, "<answer>yes</answer><confidence>8", True, False, 1, NAN),
    "cut after the statement": (0, said("yes", "80") + " and", True, False, 1, 0.8),
    "ungraded": (1, said("yes", "80"), False, False, NAN, 0.8),
}  # fmt: skip
REWARDS: dict[str, dict[str, Any]] = {
    "rlcr": {},
    "rlvr": {"score": {"rule": "none"}},
    "log": {"score": {"rule": "log"}, "weight": 0.5},
    "power": {"score": {"rule": "power", "k": 3.0}, "correctness": 0.0},
    "threshold": {"score": {"rule": "threshold", "t": 0.75}},
    "article": {"score": {"rule": "article"}},
    "lengthy": {"format": {"malformed_penalty": 2.0, "length_cost": 0.5, "length_limit": 20}},
}


def scorer(settings: dict[str, Any]) -> Scorer:
    return Scorer([YES, OPEN], Reward(**settings), "percent")


def score_all(settings: dict[str, Any]) -> Scored:
    rows, texts, cut, *_ = zip(*CASES.values(), strict=True)
    return scorer(settings).score(rows, texts, [len(text) for text in texts], cut)


def test_completions_are_read_and_graded() -> None:
    scored = score_all({})
    *_, readable, right, confidence = zip(*CASES.values(), strict=True)
    assert dict(zip(CASES, scored.readable, strict=True)) == dict(zip(CASES, readable, strict=True))
    np.testing.assert_array_equal(scored.correct, right)
    np.testing.assert_array_equal(scored.confidence, confidence)
    np.testing.assert_array_equal(scored.truncated, [case[2] for case in CASES.values()])
    np.testing.assert_array_equal(scored.tokens, [len(case[1]) for case in CASES.values()])


@pytest.mark.parametrize("settings", REWARDS.values(), ids=REWARDS)
def test_the_total_is_the_reward(settings: dict[str, Any]) -> None:
    _, texts, _, readable, right, confidence = zip(*CASES.values(), strict=True)
    expected = reward(
        np.nan_to_num(right), confidence, readable, Reward(**settings),
        tokens=[len(text) for text in texts],
    )  # fmt: skip
    np.testing.assert_array_equal(score_all(settings).total, expected)
    assert np.isfinite(expected).all()


def test_worked_rewards() -> None:
    """RLCR earns y - (c - y)^2, and what cannot be read or graded, or was cut, costs 1."""
    totals = dict(zip(CASES, score_all({}).total, strict=True))
    worth = {
        "right": 0.96, "wrong": -0.64, "certainly wrong": -1.0, "right at zero": 0.0,
    }  # fmt: skip
    assert totals == pytest.approx({name: worth.get(name, -1.0) for name in CASES})


def test_writing_on_after_a_statement_until_the_limit_does_not_pay() -> None:
    text = said("yes", "80")
    scored = scorer({}).score([0, 0], [text, text], [9, 16], [False, True])
    assert scored.total.tolist() == pytest.approx([0.96, -1.0])


def test_each_completion_answers_the_question_of_its_row() -> None:
    no = dataclasses.replace(YES, references=("no",))
    texts = [said("yes", "60")] * 3
    scored = Scorer([YES, no], Reward(), "percent").score([1, 0, 1], texts, [1] * 3, [False] * 3)
    assert scored.correct.tolist() == [0, 1, 0]


def test_the_scale_decides_what_a_number_means() -> None:
    for scale, expected in (("percent", 0.01), ("unit", 1.0), ("digit", 1 / 9)):
        scored = Scorer([YES], Reward(), scale).score([0], [said("yes", "1")], [1], [False])
        assert scored.confidence[0] == expected


@pytest.mark.parametrize("settings", REWARDS.values(), ids=REWARDS)
def test_the_level_that_was_stated_is_worth_what_was_got(settings: dict[str, Any]) -> None:
    scored = score_all(settings)
    levels = np.arange(101) / 100
    stated, unread = scorer(settings).level_rewards(scored, levels.tolist())
    assert stated.shape == (len(CASES), 101)
    assert unread.shape == (len(CASES),)
    for row in range(len(CASES)):
        if scored.readable[row]:
            level = int(np.argmin(abs(levels - scored.confidence[row])))
            assert stated[row, level] == pytest.approx(scored.total[row], abs=1e-12)
        else:
            assert unread[row] == scored.total[row]


def test_worked_level_rewards() -> None:
    scored = scorer({}).score([0, 0], [said("yes", "80"), said("no", "80")], [3, 3], [False] * 2)
    stated, unread = scorer({}).level_rewards(scored, [0.0, 0.5, 1.0])
    np.testing.assert_allclose(stated, [[0, 0.75, 1], [0, -0.25, -1]])
    assert unread.tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("settings", "looks"),
    [
        ({}, True),
        ({"weight": 0.0}, False),
        ({"score": {"rule": "none"}}, False),
        ({"score": {"rule": "none"}, "weight": 0.0}, False),
        ({"score": {"rule": "threshold"}}, True),
        ({"correctness": 0.0}, True),
    ],
)
def test_whether_the_reward_looks_at_the_confidence(settings: dict[str, Any], looks: bool) -> None:
    assert scorer(settings).looks_at_confidence is looks
