"""What stands around a number: what makes another number of it, and what leaves it as it is."""

import pytest

from calibrant.grading.number import grade_number
from calibrant.rows import Question


def verdict(answer: str, reference: str) -> bool | str | None:
    question = Question("made/up", "made", "math", "test", "number", "How many?", (reference,))
    grade = grade_number(answer, question)
    return grade.reason or grade.correct


NOT_TWELVE = [
    *("12 + 12", "12*12", "12-12", "12 - 12", "12x7", "12 x 12", "12+", "12!", "12:12", "|12|"),
    *("-(12)", "f(12)", "12(x)", "(12)(x)", "12 + x", "12 - x", "12/x", "12 x", "x 12", "12 pi"),
    *("12 minus 12", "12 times 12", "12 to 12", "12 mod x", "12 over x", "total - $12", "12pi"),
    *(
        "12K",
        "12k",
        "12M",
        "$12M",
        "12bn",
        "12 bn",
        "12 K",
        "12 lakh",
        "12 tens",
        "12 hundred thousand",
    ),
    *("12 tenths", "12 thousandths", "12 thirds", "12 and a half", "12 feet 12 inches"),
    *("twice 12", "half of 12", "12 squared", "12 cubed", "the reciprocal of 12", "a power of 12"),
    *("at least 12", "at most 12", "up to 12", "12 or more", "12 or so", "12 and up", "almost 12"),
    *("over 12", "between 12 and 12", "It isn't 12", "It isn\u2019t 12", "never 12", "hardly 12"),
    *("I doubt it is 12", "12 is wrong", "12 is incorrect", "anything but 12", "12? No. It is not"),
    *("-x = 12", "log x = 12", "|x| = 12", "half of x = 12", "the square of x is 12"),
    *("The answer isn't 12", "I don't think the answer is 12", "The wrong answer is 12"),
    *("Wrong answer: 12", "not \\boxed{12}", "It is not the case that the answer is 12"),
]


@pytest.mark.parametrize("answer", NOT_TWELVE)
def test_an_expression_or_a_limit_or_a_negation_is_not_the_bare_number(answer: str) -> None:
    for reference in ("12", "-12", "24"):
        assert verdict(answer, reference) in {"ambiguous", "not_a_number"}
    assert verdict("0x1F", "0") == "ambiguous"


def test_a_negation_before_a_conclusion_does_not_reach_the_answer() -> None:
    assert verdict("It is not 5, so the answer is 12", "12") is True
    assert verdict("Is it not 5? The answer is 12.", "12") is True


STILL_TWELVE = [
    "12 widgets",
    "12 km per hour",
    "12 minutes",
    "12 times as many",
    "12-year-old",
    "12/hour",
    "12 men and women",
    "12 (twelve)",
    "twelve (12)",
    "She has 12 left",
    "A total of 12",
    "The third side is 12",
    "No, it is 12",
    "**Answer**: 12",
]


@pytest.mark.parametrize("answer", STILL_TWELVE)
def test_units_and_plain_sentences_leave_the_number_as_it_is(answer: str) -> None:
    assert verdict(answer, "12") is True
    assert verdict(answer, "13") is False
