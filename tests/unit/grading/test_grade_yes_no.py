"""Yes, no and maybe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.grading.yes_no import grade_yes_no
from calibrant.rows import Question


def verdict(answer: str, reference: str, kind: str = "yes_no") -> bool | str | None:
    question = Question("made/up", "made", "general", "test", kind, "Is it?", (reference,))
    grade = grade_yes_no(answer, question)
    assert grade.grader == kind
    assert (grade.correct is None) == bool(grade.reason)
    return grade.reason or grade.correct


YES = [
    "yes",
    "Yes.",
    "YES!",
    "**Yes**",
    "\\boxed{yes}",
    "\\boxed{\\text{Yes}}",
    "True",
    "true.",
    "Yes, it is",
    "Yes, although some say no",
    "The answer is yes.",
    "Answer: Yes",
    "Probably yes",
    "It is true",
    "No doubt, yes",
    "Without a doubt, yes",
    "No wonder, true",
]
NO = [
    "no",
    "No.",
    "False",
    "No, it is not",
    "No, that is not true",
    "The answer is no",
    "It is false",
    "I would say no",
    "No, no, no",
    "No, it is wrong to say so",
]


@pytest.mark.parametrize("kind", ["yes_no", "yes_no_maybe"])
@pytest.mark.parametrize("answer", YES)
def test_yes_is_read(answer: str, kind: str) -> None:
    assert verdict(answer, "yes", kind) is True
    assert verdict(answer, "no", kind) is False
    assert verdict(answer, "False", kind) is False


@pytest.mark.parametrize("kind", ["yes_no", "yes_no_maybe"])
@pytest.mark.parametrize("answer", NO)
def test_no_is_read(answer: str, kind: str) -> None:
    assert verdict(answer, "No", kind) is True
    assert verdict(answer, "true", kind) is False


MAYBE = [
    "maybe",
    "Maybe.",
    "It depends",
    "it depends: yes for some, no for others",
    "Uncertain",
    "This is unknown",
    "unclear",
    "It cannot be determined",
    "Perhaps",
]


@pytest.mark.parametrize("answer", MAYBE)
def test_maybe_is_an_answer_only_where_it_is_allowed(answer: str) -> None:
    assert verdict(answer, "maybe", "yes_no_maybe") is True
    assert verdict(answer, "yes", "yes_no_maybe") is False
    assert verdict(answer, "yes", "yes_no") in {"not_an_option", "ambiguous"}
    assert verdict(answer, "no", "yes_no") in {"not_an_option", "ambiguous"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("yes and no", "ambiguous"),
        ("Yes or no", "ambiguous"),
        ("no/yes", "ambiguous"),
        ("True or false", "ambiguous"),
        ("Some say yes, some say no", "ambiguous"),
        ("It is not true", "ambiguous"),
        ("It isn't false", "ambiguous"),
        ("It isn\u2019t quite true", "ambiguous"),
        ("No yes can be given", "ambiguous"),
        ("yes no", "ambiguous"),
        ("Yes. No.", "ambiguous"),
        ("yes, no", "ambiguous"),
        ("yes|no", "ambiguous"),
        ("True? No.", "ambiguous"),
        ("yes... wait, no", "ambiguous"),
        ("Yes, it is. Actually, no", "ambiguous"),
        ("It is hardly true", "ambiguous"),
        ("far from true", "ambiguous"),
        ("I doubt it is true", "ambiguous"),
        ("I would never say yes", "ambiguous"),
        ("Nobody would say yes", "ambiguous"),
        ("No one would say yes", "ambiguous"),
        ("wrong: yes", "ambiguous"),
        ("Yes is wrong", "ambiguous"),
        ("No is incorrect", "ambiguous"),
        ("I don't think the answer is yes", "ambiguous"),
        ("Wrong answer: no", "ambiguous"),
        ("not \\boxed{yes}", "ambiguous"),
        ("I know it", "not_an_option"),
        ("yesterday", "not_an_option"),
        ("nothing", "not_an_option"),
        ("no idea", "not_an_option"),
        ("42", "not_an_option"),
        ("...", "not_an_option"),
    ],
)
def test_what_says_neither_or_both_is_not_graded(answer: str, reason: str) -> None:
    assert verdict(answer, "yes") == reason
    assert verdict(answer, "no") == reason


def test_a_reference_that_says_neither_is_named() -> None:
    assert verdict("yes", "perhaps", "yes_no") == "unreadable_reference"
    assert verdict("yes", "") == "unreadable_reference"


@given(st.text(max_size=40) | st.text(st.sampled_from("yesno maybtruefl/.,"), max_size=30))
def test_any_text_is_right_for_at_most_one_reference(text: str) -> None:
    verdicts = [verdict(text, reference, "yes_no_maybe") for reference in ("yes", "no", "maybe")]
    assert verdicts.count(True) == (0 if isinstance(verdicts[0], str) else 1)
