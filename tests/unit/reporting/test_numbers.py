"""A number is printed in one form, and its id leads back to one place in one file."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.reporting.document import Document
from calibrant.reporting.numbers import NOT_DEFINED, Numbers, escape_pointer


def added(content, pointer="/x", style="figure"):
    numbers = Numbers()
    return numbers[numbers.add("it", Document("a/b.json", content), pointer, style)]


@pytest.mark.parametrize(
    ("style", "value", "printed"),
    [
        ("count", 0, "0"),
        ("count", 1221, "1,221"),
        ("count", 1234567.0, "1,234,567"),
        ("figure", 0.12345, "0.123"),
        ("figure", 1, "1.000"),
        ("figure", 2.0005001, "2.001"),
        ("signed", 0.5, "+0.500"),
        ("signed", -0.0316, "-0.032"),
        ("signed", 0.0, "+0.000"),
        ("share", 0.95, "95.0%"),
        ("share", 0.12345, "12.3%"),
        ("share", 1, "100.0%"),
        ("level", 1e-6, "1e-06"),
        ("level", 0.95, "0.95"),
        ("difference", 0.0, "0.0e+00"),
        ("difference", 2.34e-12, "2.3e-12"),
    ],
)
def test_every_style_has_one_printed_form(style, value, printed):
    number = added({"x": value}, style=style)
    assert (number.value, number.printed, number.undefined) == (value, printed, None)


def test_an_interval_is_printed_behind_the_value_and_does_not_break():
    number = added({"x": {"value": 0.25, "low": 0.125, "high": 0.5004, "undefined": None}})
    assert number.printed == "0.250 [0.125,\N{NO-BREAK SPACE}0.500]"
    assert (number.low, number.high) == (0.125, 0.5004)
    signed = added({"x": {"value": 0.1, "low": -0.1, "high": 0.3}}, style="signed")
    assert signed.printed == "+0.100 [-0.100,\N{NO-BREAK SPACE}+0.300]"


def test_without_an_interval_the_value_stands_alone_and_the_reason_is_kept():
    entry = {"value": 1.0, "low": None, "high": None, "undefined": "no interval from one question"}
    number = added({"x": entry})
    assert number.printed == "1.000"
    assert number.undefined == "no interval from one question"


def test_what_has_no_value_is_printed_in_words_with_its_reason():
    entry = {"value": None, "low": None, "high": None, "undefined": "all answers are right"}
    number = added({"x": entry})
    assert (number.value, number.printed) == (None, NOT_DEFINED)
    assert number.undefined == "all answers are right"
    plain = added({"x": None})
    assert (plain.value, plain.printed, plain.undefined) == (None, NOT_DEFINED, "it has no value")
    assert not any(character.isdigit() for character in NOT_DEFINED)


def test_the_same_number_may_be_added_twice():
    numbers = Numbers()
    document = Document("a.json", {"x": 0.5})
    for _ in range(2):
        assert numbers.add("it", document, "/x", "figure") == "it"
    assert len(numbers) == 1
    assert "it" in numbers
    assert "other" not in numbers


@pytest.mark.parametrize(
    ("path", "pointer", "style"),
    [("a.json", "/y", "figure"), ("b.json", "/x", "figure"), ("a.json", "/x", "share")],
)
def test_one_id_for_two_numbers_is_refused(path, pointer, style):
    numbers = Numbers()
    content = {"x": 0.5, "y": 0.7}
    numbers.add("it", Document("a.json", content), "/x", "figure")
    with pytest.raises(ValueError, match="two different numbers have the id it"):
        numbers.add("it", Document(path, content), pointer, style)


CONTENT = {"a": {"b": [{"c": 1}, 2]}, "n": None, "text": "7", "yes": True, "empty": {}}


@pytest.mark.parametrize(
    "pointer",
    ["/z", "/a/z", "/a/b/2", "/a/b/-1", "/a/b/c", "/n/x", "/text/0", "/a/b/0/c/d", "/a/b/1.0"],
)
def test_a_pointer_to_nothing_names_file_and_place(pointer):
    with pytest.raises(CalibrantError) as caught:
        added(CONTENT, pointer)
    assert str(caught.value).startswith(f"a/b.json: has nothing at {pointer}. Delete it")


@pytest.mark.parametrize("pointer", ["/text", "/yes", "/empty", "/a", "/a/b", ""])
def test_what_is_no_number_is_refused(pointer):
    with pytest.raises(CalibrantError, match=f"a/b.json: has no number at {pointer}"):
        added(CONTENT, pointer)


def test_an_interval_that_is_no_number_is_refused():
    with pytest.raises(CalibrantError, match="has no number at /x"):
        added({"x": {"value": 0.5, "low": "0.4", "high": 0.6}})


def test_lists_are_counted_from_nought():
    assert added(CONTENT, "/a/b/1").value == 2
    assert added(CONTENT, "/a/b/0/c").value == 1


@pytest.mark.parametrize(
    ("key", "escaped"),
    [("a/b", "a~1b"), ("a~b", "a~0b"), ("~1", "~01"), ("/~", "~1~0"), ("plain 7", "plain 7")],
)
def test_keys_are_escaped_as_rfc_6901_says(key, escaped):
    assert escape_pointer(key) == escaped


@given(st.text(), st.text(), st.integers(-(10**9), 10**9))
def test_any_key_is_found_again(outer, inner, value):
    pointer = f"/{escape_pointer(outer)}/{escape_pointer(inner)}"
    assert added({outer: {inner: value}}, pointer, "count").value == value


def test_the_document_lists_all_in_the_order_they_came():
    numbers = Numbers()
    document = Document("a.json", {"b": 2, "a": {"value": 0.5, "low": 0.25, "high": 0.75}})
    numbers.add("second", document, "/b", "count")
    numbers.add("first", document, "/a", "figure")
    content = numbers.document()
    assert content["schema"] == "calibrant-numbers/1"
    assert [entry["id"] for entry in content["numbers"]] == ["second", "first"]
    assert content["numbers"][1] == {
        "id": "first", "value": 0.5, "low": 0.25, "high": 0.75,
        "printed": "0.500 [0.250,\N{NO-BREAK SPACE}0.750]", "undefined": None,
        "file": "a.json", "pointer": "/a", "computed": None, "others": [],
    }  # fmt: skip
    assert json.loads(json.dumps(content)) == content
