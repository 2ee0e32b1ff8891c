"""Answers to one question are put together as its grader compares them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.grading.grade import grade
from calibrant.grading.same_answer import RIGHT, group_answers
from calibrant.rows import Question


def question(answer_type: str, *references: str, **fields: Any) -> Question:
    return Question("set/1", "set", "made up", "train", answer_type, "Q?", references, **fields)


def groups(asked: Question, *answers: str | None) -> list[int | None]:
    correct = [grade(answer, asked).correct for answer in answers]
    return group_answers(answers, correct, asked)


def test_numbers_are_one_however_they_are_written() -> None:
    said = groups(question("number", "7"), "7", "12", "The answer is 12.", "seven", "13", "12.0")
    assert said == [RIGHT, 1, 1, RIGHT, 2, 1]


def test_short_texts_are_compared_in_normal_form() -> None:
    asked = question("short_text", "Paris", "City of Light")
    said = groups(
        asked, "the Rhône", "RHONE", "The answer is Rhone.", "paris.", "Lyon", "the city of light"
    )
    assert said == [1, 1, 1, RIGHT, 2, RIGHT]


def test_options_are_one_by_letter_and_by_text() -> None:
    asked = question("choice", "A", options=("river", "bank", "sea"))
    assert groups(asked, "B", "bank", "(C)", "B) bank", "A", "sea") == [1, 1, 2, 1, RIGHT, 2]


def test_mathematics_is_one_by_value() -> None:
    asked = question("math", "2")
    assert groups(asked, r"\frac{1}{2}", "0.5", "$x=2$", "1/3", "2/4") == [1, 1, RIGHT, 2, 1]


def test_the_three_answers_to_a_research_question() -> None:
    asked = question("yes_no_maybe", "maybe")
    assert groups(asked, "No.", "yes", "it depends", "false") == [1, 2, RIGHT, 1]


def test_what_is_not_graded_is_in_no_group() -> None:
    assert groups(question("number", "7"), None, "7 or 8", "7", "many") == [None, None, RIGHT, None]


def test_an_open_answer_is_in_no_group() -> None:
    assert groups(question("open", "rain"), "rain", "sun") == [None, None]


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), max_size=12))
def test_whole_numbers_are_grouped_as_numbers_are(values: list[int]) -> None:
    said = groups(question("number", "3"), *map(str, values))
    firsts = list(dict.fromkeys(value for value in values if value != 3))
    assert said == [RIGHT if value == 3 else 1 + firsts.index(value) for value in values]


@pytest.mark.parametrize("length", [1, 2])
def test_answers_and_grades_must_be_as_many(length: int) -> None:
    with pytest.raises(ValueError, match=r"shorter|longer"):
        group_answers(["1"] * length, [True] * (3 - length), question("number", "3"))
