from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.data.exact_value import exact_value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 + 3 * 4", Fraction(14)),
        ("( 56 + -33 ) - 84.", Fraction(-61)),
        ("1 / 3", Fraction(1, 3)),
        ("-7 / 2", Fraction(-7, 2)),  # not floored to -4
        ("8 / 4 / 2", Fraction(1)),
        ("-(2 - -(3))", Fraction(-5)),
        ("0.1 + 0.2", Fraction(3, 10)),  # not 0.30000000000000004
        (" 12 ", Fraction(12)),
    ],
)
def test_values_are_exact(expression: str, value: Fraction) -> None:
    assert exact_value(expression) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 / 0",
        "2 ** 3",
        "7 // 2",
        "x + 1",
        "1 +",
        "(1",
        "1 2",
        "1, 2",
        "__import__('os')",
        "...",
    ],
)
def test_what_is_not_a_sum_has_no_value(text: str) -> None:
    assert exact_value(text) is None


@given(st.text(alphabet="0123456789+-*/(). ", max_size=20))
def test_any_text_of_these_characters_is_a_value_or_none(text: str) -> None:
    assert isinstance(exact_value(text), Fraction | None)


@given(st.lists(st.integers(-999, 999), min_size=1, max_size=8))
def test_sums_of_integers_are_python_sums(terms: list[int]) -> None:
    assert exact_value(" + ".join(map(str, terms))) == sum(terms)
