"""One figure of several trainings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.reporting.numbers import Numbers, Place
from calibrant.reporting.seed_summary import summarise_seeds

PLACES = [Place("a.json", "/x"), Place("b.json", "/x")]


def printed(values, style="figure", **more) -> str:
    numbers = Numbers()
    numbers.add_summary("it", summarise_seeds(values, **more), PLACES, style)
    return numbers["it"].printed.replace("\xa0", " ")


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=9))
def test_it_is_numpys_median_between_the_ends(values):
    found = summarise_seeds(values)
    assert found.value == pytest.approx(np.median(values))
    assert found.seeds == found.defined == len(values)
    assert found.undefined is None
    if len(set(values)) > 1:
        assert (found.low, found.high) == (min(values), max(values))
    else:
        assert found.low is found.high is None


@pytest.mark.parametrize(
    ("values", "style", "text"),
    [
        ([0.25, 0.5, 0.75], "figure", "0.500 (0.250 to 0.750)"),
        ([0.25, 0.25], "figure", "0.250"),
        ([-0.25, 0.25], "signed", "+0.000 (-0.250 to +0.250)"),
        ([10, 13], "count", "11.5 (10 to 13)"),
        ([10, 12], "count", "11 (10 to 12)"),
        ([0.5], "share", "50.0%"),
        ([12.34, 1234.5], "duration", "623.4 (12.3 to 1,234.5)"),
        ([None, None], "figure", "not defined"),
        ([0.5, None, 0.75], "figure", "0.625 (0.500 to 0.750; 2 of 3 seeds)"),
        ([0.5, None], "figure", "0.500 (0.500 to 0.500; 1 of 2 seeds)"),
    ],
)
def test_how_it_is_printed(values, style, text):
    assert printed(values, style) == text


def test_seeds_without_the_figure_are_counted():
    assert printed([0.5], absent=2) == "0.500 (0.500 to 0.500; 1 of 3 seeds)"
    found = summarise_seeds([0.5, None], absent=1)
    assert (found.seeds, found.defined) == (3, 1)
    assert found.undefined == "it has no value with 2 of 3 seeds"


def test_it_says_how_it_was_computed():
    assert summarise_seeds([1, 2]).computed == "median of 2 seeds"
    assert summarise_seeds([1]).computed is None
    assert summarise_seeds([1], of="a / b").computed == "a / b"
    assert summarise_seeds([1, 2], of="a / b").computed == "median of 2 seeds of a / b"


def test_numbers_json_lists_every_place():
    numbers = Numbers()
    numbers.add_summary("it", summarise_seeds([1, 3]), PLACES, "count")
    [entry] = numbers.document()["numbers"]
    assert entry == {
        "id": "it", "value": 2, "low": 1, "high": 3, "printed": "2 (1\xa0to\xa03)",
        "undefined": None, "file": "a.json", "pointer": "/x", "computed": "median of 2 seeds",
        "others": [{"file": "b.json", "pointer": "/x"}],
    }  # fmt: skip
