"""Choices: letters, texts, and what names no single option."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.grading.choice import grade_choice
from calibrant.rows import Question

PLACES = ("bank", "river", "old mill", "the shop", "Saint-Denis")


def verdict(answer: str, reference: str, options: tuple[str, ...] = PLACES) -> bool | str | None:
    question = Question(
        "made/up", "made", "general", "test", "choice", "Where?", (reference,), None, options
    )
    grade = grade_choice(answer, question)
    assert grade.grader == "choice"
    assert (grade.correct is None) == bool(grade.reason)
    return grade.reason or grade.correct


NAMES_C = [
    "C",
    "c",
    " C \n",
    "C.",
    "(C)",
    "( c )",
    "C)",
    "C )",
    "c.",
    "[C]",
    '"C"',
    "**C**",
    "$C$",
    "\\boxed{C}",
    "\\boxed{\\text{C}}",
    "Option C",
    "option (c)",
    "choice C.",
    "C: old mill",
    "C) old mill",
    "C ) old mill",
    "C) Old Mill.",
    "(C) the old mill",
    "C. old mill",
    "C old mill",
    "C old-mill",
    "C) old mill, because the bank is far away",
    "C, because it is quiet",
    "C) odl mill",
    "old mill",
    "Old mill.",
    "the old mill",
    "An old mill",
    "The answer is C",
    "The answer is C.",
    "The answer is C) old mill.",
    "The correct answer is (C).",
    "Final answer: C",
    "The answer is: old mill",
    "I choose C)",
    "It is at the old mill",
    "The best option is C",
    "C is the correct answer",
    "C) old mill and E) Saint-Denis",
    "C) old mill, D) the shop",
]


@pytest.mark.parametrize("answer", NAMES_C)
def test_an_option_is_recognised_however_it_is_named(answer: str) -> None:
    assert verdict(answer, "C") is True
    for other in "ABDE":
        assert verdict(answer, other) is False


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("C) bank", "ambiguous"),
        ("C: river", "ambiguous"),
        ("C) forest", "ambiguous"),
        ("C) old mill or bank", "ambiguous"),
        ("I don't think the answer is C", "ambiguous"),
        ("It is unlikely that the answer is C", "ambiguous"),
        ("The wrong answer is C", "ambiguous"),
        ("Wrong answer: C", "ambiguous"),
        ("not \\boxed{C}", "ambiguous"),
        ("old mill is wrong", "ambiguous"),
        ("old mill would be incorrect", "ambiguous"),
        ("C is wrong", "ambiguous"),
        ("never the old mill", "ambiguous"),
        ("hardly the old mill", "ambiguous"),
        ("far from the old mill", "ambiguous"),
        ("I doubt it is the bank", "ambiguous"),
        ("anything but the bank", "ambiguous"),
        ("rule out the bank", "ambiguous"),
        ("C) old mill is wrong, so D) the shop", "ambiguous"),
        ("C) old mill. Wait, D) the shop", "ambiguous"),
        ("B and C", "ambiguous"),
        ("B, C", "ambiguous"),
        ("(A) or (B)", "ambiguous"),
        ("either B) or C)", "ambiguous"),
        ("bank or river", "ambiguous"),
        ("not C", "not_an_option"),
        ("not (C)", "ambiguous"),
        ("not the bank", "ambiguous"),
        ("C) is not it", "ambiguous"),
        ("A) bank is wrong, not B) river", "ambiguous"),
        ("G", "not_an_option"),
        ("G) forest", "not_an_option"),
        ("forest", "not_an_option"),
        ("a forest", "not_an_option"),
        ("I think so", "not_an_option"),
        ("embankment", "not_an_option"),
        ("banks", "not_an_option"),
        ("none of these", "not_an_option"),
        ("42", "not_an_option"),
        ("?", "not_an_option"),
    ],
)
def test_what_names_no_single_option_is_not_graded(answer: str, reason: str) -> None:
    for reference in "ABCDE":
        assert verdict(answer, reference) == reason


FORMS = ["{}) {}", "{}. {}", "({}) {}", "{}: {}", "Option {}: {}", "{} - {}", "**{})** {}", "[{}] {}",
         "{}) {}.", "answer: {}) {}", "{}, {}", "{}.{}", "{}; {}", "The answer is {}) {}."]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_letter_beside_the_text_of_another_option_is_ambiguous(form: str) -> None:
    for index, letter in enumerate("ABCDE"):
        for case in (letter, letter.lower()):
            for other, text in enumerate(PLACES):
                found = {verdict(form.format(case, text), reference) for reference in "ABCDE"}
                expected = {True, False} if other == index else {"ambiguous"}
                assert found == expected, form.format(case, text)


def test_a_negation_within_the_text_of_an_option_is_no_denial() -> None:
    verdicts = ("guilty", "not guilty", "none of these")
    assert verdict("B) not guilty", "B", verdicts) is True
    assert verdict("He is not guilty at all", "B", verdicts) == "ambiguous"
    assert verdict("C) none of these, I think", "C", verdicts) is True
    assert verdict("It is not C) none of these", "C", verdicts) == "ambiguous"


def test_a_reason_that_is_part_of_an_option_is_looked_at() -> None:
    reasons = ("No, because it is late", "As far as possible", "Yes, because it is late")
    for index, letter in enumerate("ABC"):
        for other, text in enumerate(reasons):
            expected = True if index == other else "ambiguous"
            assert verdict(f"{letter}) {text}", letter, reasons) == expected
    assert verdict("B. As far as possible is wrong", "B", reasons) == "ambiguous"


def test_options_that_differ_only_in_case_are_told_apart() -> None:
    genes = ("AA", "Aa", "aa")
    for letter, text in zip("ABC", genes, strict=True):
        for reference in "ABC":
            for answer in (letter, f"({letter})", f"{letter}) {text}", text, f"{text}."):
                assert verdict(answer, reference, genes) is (letter == reference)
    assert verdict("A) aa", "A", genes) == "ambiguous"
    assert verdict("Neither", "D", (*genes, "neither")) == "not_an_option"


def test_a_word_is_not_a_letter() -> None:
    assert verdict("a bank", "A", ("river", "bank")) is False
    assert verdict("A bank", "B", ("river", "bank")) is True
    assert verdict("a river", "A", ("river", "bank")) is True
    assert verdict("I bank on it", "I", tuple("xyzuvwstq")) == "not_an_option"


def test_an_option_inside_another_one_counts_only_in_full() -> None:
    machines = ("slot machine", "machine", "bank machine")
    assert verdict("machine", "B", machines) is True
    assert verdict("slot machine", "A", machines) is True
    assert verdict("a big slot machine", "A", machines) == "ambiguous"
    assert verdict("a big machine", "B", machines) is True
    assert verdict("A) slot machine", "A", machines) is True
    assert verdict("B) slot machine", "B", machines) == "ambiguous"


def test_an_option_that_looks_like_a_letter_is_told_apart_or_refused() -> None:
    assert verdict("E. coli", "A", ("E. coli", "yeast", "x", "y", "z")) is True
    groups = ("B", "A", "AB", "O")
    assert verdict("A", "A", groups) == "ambiguous"
    assert verdict("O", "D", groups) == "ambiguous"
    assert verdict("AB", "C", groups) is True
    assert verdict("D", "D", groups) is True


def test_options_with_the_same_text_are_the_same_option() -> None:
    twins = ("mortal", "dying", "mortal")
    for answer in ("A", "C", "mortal", "A) mortal"):
        assert verdict(answer, "A", twins) is True
        assert verdict(answer, "C", twins) is True
        assert verdict(answer, "B", twins) is False


def test_options_that_differ_only_in_signs_are_told_apart() -> None:
    signs = ("+", "-", "x > 3", "x < 3", "A-", "A")
    for letter, text in zip("ABCDEF", signs, strict=True):
        for reference in "ABCDEF":
            assert verdict(f"({letter})", reference, signs) is (letter == reference)
            if len(text) != 1 or not text.isalpha():
                assert verdict(text, reference, signs) is (letter == reference)


def test_without_options_only_letters_are_read() -> None:
    assert verdict("(D)", "D", ()) is True
    assert verdict("The answer is D) something", "D", ()) is True
    assert verdict("E", "D", ()) is False
    assert verdict("something", "D", ()) == "not_an_option"


def test_a_reference_is_a_letter_or_the_text_of_an_option() -> None:
    assert verdict("C", "Old mill") is True
    assert verdict("C", "F") == "unreadable_reference"
    assert verdict("C", "forest") == "unreadable_reference"
    assert verdict("C", "") == "unreadable_reference"


@given(st.text(max_size=40) | st.text(st.sampled_from("ABCabc().: old milbankriver"), max_size=30))
def test_any_text_is_right_for_at_most_one_option(text: str) -> None:
    verdicts = [verdict(text, reference) for reference in "ABCDE"]
    if isinstance(verdicts[0], str):
        assert len(set(verdicts)) == 1
    else:
        assert sorted(map(bool, verdicts)) == [False] * 4 + [True]
