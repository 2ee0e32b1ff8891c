"""Sentences with confidences: read by rule, whatever the text."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.elicitation.scales import SCALES
from calibrant.elicitation.sentence_statements import parse_sentences, write_sentences
from calibrant.rewards.format import graded_format_reward, strict_format_reward

STATUSES = {
    "ok",
    "truncated",
    "no_sentence",
    "no_confidence",
    "not_a_number",
    "not_finite",
    "out_of_range",
    "stray_tag",
    "stray_text",
}
S, C = "<sentence>It rains.</sentence>", "<confidence>0.8</confidence>"


@pytest.mark.parametrize(
    ("text", "statements", "status"),
    [
        (S + C, [("It rains.", 0.8)], "ok"),
        (f" {S}\n{C}\n", [("It rains.", 0.8)], "ok"),
        (f"{S}{C}{S}{C}", [("It rains.", 0.8)] * 2, "ok"),
        (f"<think>{S}{C}</think>{S}{C}", [("It rains.", 0.8)], "ok"),
        (f"hm {S}</think>{S}{C}", [("It rains.", 0.8)], "ok"),
        (f"{S}{C}<think>hm", [("It rains.", 0.8)], "ok"),
        ("< SENTENCE >a</Sentence ><Confidence>0</confidence>", [("a", 0)], "ok"),
        ("", [], "no_sentence"),
        ("It rains.", [], "no_sentence"),
        (C, [], "no_sentence"),
        (S, [("It rains.", None)], "no_confidence"),
        (C + S, [("It rains.", None)], "no_confidence"),
        (S + S + C, [("It rains.", None), ("It rains.", 0.8)], "no_confidence"),
        (S + "so" + C, [("It rains.", None)], "no_confidence"),
        (S + "<confidence>0.8", [("It rains.", None)], "no_confidence"),
        (S + "<confidence></confidence>", [("It rains.", None)], "no_confidence"),
        (S + "<confidence>nan</confidence>", [("It rains.", None)], "not_finite"),
        (S + "<confidence>80</confidence>", [("It rains.", None)], "out_of_range"),
        (S + "<confidence>high</confidence>", [("It rains.", None)], "not_a_number"),
        (S + C + C, [("It rains.", 0.8)], "stray_tag"),
        (S + C + "</sentence>", [("It rains.", 0.8)], "stray_tag"),
        ("<sentence>" + S + C, [("It rains.", 0.8)], "stray_tag"),
        ("<sentence> </sentence>" + S + C, [("It rains.", 0.8)], "stray_tag"),
        ("Well, " + S + C, [("It rains.", 0.8)], "stray_text"),
        (S + C + " Bye.", [("It rains.", 0.8)], "stray_text"),
    ],
)
def test_a_text_by_hand(text, statements, status) -> None:
    found = parse_sentences(text)
    assert [(item.text, item.confidence) for item in found.statements] == statements
    assert found.status == status


def test_a_cut_text_is_never_in_order() -> None:
    found = parse_sentences(S + C, finish_reason="length")
    assert found.status == "truncated" and found.statements[0].confidence == 0.8


def test_the_scale_decides_what_a_number_means() -> None:
    text = "<sentence>a</sentence><confidence>1</confidence>"
    assert parse_sentences(text).statements[0].confidence == 1
    assert parse_sentences(text, SCALES["percent"]).statements[0].confidence == 0.01


WORDS = st.text(st.characters(exclude_characters="<>", exclude_categories=["Cs"])).filter(str.strip)


@given(st.lists(st.tuples(WORDS, st.floats(0, 1)), min_size=1), st.sampled_from(sorted(SCALES)))
def test_what_is_written_is_read(rows, name) -> None:
    scale = SCALES[name]
    found = parse_sentences(write_sentences(rows, scale), scale)
    assert found.status == "ok"
    assert [item.text for item in found.statements] == [text.strip() for text, _ in rows]
    # RLCR's reader takes 1.00 for certainty and nothing above it is written.
    for item, (_, confidence) in zip(found.statements, rows, strict=True):
        assert abs(item.confidence - confidence) <= scale.step / 2 + 1e-9


PIECES = [
    f"<{space}{slash}{name}{space}>"
    for name in ("sentence", "confidence", "think", "Sentence", "answer")
    for slash in ("", "/")
    for space in ("", " ")
]
PIECES += [
    "0.5",
    "1",
    "nan",
    "1e999",
    "-1",
    "80%",
    "It rains.",
    " ",
    "\n",
    "\0",
    "\ud800",
    "<",
    "</",
    "",
]


def check(text: str, reason: str) -> str:
    found = parse_sentences(text, finish_reason=reason)
    assert found.status in STATUSES
    for item in found.statements:
        assert item.text and item.text == item.text.strip()
        assert all(word in text for word in item.text.split())
        assert (item.confidence is None) == (item.status != "ok")
        assert item.confidence is None or 0 <= item.confidence <= 1
    strict, graded = strict_format_reward(found), graded_format_reward(found)
    assert strict in {1, -1} and -1 <= graded <= 0
    assert (strict == 1) == (graded == 0) == (found.status == "ok")
    return found.status


def test_random_texts_give_sentences_or_a_reason() -> None:
    source = random.Random(8)
    seen = set()
    for _ in range(30_000):
        text = "".join(source.choices(PIECES, k=source.randrange(12)))
        if source.random() < 0.6:
            stray = "".join(source.choices(PIECES, k=source.randrange(3)))
            text = f"{S}<confidence>{source.choice(PIECES)}</confidence>{stray}"
        seen.add(check(text, source.choice(["stop", "stop", "length"])))
    assert seen == STATUSES


@given(st.text(), st.sampled_from(["stop", "length"]))
def test_any_text_gives_sentences_or_a_reason(text, reason) -> None:
    check(text, reason)
    check(f"<sentence>{text}</sentence><confidence>{text}</confidence>", reason)


@pytest.mark.parametrize("piece", ["<", "<sentence>", "</think>", "<think>", " " * 9, S + C])
def test_time_grows_with_the_length_only(piece) -> None:
    started = time.perf_counter()
    check(piece * (400_000 // len(piece)), "stop")
    assert time.perf_counter() - started < 5
