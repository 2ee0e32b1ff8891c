"""Rewards for form, worked by hand; that they agree with the reader is fuzzed with it."""

import pytest

from calibrant.elicitation.sentence_statements import parse_sentences
from calibrant.rewards.format import graded_format_reward, strict_format_reward

S, C = "<sentence>It rains.</sentence>", "<confidence>0.8</confidence>"


@pytest.mark.parametrize(
    ("text", "reason", "strict", "graded"),
    [
        (S + C, "stop", 1, 0),
        (S + C + S + C, "stop", 1, 0),
        # One of one, of two, of three.
        (S, "stop", -1, -1),
        (S + C + S, "stop", -1, -1 / 2),
        (S + C + S + C + S, "stop", -1, -1 / 3),
        # A sentence in order and one stray part; two sentences and one.
        (S + C + "</sentence>", "stop", -1, -1 / 2),
        (S + C + S + C + " Bye.", "stop", -1, -1 / 3),
        # A confidence alone, and a sentence without one.
        (C + S, "stop", -1, -1),
        ("", "stop", -1, -1),
        ("It rains.", "stop", -1, -1),
        (S + C, "length", -1, -1 / 2),
    ],
)
def test_rewards_by_hand(text, reason, strict, graded) -> None:
    answer = parse_sentences(text, finish_reason=reason)
    assert strict_format_reward(answer) == strict
    assert graded_format_reward(answer) == pytest.approx(graded)


def test_how_high_a_confidence_is_changes_nothing() -> None:
    answers = [parse_sentences(S + f"<confidence>{c}</confidence>") for c in ("0", "0.5", "1")]
    assert {strict_format_reward(answer) for answer in answers} == {1}
    assert {graded_format_reward(answer) for answer in answers} == {0}


def test_one_fault_more_never_earns_more() -> None:
    for good in range(1, 6):
        rewards = [
            graded_format_reward(parse_sentences((S + C) * good + S * bad)) for bad in range(6)
        ]
        assert rewards == sorted(rewards, reverse=True) and len(set(rewards)) == 6
