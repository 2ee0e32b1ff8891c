"""Every row is graded by its own answer type."""

from dataclasses import replace

import pytest

from calibrant.errors import CalibrantError
from calibrant.grading.grade import MAX_ANSWER, grade
from calibrant.grading.verdict import Grade
from calibrant.rows import ANSWER_TYPES, Question

QUESTION = Question("made/up", "made", "general", "test", "number", "What?", ("2",))


@pytest.mark.parametrize(
    ("kind", "reference", "right", "wrong"),
    [
        ("number", "2", "2.0", "3"),
        ("math", "2k+2", "2(k+1)", "2k"),
        ("choice", "B", "b)", "A"),
        ("yes_no", "yes", "True", "No."),
        ("yes_no_maybe", "maybe", "It depends", "yes"),
        ("short_text", "two", "2", "2.0"),
    ],
)
def test_the_answer_type_decides_the_grader(
    kind: str, reference: str, right: str, wrong: str
) -> None:
    question = replace(QUESTION, answer_type=kind, references=(reference,), options=())
    assert grade(right, question) == Grade(True, "", kind)
    assert grade(wrong, question) == Grade(False, "", kind)


@pytest.mark.parametrize("kind", ANSWER_TYPES)
@pytest.mark.parametrize("answer", [None, "", " \n"])
def test_no_answer_is_neither_right_nor_wrong(kind: str, answer: str | None) -> None:
    assert grade(answer, replace(QUESTION, answer_type=kind)) == Grade(None, "no_answer", kind)


def test_an_open_question_waits_for_a_judge() -> None:
    open_question = replace(QUESTION, answer_type="open")
    assert grade("2", open_question) == Grade(None, "needs_judge", "open")


@pytest.mark.parametrize("kind", [kind for kind in ANSWER_TYPES if kind != "open"])
def test_an_endless_answer_is_not_read(kind: str) -> None:
    question = replace(QUESTION, answer_type=kind)
    assert grade("2" * (MAX_ANSWER + 1), question) == Grade(None, "too_long", kind)


@pytest.mark.parametrize("kind", [kind for kind in ANSWER_TYPES if kind != "open"])
@pytest.mark.parametrize(
    "piece",
    ["(", "2 ", "not ", "A) ", "\\frac", "answer is ", "$", "\ud800", "-", "a", "1a", ":1", "\n"],
)
def test_a_long_answer_of_anything_is_graded_without_error(kind: str, piece: str) -> None:
    question = replace(QUESTION, answer_type=kind, references=("yes", "A", "2"), options=("x", "y"))
    given = grade((piece * MAX_ANSWER)[:MAX_ANSWER], question)
    assert given.grader == kind


def test_an_unknown_answer_type_is_named() -> None:
    with pytest.raises(CalibrantError, match="no grader for the answer type 'essay'"):
        grade("2", replace(QUESTION, answer_type="essay"))
