"""The parser on a hundred thousand texts that nobody would write on purpose."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.scales import SCALES

TEXTS = 100_000
STATUSES = {
    "ok",
    "no_answer",
    "no_confidence",
    "out_of_order",
    "duplicate",
    "truncated",
    "not_a_number",
    "not_finite",
    "out_of_range",
}
TAGS = [
    f"<{space}{slash}{name}{space}>"
    for name in ("answer", "confidence", "think", "analysis", "Answer", "CONFIDENCE")
    for slash in ("", "/")
    for space in ("", " ")
]
NUMBERS = [
    "0",
    "1",
    "0.85",
    "85",
    "85%",
    "100.",
    "1e-3",
    "1e999",
    "-1",
    "nan",
    "inf",
    "5",
    "9",
    "+.5",
]
NUMBERS += ["0x1", "1_0", "1,5", "\u0661", "\uff18\uff15", "\u00bd", "9" * 500, "0." + "3" * 500]
NOISE = [
    "",
    " ",
    "\n",
    "\0",
    "\ud800",
    "\u202e",
    "\u200f",
    "a",
    "42",
    "yes",
    "<",
    ">",
    "</",
    "&lt;",
    "%",
]
NOISE += ["\U0001f600", "e\u0301", "<answer", "confidence>", "<answer/>", "<b>", "\r\n", "\u2028"]


def random_text(source: random.Random) -> str:
    pieces = source.choices(TAGS + NUMBERS + NOISE, k=source.randrange(14))
    if source.random() < 0.5:
        name = source.choice(["answer", "confidence"])
        place = source.randrange(len(pieces) + 1)
        pieces.insert(place, f"<{name}>{source.choice(NUMBERS + NOISE)}</{name}>")
        if source.random() < 0.3:
            pieces *= source.randrange(1, 4)
    text = "".join(pieces)
    return text[: source.randrange(len(text) + 1)] if source.random() < 0.2 else text


def check(text: str, scale: str, finish_reason: str) -> str:
    statement = parse_completion(text, SCALES[scale], finish_reason)
    assert statement.status in STATUSES
    if statement.status == "ok":
        # The comparison is false for NaN too.
        assert statement.confidence is not None and 0 <= statement.confidence <= 1
        assert statement.answer
    else:
        assert statement.confidence is None
    if statement.answer is not None:
        assert statement.answer == statement.answer.strip() != ""
        assert all(word in text for word in statement.answer.split())
    return statement.status


@pytest.mark.parametrize("scale", SCALES)
def test_random_texts_give_a_statement_or_a_reason(scale: str) -> None:
    source = random.Random(20_000 + len(scale))
    seen = set()
    for _ in range(TEXTS // len(SCALES)):
        seen.add(check(random_text(source), scale, source.choice(["stop", "length", "recorded"])))
    expected = STATUSES - {"duplicate", "out_of_order"} if scale == "rlcr" else STATUSES
    # A number in words is no number at all to the published reader.
    assert seen >= expected - ({"not_a_number"} if scale == "rlcr" else set())


@given(st.text(), st.sampled_from(sorted(SCALES)), st.sampled_from(["stop", "length"]))
def test_any_text_gives_a_statement_or_a_reason(text: str, scale: str, reason: str) -> None:
    check(text, scale, reason)
    check(f"<answer>{text}</answer><confidence>{text}</confidence>", scale, reason)


PLAIN = st.text(st.characters(exclude_characters="<>", exclude_categories=["Cs"]), max_size=30)


@given(
    contents=st.tuples(PLAIN, PLAIN.filter(str.strip), PLAIN),
    blocks=st.sets(st.sampled_from(["think", "analysis"])),
    probability=st.floats(0, 1),
    scale=st.sampled_from(sorted(SCALES)),
    reason=st.sampled_from(["stop", "length", "recorded"]),
)
def test_a_well_formed_statement_is_read_as_it_was_written(
    contents: tuple[str, str, str], blocks: set[str], probability: float, scale: str, reason: str
) -> None:
    think, answer, analysis = contents
    written = SCALES[scale].write(probability)
    parts = [
        f"<think>{think}</think>" if "think" in blocks else "",
        f"<answer>{answer}</answer>",
        f"<analysis>{analysis}</analysis>" if "analysis" in blocks else "",
        f"<confidence>{written}</confidence>",
    ]
    statement = parse_completion("\n".join(parts), SCALES[scale], reason)
    assert statement.answer == answer.strip()
    assert statement.confidence == SCALES[scale].read(written).value
    assert statement.status == "ok"
