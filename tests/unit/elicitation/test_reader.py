"""The reader of a format: one statement, or sentences of which the confidences have a mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.prompts import ALL_FORMATS, SENTENCE_TAGS, build_messages, format_tags
from calibrant.elicitation.reader import SENTENCES, statement_reader
from calibrant.elicitation.scales import SCALES
from calibrant.elicitation.settings import Elicitation
from calibrant.rows import Question

A = "<sentence>The coast: yes.</sentence><confidence>80</confidence>"
B = "<sentence>The hills: no.</sentence><confidence>30</confidence>"
BARE = "<sentence>The hills: no.</sentence>"
BOTH = "The coast: yes. The hills: no."
QUESTION = Question("q/1", "q", "d", "test", "short_text", "Will it be wet?", ("SECRET",))


@pytest.mark.parametrize(
    ("text", "reason", "answer", "confidence", "status"),
    [
        (A, "stop", "The coast: yes.", 0.8, "ok"),
        (A + "\n" + B, "stop", BOTH, 0.55, "ok"),
        # A missing confidence leaves the mean unknown, not 0.8 and not 0.9.
        (A + BARE, "stop", BOTH, None, "no_confidence"),
        (A + BARE + "<confidence>high</confidence>", "stop", BOTH, None, "not_a_number"),
        (A + BARE + "<confidence>101</confidence>", "stop", BOTH, None, "out_of_range"),
        # What is out of place hides nothing that was read.
        (A + B + " Bye.", "stop", BOTH, 0.55, "stray_text"),
        (A + B + "</sentence>", "stop", BOTH, 0.55, "stray_tag"),
        ("", "stop", None, None, "no_sentence"),
        ("The coast: yes.", "stop", None, None, "no_sentence"),
        ("<confidence>80</confidence>", "stop", None, None, "no_sentence"),
        # Nobody knows what would have followed.
        (A + "<sentence>The hills", "length", None, None, "truncated"),
        (A + B, "length", None, None, "truncated"),
    ],
)
def test_sentences_by_hand(text, reason, answer, confidence, status) -> None:
    read = statement_reader(SENTENCES, "percent")(text, reason)
    assert (read.answer, read.status) == (answer, status)
    assert read.confidence == pytest.approx(confidence)
    assert read.sentences is not None


@given(st.text(), st.sampled_from(["stop", "length"]))
def test_other_formats_are_read_as_ever(text: str, reason: str) -> None:
    for layout in ALL_FORMATS:
        read = statement_reader(layout, "percent")(text, reason)
        assert read == parse_completion(text, SCALES["percent"], reason)
        assert read.sentences is None


@given(
    st.lists(st.sampled_from([A, B, BARE, "<confidence>7</confidence>", "x", "</sentence>"])),
    st.sampled_from(["stop", "length"]),
)
def test_a_confidence_needs_one_of_every_sentence(parts: list[str], reason: str) -> None:
    read = statement_reader(SENTENCES, "percent")("".join(parts), reason)
    assert read.sentences is not None
    stated = [item.confidence for item in read.sentences.statements]
    if reason == "length" or not stated or None in stated:
        assert read.confidence is None
    else:
        assert read.confidence == pytest.approx(sum(stated) / len(stated))
    assert (read.answer is None) == (reason == "length" or not stated)


@pytest.mark.parametrize("scale", SCALES)
def test_worked_examples_are_one_to_three_sentences_that_are_read_back(scale: str) -> None:
    asked = Elicitation(format=SENTENCES, scale=scale, examples=4)
    messages = build_messages(QUESTION, asked)
    replies = [item["content"] for item in messages if item["role"] == "assistant"]
    read = [statement_reader(SENTENCES, scale)(reply, "stop") for reply in replies]
    assert [item.status for item in read] == ["ok"] * 4
    lengths = [len(item.sentences.statements) for item in read if item.sentences]
    assert {1, 2, 3} == set(lengths)
    # Of the two that are shown by default, one is longer than a sentence.
    assert max(lengths[:2]) > 1
    assert len({item.confidence for item in read}) == 4
    assert "SECRET" not in str(messages)


def test_the_instruction_shows_the_tags_and_says_that_they_repeat() -> None:
    told = build_messages(QUESTION, Elicitation(format=SENTENCES))[0]["content"]
    for tag in SENTENCE_TAGS:
        assert f"<{tag}>" in told and f"</{tag}>" in told
    assert "repeated" in told
    assert format_tags(SENTENCES) == SENTENCE_TAGS
    assert "repeated" not in build_messages(QUESTION, Elicitation())[0]["content"]
