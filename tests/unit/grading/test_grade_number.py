"""Numbers: forms that are equal, false friends, and texts that state no single number."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.grading.number import grade_number
from calibrant.grading.numerals import read_number
from calibrant.rows import Question


def question(*references: str) -> Question:
    return Question("made/up", "made", "math", "test", "number", "How many?", references)


def verdict(answer: str, *references: str) -> bool | str | None:
    grade = grade_number(answer, question(*references))
    assert grade.grader == "number"
    assert (grade.correct is None) == bool(grade.reason)
    return grade.reason or grade.correct


SAME = [
    ("12", "12"),
    ("12.0", "12"),
    ("012", "12"),
    ("12.", "12"),
    ("+12", "12"),
    (" 12 \n", "12"),
    ("**12**", "12"),
    ("(12)", "12"),
    ("\uff11\uff12", "12"),
    ("twelve", "12"),
    ("Twelve apples", "12"),
    ("-5", "-5"),
    ("\u22125", "-5"),
    ("- 5", "-5"),
    ("-$5", "-5"),
    ("$-5", "-5"),
    ("-0", "0"),
    (".5", "0.5"),
    ("0.50", "0.5"),
    ("1,234", "1234"),
    ("1 234", "1234"),
    ("1\u202f234\u202f567", "1234567"),
    ("1,234,567.5", "1234567.5"),
    ("12,34,567", "1234567"),
    ("10,\\!080", "10080"),
    ("1{,}000", "1000"),
    ("3/4", "0.75"),
    ("0.75", "3/4"),
    ("6/8", "3/4"),
    ("-3/4", "-0.75"),
    ("1 1/2", "1.5"),
    ("-1 1/2", "-1.5"),
    ("1 and 1/2", "1.5"),
    ("1\u00bd", "1.5"),
    ("\u00be", "3/4"),
    ("3\u20444", "3/4"),
    ("\\frac{3}{4}", "0.75"),
    ("\\dfrac34", "3/4"),
    ("\\frac 34", "3/4"),
    ("\\frac9{12}", "3/4"),
    ("2\\frac{1}{3}", "7/3"),
    ("-\\frac{35}{9}", "-35/9"),
    ("\\boxed{12}", "12"),
    ("First 3, then \\boxed{\\frac{3}{4}}.", "0.75"),
    ("$12$", "12"),
    ("\\(12\\)", "12"),
    ("\\$12.50", "12.5"),
    ("$1,234.50", "1234.5"),
    ("US$5", "5"),
    ("5 \u20ac", "5"),
    ("12 dollars", "12"),
    ("12 apples", "12"),
    ("12 km", "12"),
    ("12km", "12"),
    ("12 km/h", "12"),
    ("5 cm\u00b2", "5"),
    ("5 m^2", "5"),
    ("864 \\mbox{ inches}^2", "864"),
    ("90^\\circ", "90"),
    ("90\u00b0", "90"),
    ("1st", "1"),
    ("about 12", "12"),
    ("1.2e3", "1200"),
    ("1E-3", "0.001"),
    ("1.2 x 10^3", "1200"),
    ("1.2\u00d710\u00b3", "1200"),
    ("1.2 \\times 10^{-3}", "0.0012"),
    ("1.2*10**3", "1200"),
    ("= 12", "12"),
    ("7 + 5 = 12", "12"),
    ("3 x 4 = 12 apples", "12"),
    ("x = 12", "12"),
    ("The answer is 12.", "12"),
    ("The final answer is: $12$. There were 30 at first", "12"),
    ("Of 30 apples, the answer is x = 12", "12"),
    ("12, that is 12 apples", "12"),
    ("50%", "50"),
    ("50", "50%"),
    ("50 percent", "50%"),
    ("50\\%", "50.0"),
    ("3 million", "3000000"),
    ("3,000,000", "3 million"),
    ("1.5 million dollars", "1500000"),
    ("2 dozen", "24"),
    ("3 dozen", "3 dozen"),
    ("60 minutes = 1 hour", "1"),
    ("1/2 = 0.5", "0.5"),
    ("negative 5", "-5"),
    ("minus five", "-5"),
    ("The sum is minus 5 dollars", "-5"),
    ("x = negative 5", "-5"),
    ("-USD 5", "-5"),
    ("ten percent", "10%"),
    ("five hundred", "500"),
]


@pytest.mark.parametrize(("answer", "reference"), SAME)
def test_the_same_number_in_another_form_is_right(answer: str, reference: str) -> None:
    assert verdict(answer, reference) is True


FALSE_FRIENDS = [
    ("12", "21"),
    ("12", "-12"),
    ("1.2", "12"),
    ("12", "12.5"),
    ("1234", "1,235"),
    ("125", "2125"),
    ("0.33", "1/3"),
    ("3/4", "4/3"),
    ("1 1/2", "11/2"),
    ("3.14", "3.1415926"),
    ("100000000", "100000001"),
    ("1e3", "13"),
    ("10^3 = 1000", "10"),
    ("50%", "5"),
    ("0.5%", "50"),
    ("3 million", "4 million"),
    ("3 million", "3 thousand"),
    ("12 + 5 = 17", "12"),
    ("\\frac{1}{2}", "12"),
    ("5 cm^2", "52"),
    ("negative 12", "12"),
    ("minus twelve", "12"),
    ("-USD 12", "12"),
]


@pytest.mark.parametrize(("answer", "reference"), FALSE_FRIENDS)
def test_a_false_friend_is_wrong(answer: str, reference: str) -> None:
    assert verdict(answer, reference) is False


AMBIGUOUS = [
    "12 or 13",
    "3-5",
    "3 - 5",
    "3 to 5",
    "(3, 4)",
    "1,-2",
    "12/25/2020",
    "3:30",
    "0,5",
    "1,23",
    "1.234,5",
    "3.14.15",
    "more than 12",
    "x > 12",
    "x \u2264 12",
    "not 12",
    "between 10 and 12",
    "\u00b112",
    "x = 3 or x = 12",
    "x = 12, y = 5",
    "twenty-one",
    "one half",
    "two or three",
    "The answer is 12 or 13",
    "one forty",
    "five or thirty",
    "5 or thirty",
    "3 = 12",
]


@pytest.mark.parametrize("answer", AMBIGUOUS)
def test_a_text_with_two_readings_is_not_graded(answer: str) -> None:
    assert verdict(answer, "12") == "ambiguous"
    assert verdict(answer, "5") == "ambiguous"


NO_NUMBER = [
    "apples",
    "I do not know",
    "None",
    "no one",
    "nan",
    "inf",
    "\u221e",
    "H2O",
    "\u0661\u0662",
    "\\sqrt{5}",
    "sqrt(5)",
    "3\\sqrt{13}",
    "2\\pi",
    "2\u03c0",
    "2x",
    "2x = 10",
    "x - 1",
    "3R^2",
    "6 - 5i",
    "2^10",
    "10\u2076",
    "52_8",
    "1/0",
    "1e999",
    "9" * 5000,
    "\\frac{11+9a}{20}",
]


@pytest.mark.parametrize("answer", NO_NUMBER)
def test_a_text_without_a_single_number_is_not_graded(answer: str) -> None:
    assert verdict(answer, "5") == "not_a_number"


@pytest.mark.parametrize(
    ("answer", "reference"),
    [("50%", "0.5"), ("0.5", "50%"), ("3 million", "3"), ("3", "3 million"), ("3 dozen", "3")],
)
def test_a_unit_that_only_the_question_could_settle_is_ambiguous(
    answer: str, reference: str
) -> None:
    assert verdict(answer, reference) == "ambiguous"


def test_any_reference_may_be_met() -> None:
    assert verdict("7", "5", "7") is True
    assert verdict("8", "5", "7") is False
    assert verdict("7", "seven or so", "7") is True


def test_a_reference_that_is_no_number_is_named() -> None:
    assert verdict("7", "a lot") == "unreadable_reference"
    assert verdict("7") == "unreadable_reference"


def test_the_tolerance_is_for_decimal_references_only() -> None:
    assert verdict("0.3", "0.30000000000000004") is True
    assert verdict("326.50000001", "326.5") is True
    assert verdict("326.500001", "326.5") is False
    assert verdict("1000000000.1", "1000000000") is False
    assert verdict("0.3333333333333333", "1/3") is False


@given(st.integers(-(10**15), 10**15))
def test_every_way_to_write_a_whole_number_is_read(number: int) -> None:
    forms = [str(number), f"{number:,}", f"{number:,}".replace(",", " "), f"${number}$"]
    forms += [f"{number}.0", f"\\boxed{{{number}}}", f"The answer is {number:,}.", f"n = {number}"]
    for form in forms:
        assert read_number(form).value == number, form


@given(st.fractions(max_denominator=1000))
def test_every_fraction_is_read_exactly(fraction: Fraction) -> None:
    top, bottom = fraction.numerator, fraction.denominator
    sign = "-" if top < 0 else ""
    for form in (f"{top}/{bottom}", f"{sign}\\frac{{{abs(top)}}}{{{bottom}}}"):
        assert read_number(form).value == fraction, form


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
def test_every_decimal_is_read_exactly(decimal: object) -> None:
    text = format(decimal, "f")
    assert read_number(text).value == Fraction(text)


@given(
    st.text(max_size=60)
    | st.text(st.sampled_from("0123456789.,/-+=% xe^{}\\$()frac\n"), max_size=40)
)
def test_any_text_is_a_number_or_a_reason(text: str) -> None:
    numeral = read_number(text)
    assert (numeral.value is None) == (numeral.status != "ok")
    grade_number(text, question("5"))
