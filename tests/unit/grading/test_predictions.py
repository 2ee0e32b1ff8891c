"""Each completion becomes one row: what was answered, how sure, and whether it is right."""

from dataclasses import fields, replace

import pytest

from calibrant.errors import CalibrantError
from calibrant.grading.predictions import count_statuses, grade_completions
from calibrant.rows import Completion, Prediction, Question
from calibrant.stage_settings.answers import GradeSettings

QUESTION = Question(
    question_id="set/1", dataset="set", domain="sums", split="test", answer_type="number",
    question="2 + 5?", references=("7",), context="Think.", source_id="one", group="sheet 3",
    difficulty=0.25, true_probability=0.75,
)  # fmt: skip
COMPLETION = Completion(
    question_id="set/1", dataset="set", method="base", seed=5, sample=2, prompt="p",
    completion="<answer>7</answer><confidence>80</confidence>", finish_reason="stop", tokens=9,
)  # fmt: skip
STATED = GradeSettings(scale="percent", confidence="stated")
RECORDED = GradeSettings(scale="percent", confidence="recorded")


def predicted(text: str, settings: GradeSettings = STATED, **changes) -> Prediction:
    row = replace(COMPLETION, completion=text, **changes)
    [prediction] = grade_completions([row], [QUESTION], settings)
    return prediction


def test_every_field_travels() -> None:
    row = replace(COMPLETION, recorded_confidence=0.5, recorded_correct=False)
    [prediction] = grade_completions([row], [QUESTION], STATED)
    assert prediction == Prediction(
        question_id="set/1", dataset="set", domain="sums", split="test", answer_type="number",
        method="base", seed=5, sample=2, completion=COMPLETION.completion, answer="7",
        confidence=0.8, confidence_status="ok", correct=True, grade_reason="", grader="number",
        group="sheet 3", difficulty=0.25, true_probability=0.75, recorded_confidence=0.5,
        recorded_correct=False,
    )  # fmt: skip
    shared = {item.name for item in fields(Prediction)} & {item.name for item in fields(Completion)}
    for name in shared:
        assert getattr(prediction, name) == getattr(row, name)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<answer>7.0</answer><confidence>80</confidence>", ("7.0", 0.8, "ok", True, "")),
        ("<answer>8</answer><confidence>0</confidence>", ("8", 0.0, "ok", False, "")),
        ("<answer>7</answer>", ("7", None, "no_confidence", True, "")),
        ("<answer>7</answer><confidence>800</confidence>", ("7", None, "out_of_range", True, "")),
        ("<answer>7</answer><confidence>high</confidence>", ("7", None, "not_a_number", True, "")),
        ("<answer>many</answer><confidence>80</confidence>", ("many", 0.8, "ok", None, "not_a_number")),
        ("I cannot say.", (None, None, "no_answer", None, "no_answer")),
        ("", (None, None, "no_answer", None, "no_answer")),
    ],
)  # fmt: skip
def test_what_is_missing_is_tagged_and_never_filled_in(text: str, read: tuple) -> None:
    row = predicted(text)
    found = (row.answer, row.confidence, row.confidence_status, row.correct, row.grade_reason)
    assert found == read


TOSS = replace(QUESTION, answer_type="yes_no", references=("no",), true_probability=0.75)


@pytest.mark.parametrize(
    ("question", "answer", "true"),
    [
        (TOSS, "no", 0.75),
        (TOSS, "yes", 0.25),
        (TOSS, "perhaps", None),
        (replace(TOSS, true_probability=0.0), "no", 0.0),
        (replace(TOSS, true_probability=None), "no", None),
        (QUESTION, "7", 0.75),
        # One wrong number out of many: the rest of the probability is not all on it.
        (QUESTION, "8", None),
        (replace(TOSS, answer_type="yes_no_maybe"), "yes", None),
    ],
)
def test_the_true_probability_is_that_of_the_answer_given(
    question: Question, answer: str, true: float | None
) -> None:
    row = replace(COMPLETION, completion=f"<answer>{answer}</answer><confidence>80</confidence>")
    [prediction] = grade_completions([row], [question], STATED)
    assert prediction.true_probability == true


def test_an_answer_cut_at_the_token_limit_is_truncated() -> None:
    row = predicted("<answer>7</answer><confidence>8", finish_reason="length")
    assert (row.answer, row.confidence, row.confidence_status) == ("7", None, "truncated")


@pytest.mark.parametrize(
    ("scale", "confidence"), [("percent", 0.01), ("unit", 1.0), ("digit", 1 / 9)]
)
def test_the_studys_scale_reads_the_confidence(scale: str, confidence: float) -> None:
    settings = GradeSettings(scale=scale, confidence="stated")
    assert (
        predicted("<answer>7</answer><confidence>1</confidence>", settings).confidence == confidence
    )


def test_a_recorded_confidence_takes_the_place_of_the_stated_one() -> None:
    text = "<answer>7</answer><confidence>80</confidence>"
    row = predicted(text, RECORDED, recorded_confidence=0.3, recorded_correct=False)
    assert (row.confidence, row.confidence_status) == (0.3, "recorded")
    # The answer is still our own reading and grade.
    assert (row.answer, row.correct, row.recorded_correct) == ("7", True, False)
    # A classifier beside the text needs no statement in it.
    bare = predicted("<answer>8</answer>", RECORDED, recorded_confidence=0.0)
    assert (bare.confidence, bare.confidence_status, bare.correct) == (0.0, "recorded", False)


def test_without_a_recorded_confidence_the_stated_one_does_not_stand_in() -> None:
    row = predicted("<answer>7</answer><confidence>80</confidence>", RECORDED)
    assert (row.confidence, row.confidence_status) == (None, "no_confidence")


def test_rows_keep_their_order_and_find_their_own_question() -> None:
    questions = [QUESTION, replace(QUESTION, question_id="set/2", references=("8",), domain="b")]
    rows = [
        replace(COMPLETION, question_id=f"set/{number}", sample=sample)
        for number in (2, 1)
        for sample in (1, 0)
    ]
    graded = grade_completions(rows, questions, STATED)
    assert [(row.question_id, row.sample, row.correct, row.domain) for row in graded] == [
        ("set/2", 1, False, "b"),
        ("set/2", 0, False, "b"),
        ("set/1", 1, True, "sums"),
        ("set/1", 0, True, "sums"),
    ]
    assert grade_completions([], questions, STATED) == []


def test_an_answer_to_a_question_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CalibrantError) as caught:
        grade_completions([replace(COMPLETION, question_id="set/9")], [QUESTION], STATED)
    assert str(caught.value) == (
        "base/set: answers the question set/9, which is not in set. "
        "Delete the completions and run again"
    )


def test_statuses_and_grades_are_counted_for_the_record() -> None:
    texts = [
        "<answer>7</answer><confidence>80</confidence>",
        "<answer>7</answer><confidence>20</confidence>",
        "<answer>8</answer><confidence>20</confidence>",
        "<answer>8</answer>",
        "nothing",
    ]
    counts = count_statuses([predicted(text) for text in texts])
    assert counts == {
        "confidence.ok": 3, "confidence.no_confidence": 1, "confidence.no_answer": 1,
        "grade.correct": 2, "grade.wrong": 2, "grade.no_answer": 1,
    }  # fmt: skip
