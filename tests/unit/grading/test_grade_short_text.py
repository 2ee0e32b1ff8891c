"""Short texts: equal in normal form, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.grading.normalise import words
from calibrant.grading.short_text import grade_short_text
from calibrant.rows import Question


def verdict(answer: str, *references: str) -> bool | str | None:
    question = Question("made/up", "made", "general", "test", "short_text", "Who?", references)
    grade = grade_short_text(answer, question)
    assert grade.grader == "short_text"
    assert (grade.correct is None) == bool(grade.reason)
    return grade.reason or grade.correct


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("Eiffel Tower", "the Eiffel tower"),
        ("  the   eiffel TOWER. ", "Eiffel Tower"),
        ("An apple", "apple"),
        ("U.S.", "US"),
        ("us", "U.S."),
        ("Jean-Paul", "Jean Paul"),
        ("Jean\u2013Paul", "Jean-Paul"),
        ("e-mail", "email"),
        ("Beyonc\u00e9", "Beyonce"),
        ("Malmo\u0308", "Malm\u00f6"),
        ("Stra\u00dfe", "strasse"),
        ("\ufb01sh", "fish"),
        ("O\u2019Neill", "O'Neill"),
        ("\u201cHamlet\u201d", "Hamlet"),
        ("two", "2"),
        ("2 wives", "two wives"),
        ("Twenty", "20"),
        ("1,234", "1234"),
        ("The answer is Paris.", "Paris"),
        ("Answer: Paris", "Paris"),
        ("The answer is St. Louis", "St. Louis"),
        ("The Who", "Who"),
        ("The", "the"),
        ("!!!", "!!!"),
        ("\u6771\u4eac", "\u6771\u4eac"),
        ("$5", "5"),
        ("5%", "5 percent"),
        ("C#", "c#"),
        ("x\u00b2", "x^2"),
        ("\u00bd", "1/2"),
        ("The vitamin A", "vitamin A"),
        ("H\u2082O", "H2O"),
        ("\u0431\u044b\u0439", "\u0431\u044b\u0438\u0306"),
    ],
)
def test_equal_in_normal_form_is_right(answer: str, reference: str) -> None:
    assert verdict(answer, reference) is True


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("the Eiffel Tower in Paris", "Eiffel Tower"),
        ("the Eiffel Tower in Paris", "Paris"),
        ("Paris, France", "Paris"),
        ("Paris", "Paris, France"),
        ("Parisian", "Paris"),
        ("not Paris", "Paris"),
        ("Paris or London", "Paris"),
        ("1.5", "15"),
        ("-5", "5"),
        ("3,5", "35"),
        ("two", "3"),
        ("twenty-one", "21"),
        ("x < 3", "x > 3"),
        ("C", "C++"),
        ("A+", "A"),
        ("C#", "C"),
        ("10\u00b2", "102"),
        ("x\u00b2", "x2"),
        ("5%", "5"),
        ("1/2", "1 2"),
        ("1\u00bd", "11/2"),
        ("\u306f\u3057", "\u3070\u3057"),
        ("\u0439", "\u0438"),
        ("\u05e7\u05b8", "\u05e7"),
        ("vitamin A", "vitamin"),
        ("The", "a"),
        ("A", "an"),
        ("!!!", "???"),
        ("it", "is"),
    ],
)
def test_anything_else_is_wrong(answer: str, reference: str) -> None:
    assert verdict(answer, reference) is False


def test_any_reference_may_be_met() -> None:
    assert verdict("NYC", "New York", "N.Y.C.") is True
    assert verdict("Boston", "New York", "N.Y.C.") is False


@pytest.mark.parametrize(
    "answer", ["I don't think the answer is Paris", "Wrong answer: Paris", "not \\boxed{Paris}"]
)
def test_a_denied_answer_is_not_graded(answer: str) -> None:
    assert verdict(answer, "Paris") == "ambiguous"
    assert verdict(answer, "London") == "ambiguous"


def test_no_reference_is_named() -> None:
    assert verdict("Paris") == "unreadable_reference"
    assert verdict("Paris", " ") == "unreadable_reference"


def test_the_normal_form_is_that_of_squad_on_its_own_examples() -> None:
    # Worked by hand with the rules of the official script: case, punctuation, articles, spaces.
    assert words("The  Denver Broncos!", "") == ("denver", "broncos")
    assert words("An Act of (the) Parliament", "") == ("act", "of", "parliament")
    assert words("Levi's Stadium", "") == ("levis", "stadium")


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_verdict_is_symmetric_and_every_text_equals_itself(one: str, other: str) -> None:
    if words(one) and words(other) and "answer" not in (one + other).lower():
        assert verdict(one, other) == verdict(other, one)
        assert verdict(one, one) is True
