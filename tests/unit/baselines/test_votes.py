"""Votes worked by hand, and that no vote knows the truth."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.baselines.settings import VoteSettings
from calibrant.baselines.votes import vote
from calibrant.errors import CalibrantError
from calibrant.grading.grade import grade
from calibrant.rows import Prediction, Question

Given = tuple[str | None, float | None]


def question(answer_type: str = "number", *references: str, **fields: Any) -> Question:
    return Question(
        "set/1", "set", "made up", "test", answer_type, "Q?", references or ("7",), **fields
    )


def answered(asked: Question, *said: Given) -> list[Prediction]:
    rows = []
    for sample, (answer, confidence) in enumerate(said):
        verdict = grade(answer, asked)
        rows.append(
            Prediction(
                asked.question_id,
                "set",
                "made up",
                "test",
                asked.answer_type,
                "base",
                17,
                sample,
                f"text {sample}",
                answer,
                confidence,
                "ok" if confidence is not None else "missing",
                verdict.correct,
                verdict.reason,
                verdict.grader,
                # Every answer has one of its own, so that a mix-up shows.
                true_probability=sample / 100,
                recorded_confidence=0.3,
                recorded_correct=True,
            )
        )
    return rows


def elect(
    rows: Sequence[Prediction], asked: Question, rule: Any, confidence: Any = "share", **more: Any
) -> Prediction:
    chosen = VoteSettings(method="voted", vote=rule, confidence=confidence, **more)
    (row,) = vote(rows, {asked.question_id: asked}, chosen, "voted")
    return row


# 12 three times (sum 0.6), 7 twice (sum 1.6): the truth is 7.
SAID: list[Given] = [("7", 0.9), ("12", 0.2), ("twelve", 0.1), ("7.0", 0.7), ("12.", 0.3)]


@pytest.mark.parametrize(
    ("rule", "winner", "share", "mean"),
    [("majority", 1, 3 / 5, 0.2), ("weighted", 0, 2 / 5, 0.8), ("first", 0, 2 / 5, 0.8)],
)
def test_each_rule_by_hand(rule: str, winner: int, share: float, mean: float) -> None:
    asked = question()
    rows = answered(asked, *SAID)
    for kind, expected in (("share", share), ("mean", mean)):
        found = elect(rows, asked, rule, kind)
        assert found.confidence == pytest.approx(expected)
        assert found == replace(
            rows[winner], method="voted", sample=0, confidence=found.confidence,
            confidence_status="ok", recorded_confidence=None, recorded_correct=None,
        )  # fmt: skip


def test_the_first_of_equal_votes_wins() -> None:
    asked = question()
    rows = answered(asked, ("5", 0.1), ("7", 0.9), ("7", 0.9), ("5", 0.1))
    assert elect(rows, asked, "majority").answer == "5"
    assert elect(rows[1:], asked, "majority").answer == "7"


def test_sums_that_differ_by_rounding_are_equal() -> None:
    asked = question()
    # In floating point 0.1 + 0.2 is above 0.3.
    rows = answered(asked, ("5", 0.3), ("6", 0.1), ("6", 0.2))
    assert elect(rows, asked, "weighted").answer == "5"


def test_a_missing_confidence_weighs_nothing() -> None:
    asked = question()
    rows = answered(asked, ("5", None), ("5", None), ("6", 0.1))
    assert elect(rows, asked, "weighted").answer == "6"
    assert elect(rows[:2], asked, "weighted").answer == "5"


def test_the_mean_is_taken_over_stated_confidences_only() -> None:
    asked = question()
    rows = answered(asked, ("5", None), ("5", 0.6), ("5", 0.2), ("6", 1.0))
    found = elect(rows, asked, "majority", "mean")
    assert (found.confidence, found.confidence_status) == (pytest.approx(0.4), "ok")
    assert found.completion == "text 0"


def test_without_a_stated_confidence_the_mean_is_missing() -> None:
    asked = question()
    found = elect(answered(asked, ("5", None), ("6", 0.4), ("5", None)), asked, "majority", "mean")
    assert (found.confidence, found.confidence_status) == (None, "missing")


def test_only_the_first_answers_vote_in_the_order_of_their_numbers() -> None:
    asked = question()
    rows = answered(asked, *SAID)
    found = elect(rows[::-1], asked, "majority", answers=2)
    assert (found.answer, found.confidence) == ("7", 0.5)
    alone = elect(rows, asked, "first", "mean", answers=1)
    assert (alone.answer, alone.confidence) == ("7", 0.9)


def test_an_answer_that_was_not_read_has_no_vote_but_counts() -> None:
    asked = question()
    found = elect(
        answered(asked, (None, 0.9), (None, 0.9), (" ", 0.5), ("6", 0.1)), asked, "majority"
    )
    assert (found.answer, found.confidence) == ("6", 0.25)


@pytest.mark.parametrize("rule", ["majority", "weighted", "first"])
@pytest.mark.parametrize("kind", ["share", "mean"])
def test_nothing_read_is_no_answer(rule: str, kind: str) -> None:
    asked = question()
    found = elect(answered(asked, (None, 0.9), (None, 0.8)), asked, rule, kind)
    assert (found.answer, found.confidence, found.confidence_status) == (None, None, "no_answer")
    assert (found.correct, found.grade_reason, found.sample) == (None, "no_answer", 0)


def test_the_first_answer_stays_the_first_when_it_was_not_read() -> None:
    asked = question()
    found = elect(answered(asked, (None, 0.9), ("7", 0.8)), asked, "first")
    assert (found.completion, found.confidence) == ("text 0", None)


def test_two_right_names_are_two_answers_as_two_wrong_ones_would_be() -> None:
    asked = question("short_text", "Paris", "City of Light")
    rows = answered(asked, ("Lyon", 0.5), ("the Lyon", 0.5), ("Paris", 0.5), ("City of Light", 0.5))
    assert [row.correct for row in rows] == [False, False, True, True]
    assert elect(rows, asked, "majority").answer == "Lyon"


def test_open_answers_are_compared_as_short_texts() -> None:
    asked = question("open", "rain")
    rows = answered(asked, ("sun", 0.5), ("It rained.", 0.5), ("it rained", 0.5))
    judged = [replace(row, correct=row.answer != "sun", grade_reason="") for row in rows]
    assert elect(judged, asked, "majority").answer == "It rained."


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(["A", "B", "(B)", "sea", "C", "bank", None]), min_size=1, max_size=8),
    st.sampled_from("ABC"),
    st.sampled_from(["majority", "weighted", "first"]),
)
def test_who_wins_does_not_depend_on_the_truth(
    said: list[str | None], truth: str, rule: str
) -> None:
    options = ("river", "bank", "sea")
    usual = question("choice", "A", options=options)
    other = question("choice", truth, options=options)
    texts = [(answer, 0.1 + 0.1 * at) for at, answer in enumerate(said)]
    one = elect(answered(usual, *texts), usual, rule)
    two = elect(answered(other, *texts), other, rule)
    assert (one.completion, one.confidence) == (two.completion, two.confidence)
    # A vote gives no grade: it hands on the one of its row.
    assert two.correct == grade(two.answer, other).correct


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 10)), min_size=1, max_size=10))
def test_votes_against_plain_counting(said: list[tuple[int, int]]) -> None:
    asked = question()
    rows = answered(asked, *((str(number), tenth / 10) for number, tenth in said))
    numbers = [number for number, _ in said]
    most = max(numbers, key=numbers.count)
    tenths = {name: sum(tenth for number, tenth in said if number == name) for name in numbers}
    heaviest = max(numbers, key=lambda number: tenths[number])
    majority, weighted = (elect(rows, asked, rule) for rule in ("majority", "weighted"))
    assert (majority.answer, weighted.answer) == (str(most), str(heaviest))
    assert majority.confidence == numbers.count(most) / len(numbers)


def test_questions_keep_their_order() -> None:
    asked = {name: replace(question(), question_id=name) for name in ("set/2", "set/1", "set/3")}
    rows = [row for name in asked for row in answered(asked[name], ("7", 0.5), ("8", 0.5))]
    chosen = VoteSettings(method="voted", vote="first", confidence="share")
    mixed = rows[::2] + rows[1::2]
    found = vote(mixed, asked, chosen, "voted")
    assert [(row.question_id, row.answer) for row in found] == [(name, "7") for name in asked]
    assert vote([], asked, chosen, "voted") == []


def test_what_cannot_be_voted_on_is_refused() -> None:
    asked = question()
    rows = answered(asked, *SAID)
    with pytest.raises(CalibrantError, match="set/1 has 5 answers, and 6 are to vote"):
        elect(rows, asked, "majority", answers=6)
    with pytest.raises(CalibrantError, match="answer 4 to set/1 is there twice"):
        elect([*rows, replace(rows[-1], seed=18)], asked, "majority")
    chosen = VoteSettings(method="voted", vote="first", confidence="share")
    with pytest.raises(CalibrantError, match="set/1, which is not in set"):
        vote(rows, {}, chosen, "voted")
