"""The parser, rule by rule."""

import time

import pytest

from calibrant.elicitation.parse import Statement, parse_completion
from calibrant.elicitation.scales import SCALES

UNIT = SCALES["unit"]


def read(text: str, finish_reason: str = "stop", scale: str = "unit") -> tuple[object, ...]:
    statement = parse_completion(text, SCALES[scale], finish_reason)
    return statement.answer, statement.confidence, statement.status


@pytest.mark.parametrize(
    "text",
    [
        "<answer>42</answer><confidence>0.8</confidence>",
        "<answer>42</answer>\n<confidence>0.8</confidence>",
        "  <answer>\n 42 \n</answer> and <confidence> 0.8 </confidence> bye",
        "<ANSWER>42</Answer><Confidence>0.8</CONFIDENCE>",
        "< answer >42< / answer ><confidence\t>0.8</ confidence>",
        "<think>17 + 25</think><answer>42</answer><confidence>0.8</confidence>",
        "<think>a</think><answer>42</answer><analysis>b</analysis><confidence>0.8</confidence>",
        "<analysis>b</analysis><answer>42</answer><confidence>0.8</confidence>",
        "<answer>42</answer><confidence>0.8</confidence><think>17 + 25</think>",
    ],
)
def test_a_statement_in_the_format_is_read(text: str) -> None:
    assert read(text) == ("42", 0.8, "ok")


@pytest.mark.parametrize(
    "hidden",
    [
        "<think><answer>1</answer><confidence>0.1</confidence></think>",
        "<think>a <think> b </think> <answer>1</answer> </think>",
        "<THINK>a<answer>1</answer></ think >",
        "<think><analysis></think>",
        "<analysis><answer>1</answer><think></analysis>",
        "no opening tag <answer>1</answer><confidence>0.1</confidence></think>",
        "<think>never closed, <answers>",
        "<analysis>never closed ",
    ],
)
def test_reasoning_is_not_searched(hidden: str) -> None:
    assert read(f"{hidden}<answer>42</answer><confidence>0.8</confidence>") == ("42", 0.8, "ok")


def test_an_unclosed_analysis_hides_text_up_to_the_confidence() -> None:
    text = "<answer>42</answer><analysis>not sure <confidence>0.8</confidence>"
    assert read(text) == ("42", 0.8, "ok")


def test_an_answer_in_reasoning_only_is_none() -> None:
    text = "<think><answer>42</answer><confidence>0.8</confidence></think>"
    assert read(text) == (None, None, "no_answer")


def test_a_draft_in_reasoning_that_was_cut_off_is_no_answer() -> None:
    text = "<think>perhaps <answer>42</answer><confidence>0.8</confidence> or"
    assert read(text, "length") == (None, None, "truncated")
    assert read(text, "stop") == ("42", 0.8, "ok")


def test_a_stray_end_of_reasoning_after_a_begun_one_means_nothing() -> None:
    text = "<think>a</think><answer>42</answer></think><confidence>0.8</confidence>"
    assert read(text) == ("42", 0.8, "ok")


def test_no_tag_arises_where_reasoning_is_taken_out() -> None:
    text = "<answer<think>x</think>>42</answer><confidence>0.8</confidence>"
    assert read(text) == (None, None, "no_answer")


@pytest.mark.parametrize(
    "text",
    [
        "<answer>42</answer> so <answer> 42 </answer><confidence>0.8</confidence>",
        "<answer>42</answer><confidence>0.8</confidence> that is <answer>42</answer>",
        "<answer>42</answer><confidence>0.8</confidence><answer>42</answer><confidence>.80</confidence>",
        "<answer></answer><answer>42</answer><confidence>0.8</confidence>",
        "<answer> <answer>42</answer><confidence>0.8</confidence></answer>",
        "<answer>42<confidence>0.8</confidence></answer>",
        "<answer>42</answer><answer>43 <confidence>0.8</confidence>",
    ],
)
def test_repeats_that_agree_are_one(text: str) -> None:
    assert read(text) == ("42", 0.8, "ok")


def test_different_answers_are_refused_with_their_confidence() -> None:
    text = "<answer>42</answer><answer>43</answer><confidence>0.8</confidence>"
    assert read(text) == (None, None, "duplicate")
    text = "<answer>42<answer>43<confidence>0.8</confidence>"
    assert read(text) == (None, None, "duplicate")


def test_different_confidences_are_refused_and_the_answer_is_kept() -> None:
    text = "<answer>42</answer><confidence>0.8</confidence><confidence>0.9</confidence>"
    assert read(text) == ("42", None, "duplicate")


def test_the_published_reader_takes_the_last_tags() -> None:
    text = "<answer>1</answer><confidence>80</confidence>"
    text += "<answer>2</answer><confidence>0.3</confidence>"
    assert read(text, scale="rlcr") == ("2", 0.3, "ok")
    assert read("<confidence>0.3</confidence><answer>2</answer>", scale="rlcr") == ("2", 0.3, "ok")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<answer>42", ("42", None, "no_confidence")),
        ("<answer>42 <confidence>0.8</confidence>", ("42", 0.8, "ok")),
        ("<answer>42</confidence><confidence>0.8</confidence>", ("42", 0.8, "ok")),
        ("<answer>42</answer><confidence>0.8", ("42", None, "no_confidence")),
        ("<answer>42</answer><confidence>0.8</answer>", ("42", None, "no_confidence")),
        ("<answer>42</answer>", ("42", None, "no_confidence")),
        ("<answer>42</answer><confidence></confidence>", ("42", None, "no_confidence")),
        ("<confidence>0.8</confidence><answer>42</answer>", ("42", None, "out_of_order")),
        ("<answer> </answer><confidence>0.8</confidence>", (None, None, "no_answer")),
        ("<confidence>0.8</confidence>", (None, None, "no_answer")),
        ("42, I am 80 % sure", (None, None, "no_answer")),
        ("", (None, None, "no_answer")),
        ("<answer>42</answer><confidence>sure</confidence>", ("42", None, "not_a_number")),
        ("<answer>42</answer><confidence>nan</confidence>", ("42", None, "not_finite")),
        ("<answer>42</answer><confidence>80</confidence>", ("42", None, "out_of_range")),
    ],
)
def test_what_is_missing_has_a_reason(text: str, expected: tuple[object, ...]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (None, None, "truncated")),
        ("<think>17 + 25", (None, None, "truncated")),
        ("<answer>4", (None, None, "truncated")),
        ("<answer>42</answer>", ("42", None, "truncated")),
        (
            "<answer>42</answer><analysis>0.8 <confidence>0.8</confidence>",
            ("42", None, "truncated"),
        ),
        ("<answer>42</answer><confidence>0.8", ("42", None, "truncated")),
        ("<answer>42</answer><confidence>0.8</confidence> Qu", ("42", 0.8, "ok")),
        ("<answer>42</answer><confidence>0.8</confidence><answer>4", ("42", 0.8, "ok")),
    ],
)
def test_a_text_cut_at_the_token_limit_says_so(text: str, expected: tuple[object, ...]) -> None:
    assert read(text, "length") == expected


def test_letters_that_only_look_like_ascii_make_no_tag() -> None:
    # U+212A is the Kelvin sign, which case folding turns into k.
    text = "<thin\u212a><answer>42</answer></thin\u212a><confidence>0.8</confidence>"
    assert read(text) == ("42", 0.8, "ok")
    assert read("\uff1canswer\uff1e42\uff1c/answer\uff1e") == (None, None, "no_answer")


def test_any_characters_may_stand_in_an_answer() -> None:
    text = "<answer>\u202e4\x002\ud800 < 3</answer><confidence>0.8</confidence>"
    assert read(text) == ("\u202e4\x002\ud800 < 3", 0.8, "ok")


@pytest.mark.parametrize(
    ("piece", "count"),
    [
        ("<", 1_000_000),
        ("< ", 500_000),
        ("<answer ", 100_000),
        ("<think>", 100_000),
        ("</think>", 100_000),
        ("<answer>", 100_000),
        ("<think><answer>", 50_000),
        ("<answer>a</answer><confidence>1</confidence>", 20_000),
        ("<answer>a</answer><confidence>" + "1" * 1_000_000 + "</confidence>", 1),
        ("<answer>a</answer><confidence>" + "1." * 500_000 + "</confidence>", 1),
    ],
)
def test_a_megabyte_is_read_in_seconds(piece: str, count: int) -> None:
    # Quadratic time would take hours; ten seconds allow for a busy machine.
    for name in ("unit", "rlcr"):
        for reason in ("stop", "length"):
            begin = time.monotonic()
            parse_completion(piece * count, SCALES[name], reason)
            assert time.monotonic() - begin < 10


def test_deeply_nested_reasoning_is_read() -> None:
    depth = 50_000
    text = "<think>" * depth + "</think>" * depth
    statement = parse_completion(f"{text}<answer>a</answer><confidence>1</confidence>", UNIT)
    assert statement == Statement("a", 1.0, "ok")
