"""Verdicts take the place of grades that nobody could give, and of no others."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from calibrant.errors import CalibrantError
from calibrant.judging.case import Case, Verdict
from calibrant.judging.judge_answers import judge_predictions
from calibrant.judging.store import VerdictStore
from calibrant.rows import Prediction, Question

QUESTION = Question(
    "races/1", "races", "sport", "test", "open", "Who won the race?", ("Ada Torvik", "A. Torvik")
)
TOLD = replace(QUESTION, question_id="races/2", answer_type="yes_no", references=("It rained.",))
QUESTIONS = {question.question_id: question for question in (QUESTION, TOLD)}


class Says:
    """Takes the answers it was given for right; answers in reverse order."""

    identity = "says"
    prompt_version = "1"

    def __init__(self, *right: str) -> None:
        self.right = right
        self.asked: list[Case] = []

    def judge(self, cases: Sequence[Case]) -> Iterator[tuple[int, Verdict]]:
        self.asked += cases
        for at in reversed(range(len(cases))):
            yield at, Verdict(cases[at].answer in self.right, 0.5)


def prediction(answer: str | None, reason: str = "needs_judge", **fields: object) -> Prediction:
    row = Prediction(
        question_id="races/1", dataset="races", domain="sport", split="test", answer_type="open",
        method="base", seed=17, sample=0, completion=f"CANARY {answer} 0.9731", answer=answer,
        confidence=0.9731, confidence_status="ok", correct=None, grade_reason=reason, grader="open",
    )  # fmt: skip
    return replace(row, **fields)


def judged(rows: list[Prediction], judge: Says, store: Path) -> list[Prediction]:
    return judge_predictions(rows, QUESTIONS, judge, "panel", VerdictStore(store))


def test_a_verdict_takes_the_place_of_the_grade(tmp_path: Path) -> None:
    rows = [prediction("Ada"), prediction("Boris"), prediction("Ada", sample=1)]
    judge = Says("Ada")
    found = judged(rows, judge, tmp_path)
    assert found == [
        replace(row, correct=right, grade_reason="", grader="judge panel")
        for row, right in zip(rows, (True, False, True), strict=True)
    ]
    assert judge.asked == [
        Case("Who won the race?", ("Ada Torvik", "A. Torvik"), name) for name in ("Ada", "Boris")
    ]


@pytest.mark.parametrize(
    "row",
    [
        prediction("Ada", "", correct=True, grader="short_text", true_probability=0.7),
        prediction("Ada", "", correct=False, grader="short_text"),
        prediction(None, "no_answer"),
        prediction("yes and no", "ambiguous", question_id="races/2", answer_type="yes_no"),
        prediction("rain", "not_an_option", question_id="races/2", answer_type="yes_no"),
        prediction("Ada" * 9999, "too_long"),
    ],
    ids=lambda row: row.grade_reason or str(row.correct),
)
def test_what_a_grader_decided_or_could_not_read_stays_as_it_is(
    row: Prediction, tmp_path: Path
) -> None:
    judge = Says("Ada", "yes and no", "rain")
    assert judged([row], judge, tmp_path) == [row]
    assert judge.asked == []


def test_an_answer_beside_a_reference_in_free_words_is_judged(tmp_path: Path) -> None:
    row = prediction(
        "yes", "unreadable_reference", question_id="races/2", answer_type="yes_no", grader="yes_no",
        true_probability=0.7,
    )  # fmt: skip
    judge = Says("yes")
    [found] = judged([row], judge, tmp_path)
    assert judge.asked == [Case("Who won the race?", ("It rained.",), "yes")]
    assert (found.correct, found.grader) == (True, "judge panel")
    # The judge may be wrong, so what is known of the reference is not known of this answer.
    assert found.true_probability is None


def test_the_judge_sees_neither_confidence_nor_reasoning(tmp_path: Path) -> None:
    row = prediction("<think>CANARY</think>Ada. Confidence: 97.31%")
    judge = Says()
    judged([row], judge, tmp_path)
    assert [case.answer.rstrip(".") for case in judge.asked] == ["Ada"]
    [record] = VerdictStore(tmp_path).all()
    stored = " ".join((record.question, *record.references, record.answer))
    assert not any(secret in stored for secret in ("CANARY", "97", "onfidence"))


@pytest.mark.parametrize("answer", ["Confidence: 97%", "<think>Ada</think>", "I am 90% sure."])
def test_an_answer_of_which_nothing_is_left_is_no_answer(answer: str, tmp_path: Path) -> None:
    judge = Says("")
    row = prediction(answer)
    assert judged([row], judge, tmp_path) == [replace(row, grade_reason="no_answer")]
    assert judge.asked == []


def test_verdicts_are_stored_once_and_looked_up(tmp_path: Path) -> None:
    rows = [prediction("Ada"), prediction("Ada", seed=18), prediction("Boris")]
    first = judged(rows, Says("Ada"), tmp_path)
    second = Says()
    assert judged(rows, second, tmp_path) == first
    assert second.asked == []
    assert VerdictStore(tmp_path).stats().records == 2


def test_an_unknown_question_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CalibrantError, match="races/9, which is not in races"):
        judged([prediction("Ada", question_id="races/9")], Says(), tmp_path)
    # Nobody has to look for the question of an answer that is graded already.
    decided = prediction("Ada", "", question_id="races/9", correct=True)
    assert judged([decided], Says(), tmp_path) == [decided]


def test_nothing_to_judge_is_no_error(tmp_path: Path) -> None:
    assert judged([], Says(), tmp_path) == []
