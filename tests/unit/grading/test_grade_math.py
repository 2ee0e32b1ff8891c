"""Mathematical expressions: equal ones, false friends, and input meant to do harm."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from calibrant.grading.math import grade_math
from calibrant.grading.math_process import MathProcess
from calibrant.rows import Question


def verdict(answer: str, *references: str) -> bool | str | None:
    question = Question("made/up", "made", "math", "test", "math", "Solve.", references)
    given = grade_math(answer, question)
    assert given.grader == "math"
    assert (given.correct is None) == bool(given.reason)
    return given.reason or given.correct


SAME = [
    ("14/3", "\\frac{14}{3}"),
    ("\\dfrac{14}{3}", "\\frac{14}{3}"),
    ("$\\frac{14}{3}$", "\\frac{14}{3}"),
    ("\\boxed{\\frac{14}{3}}", "\\frac{14}{3}"),
    ("The answer is $\\frac{14}{3}$.", "\\frac{14}{3}"),
    ("\\[ \\frac{28}{6} \\]", "\\frac{14}{3}"),
    ("1.5", "\\frac{3}{2}"),
    ("3 sqrt(13)", "3\\sqrt{13}"),
    ("3*sqrt(13)", "3\\sqrt{13}"),
    ("3\u221a13", "3\\sqrt{13}"),
    ("\\sqrt{117}", "3\\sqrt{13}"),
    ("2*pi", "2\\pi"),
    ("2\u03c0", "2\\pi"),
    ("x**2 + 1", "x^2+1"),
    ("1 + x^2", "x^2+1"),
    ("2(k+1)", "2k+2"),
    ("1/tan(x)", "\\cot x"),
    ("6-5*i", "6 - 5i"),
    ("5", "x=5"),
    ("x is 5", "x=5"),
    ("2x+3", "y = 2x + 3"),
    ("[-2,7]", "x \\in [-2,7]"),
    ("(3, pi/2)", "\\left( 3, \\frac{\\pi}{2} \\right)"),
    ("-2, 1", "1,-2"),
    ("1+\\sqrt{19}, 1-\\sqrt{19}", "1 \\pm \\sqrt{19}"),
    ("90 degrees", "90^\\circ"),
    ("90", "90^\\circ"),
    ("5.4", "5.4 \\text{ cents}"),
    ("10080", "10,\\!080"),
    ("1 234", "1234"),
    ("1e3", "1000"),
    ("$36", "\\$36"),
    ("36", "\\$36"),
    ("The area is 5 square metres", "5"),
    ("even", "\\text{even}"),
    ("Even.", "\\text{even}"),
    ("C", "\\text{(C)}"),
    ("**5**", "5"),
    ("negative 5", "-5"),
    ("minus \\frac{1}{2}", "-\\frac{1}{2}"),
    ("13/12", "1 1/12"),
    ("2+2=4", "4"),
    ("f(3) = 5", "5"),
    ("\\angle ABC = 5", "5"),
    ("\\text{Area} = 5", "5"),
    ("52_{8}", "52_8"),
    ("52_{\\text{eight}}", "52_8"),
    ("\\begin{pmatrix} 0.5 \\\\ 2 \\end{pmatrix}", "\\begin{pmatrix} 1/2 \\\\ 2 \\end{pmatrix}"),
]


@pytest.mark.parametrize(("answer", "reference"), SAME)
def test_an_equal_expression_is_right(answer: str, reference: str) -> None:
    assert verdict(answer, reference) is True


FALSE_FRIENDS = [
    ("3", "3\\sqrt{13}"),
    ("13", "3\\sqrt{13}"),
    ("4.6667", "\\frac{14}{3}"),
    ("3/14", "\\frac{14}{3}"),
    ("0.33", "\\frac{1}{3}"),
    ("1 \u00b1 \u221a19", "1"),
    ("1+\\sqrt{19}", "1 \\pm \\sqrt{19}"),
    ("(3,4)", "(3,4]"),
    ("(-2,1)", "(1,-2)"),
    ("1", "1,-2"),
    ("1,-2", "-2"),
    ("q - p", "p - q"),
    ("x = 3 or x = 5", "5"),
    ("6-5*i", "6"),
    ("528", "52_8"),
    ("2516_9", "2516_8"),
    ("52_{10}", "52_8"),
    ("negative 5", "5"),
    ("minus \\frac{1}{2}", "\\frac{1}{2}"),
    ("5", "negative 5"),
    ("11/12", "1 1/12"),
    ("odd", "\\text{even}"),
    ("seat", "east"),
    ("seat", "\\text{east}"),
    ("(B)", "\\text{(C)}"),
    ("I do not know", "\\frac{14}{3}"),
    ("\\begin{pmatrix} 1 \\\\ 3 \\end{pmatrix}", "\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}"),
]


@pytest.mark.parametrize(("answer", "reference"), FALSE_FRIENDS)
def test_a_false_friend_is_wrong(answer: str, reference: str) -> None:
    assert verdict(answer, reference) is False


@pytest.mark.parametrize(
    ("answer", "reference", "reason"),
    [
        ("either 3 or 5", "5", "ambiguous"),
        ("x is $3$ and y is $5$", "5", "ambiguous"),
        ("1 2", "12", "cannot_parse"),
        ("12", "1 2", "cannot_parse"),
        ("4+", "4", "cannot_parse"),
        ("cat", "act", "ambiguous"),
        ("3=4", "4", "ambiguous"),
        ("2x=4", "4", "ambiguous"),
        ("-x=4", "4", "ambiguous"),
        ("x^2=4", "4", "ambiguous"),
        ("52", "52_8", "ambiguous"),
        ("52_8", "52", "ambiguous"),
        ("-$4$", "4", "ambiguous"),
        ("negative $4$", "4", "ambiguous"),
        ("at least $4$", "4", "ambiguous"),
        ("$4$ or more", "4", "ambiguous"),
        ("half of $4$", "4", "ambiguous"),
        ("$4$ is wrong", "4", "ambiguous"),
        ("4 squared", "4", "ambiguous"),
        ("2 and a half", "2", "ambiguous"),
        ("not \\pi", "\\pi", "ambiguous"),
        ("I don't think the answer is $5\\pi$", "5\\pi", "ambiguous"),
        ("The wrong answer is 4", "4", "ambiguous"),
        ("not \\boxed{4}", "4", "ambiguous"),
        ("\\bar{", "\\foo{", "cannot_parse"),
        ("\ud800\0", "\ud801", "cannot_parse"),
        ("1+" * 600 + "1", "601", "too_long"),
    ],
)
def test_what_cannot_be_compared_has_a_reason(answer: str, reference: str, reason: str) -> None:
    assert verdict(answer, reference) == reason


def test_any_reference_may_be_met() -> None:
    assert verdict("1/2", "\\frac{1}{3}", "\\frac{1}{2}") is True
    assert verdict("1/4", "\\frac{1}{3}", "\\frac{1}{2}") is False
    assert verdict("1/4") == "unreadable_reference"


def test_grading_works_in_threads() -> None:
    results: list[bool | str | None] = []
    threads = [
        threading.Thread(target=lambda: results.append(verdict("2(k+1)", "2k+2"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 4


@pytest.fixture
def process() -> Iterator[MathProcess]:
    """A process of the test's own."""
    own = MathProcess()
    yield own
    own.close()


def test_an_expression_that_explodes_is_given_up_and_the_next_one_is_compared(
    process: MathProcess,
) -> None:
    assert process.compare("$1$", "$1.0$") == "correct"
    begin = time.monotonic()
    assert process.compare("$1$", "$9^{9^{9^9}}$", seconds=2) == "timeout"
    assert time.monotonic() - begin < 10
    assert process.compare("$1$", "$2$") == "wrong"


@pytest.mark.parametrize("answer", ["1000000!!!", "9^{9^{9^{9}}}"])
def test_one_answer_costs_about_two_seconds(answer: str) -> None:
    assert verdict("1", "1.0") is True
    begin = time.monotonic()
    assert verdict(answer, "2", "3", "4", "5") == "timeout"
    # By the clock: the limit of processor time and what other work the machine has.
    assert time.monotonic() - begin < 8
    assert verdict("1", "1.0") is True


def test_a_dead_process_is_started_again(process: MathProcess) -> None:
    assert process.compare("$1$", "$1.0$") == "correct"
    process.close()
    assert process.compare("$1$", "$1.0$") == "correct"


def test_grading_does_not_load_sympy_into_its_own_process() -> None:
    program = (
        "import sys\nfrom calibrant.grading.grade import grade\n"
        "sys.exit(any(name in sys.modules for name in ('sympy', 'math_verify')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
