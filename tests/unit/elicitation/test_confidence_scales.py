"""Confidence scales: what is read, what is refused, and that writing can be undone."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.elicitation.scales import SCALES, Reading

UNREADABLE = [
    ("", "no_confidence"),
    (" \n ", "no_confidence"),
    ("nan", "not_finite"),
    ("-NaN", "not_finite"),
    ("inf", "not_finite"),
    ("Infinity", "not_finite"),
    ("1e999", "not_finite"),
    ("-1e999", "not_finite"),
    ("-0.1", "out_of_range"),
    ("1" * 350, "not_finite"),
]
NOT_BARE = [
    "0x1",
    "1_0",
    "1,5",
    "1/2",
    "0.5.",
    "0..5",
    ".",
    "+",
    "e5",
    "1e",
    "--1",
    "0 5",
    "50 %%",
    "about 1",
    "high",
    "\u0661",
    "\uff11",
    "\u00bd",
    "1\u0000",
    "\ud800",
]


@pytest.mark.parametrize("name", SCALES)
@pytest.mark.parametrize(("text", "status"), UNREADABLE)
def test_no_scale_makes_a_number_of_what_is_none(name: str, text: str, status: str) -> None:
    reading = SCALES[name].read(text)
    assert (reading.value, reading.status) == (None, status)


@pytest.mark.parametrize("name", ["unit", "percent", "digit"])
@pytest.mark.parametrize("text", NOT_BARE)
def test_a_text_that_is_not_a_plain_number_is_refused(name: str, text: str) -> None:
    assert SCALES[name].read(text) == Reading(None, "not_a_number")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("unit", "0", 0.0),
        ("unit", "1", 1.0),
        ("unit", "1.0", 1.0),
        ("unit", " 0.85\n", 0.85),
        ("unit", "+0.5", 0.5),
        ("unit", ".5", 0.5),
        ("unit", "1.", 1.0),
        ("unit", "1e-3", 0.001),
        ("unit", "1E-400", 0.0),
        ("unit", "-0", 0.0),
        ("percent", "85", 0.85),
        ("percent", "85%", 0.85),
        ("percent", "85 %", 0.85),
        ("percent", "85.5", 0.855),
        ("percent", "1", 0.01),
        ("percent", "0.85", 0.0085),
        ("percent", "100", 1.0),
        ("percent", "5.", 0.05),
        ("digit", "0", 0.0),
        ("digit", "9", 1.0),
        ("digit", "3", 3 / 9),
        ("rlcr", "0.85", 0.85),
        ("rlcr", "1", 1.0),
        ("rlcr", "1%", 1.0),
        ("rlcr", "85", 0.85),
        ("rlcr", "85%", 0.85),
        ("rlcr", "100.", 1.0),
        ("rlcr", "I am 90% sure, or 0.9", 0.9),
        ("rlcr", "about .7 of it", 0.7),
        ("rlcr", "high (0.9).", 0.9),
    ],
)
def test_a_written_confidence_is_read(name: str, text: str, value: float) -> None:
    reading = SCALES[name].read(text)
    assert reading.status == "ok"
    assert reading.value == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("name", "text", "status"),
    [
        ("unit", "85", "out_of_range"),
        ("unit", "1.01", "out_of_range"),
        ("unit", "85%", "not_a_number"),
        ("unit", "1%", "not_a_number"),
        ("percent", "100.5", "out_of_range"),
        ("percent", "85%%", "not_a_number"),
        ("percent", "%", "no_confidence"),
        ("digit", "10", "out_of_range"),
        ("digit", "05", "out_of_range"),
        ("digit", "0.5", "out_of_range"),
        ("digit", "9%", "not_a_number"),
        ("rlcr", "101", "out_of_range"),
        ("rlcr", "I am -5 sure", "out_of_range"),
        ("rlcr", "very sure", "no_confidence"),
        ("rlcr", "top 10th 2nd", "no_confidence"),
        ("rlcr", "1_0", "no_confidence"),
        ("rlcr", "\u0661\u0660", "no_confidence"),
    ],
)
def test_no_scale_guesses_what_another_one_means(name: str, text: str, status: str) -> None:
    reading = SCALES[name].read(text)
    assert (reading.value, reading.status) == (None, status)


@pytest.mark.parametrize("name", SCALES)
@given(probability=st.floats(0, 1))
def test_what_is_written_is_read_to_half_a_step(name: str, probability: float) -> None:
    scale = SCALES[name]
    reading = scale.read(scale.write(probability))
    assert reading.value is not None
    assert abs(reading.value - probability) <= scale.step / 2 + 1e-12


@pytest.mark.parametrize("name", SCALES)
def test_certainty_and_impossibility_can_be_said(name: str) -> None:
    scale = SCALES[name]
    assert scale.read(scale.write(0.0)).value == 0.0
    assert scale.read(scale.write(1.0)).value == 1.0


@pytest.mark.parametrize("name", SCALES)
@pytest.mark.parametrize("probability", [-0.01, 1.01, math.nan, math.inf])
def test_only_a_probability_can_be_written(name: str, probability: float) -> None:
    with pytest.raises(ValueError, match="not a probability"):
        SCALES[name].write(probability)


@pytest.mark.parametrize("name", SCALES)
@given(
    text=st.text(st.sampled_from("0123456789.+-eE%_, naifx\u0661\uff11\u00bd\ud800\0"), max_size=12)
)
def test_a_reading_is_a_probability_or_a_reason(name: str, text: str) -> None:
    reading = SCALES[name].read(text)
    if reading.status == "ok":
        assert reading.value is not None and 0 <= reading.value <= 1
        assert math.copysign(1, reading.value) == 1
    else:
        assert reading.value is None


@given(st.floats(0, 1))
def test_every_float_is_read_back_exactly_on_the_unit_scale(value: float) -> None:
    assert SCALES["unit"].read(repr(value)).value == value


def test_scales_are_named_as_their_keys_and_ask_in_words() -> None:
    assert list(SCALES) == ["unit", "percent", "digit", "rlcr"]
    assert all(scale.name == name for name, scale in SCALES.items())
    assert SCALES["percent"].instruction == (
        "a whole number from 0 to 100, the chance in percent that your answer is right"
    )
