"""Which tokens a confidence may be, and where it stands among those of a completion."""

from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from calibrant.elicitation.scales import SCALES
from calibrant.errors import CalibrantError
from calibrant.model_settings import MadeModel
from calibrant.training.made_model import make_model
from calibrant.training.statement_tokens import confidence_tokens


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the tokenizer of a made model, for which every whole number is one token."""
    folder = tmp_path_factory.mktemp("made")
    make_model(MadeModel(kind="made", layers=1, width=8, heads=1, feed_forward=8), folder, 7)
    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def bytewise(tiny_model: Path) -> Any:
    """Return a tokenizer with one token per byte."""
    return AutoTokenizer.from_pretrained(tiny_model)


def encode(tokenizer: Any, text: str) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


@pytest.mark.parametrize(("scale", "levels"), [("percent", 101), ("digit", 10)])
def test_every_confidence_that_a_scale_writes_is_a_level(
    made: Any, scale: str, levels: int
) -> None:
    tokens = confidence_tokens(made, scale)
    assert len(set(tokens.ids)) == len(tokens.ids) == levels
    assert tokens.values == pytest.approx([index / (levels - 1) for index in range(levels)])


@pytest.mark.parametrize("scale", ["percent", "digit"])
def test_a_level_states_the_value_that_its_token_reads_as(made: Any, scale: str) -> None:
    tokens = confidence_tokens(made, scale)
    for token, value in zip(tokens.ids, tokens.values, strict=True):
        assert SCALES[scale].read(made.decode([token])).value == value


def test_a_tokenizer_of_bytes_has_digits_and_no_percentages(bytewise: Any) -> None:
    tokens = confidence_tokens(bytewise, "digit")
    assert [bytewise.decode([token]) for token in tokens.ids] == list("0123456789")
    with pytest.raises(CalibrantError, match="'10' is not one") as caught:
        confidence_tokens(bytewise, "percent")
    assert caught.value.where == "methods: credit; training: entropy"
    assert "scale: digit" in str(caught.value.repair)
    assert "credit: sampled" in str(caught.value.repair)


@pytest.mark.parametrize("scale", ["unit", "rlcr"])
def test_decimals_are_several_tokens(made: Any, scale: str) -> None:
    with pytest.raises(CalibrantError, match="need confidences of one token"):
        confidence_tokens(made, scale)


@pytest.mark.parametrize("number", [0, 7, 50, 99, 100])
def test_the_confidence_of_a_completion_is_found(made: Any, number: int) -> None:
    text = f"<answer>yes</answer><confidence>{number}</confidence><|end|>"
    ids = encode(made, text)
    position = confidence_tokens(made, "percent").find(ids, made)
    assert position is not None
    assert made.decode(ids[:position]) == "<answer>yes</answer><confidence>"
    assert made.decode([ids[position]]) == str(number)


@pytest.mark.parametrize("digit", [0, 4, 9])
def test_the_confidence_is_found_where_the_tag_is_many_tokens(bytewise: Any, digit: int) -> None:
    ids = encode(bytewise, f"<answer>1 + 2 is 3</answer>\n<confidence>{digit}</confidence>")
    position = confidence_tokens(bytewise, "digit").find(ids, bytewise)
    assert position is not None
    assert bytewise.decode(ids[: position + 1]).endswith(f"<confidence>{digit}")


@pytest.mark.parametrize("name", ["made", "bytewise"])
def test_the_last_of_several_confidences_is_found(name: str, request: Any) -> None:
    tokenizer = request.getfixturevalue(name)
    statement = "<answer>yes</answer><confidence>7</confidence>"
    ids = encode(tokenizer, statement + " " + statement)
    position = confidence_tokens(tokenizer, "digit").find(ids, tokenizer)
    assert position is not None
    assert tokenizer.decode(ids[: position + 1]) == f"{statement} {statement[:-13]}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "<answer>7</answer>",
        "<answer>yes</answer>7</confidence>",
        "Station 04 13. Of ten days like this 3 + 4 were wet. Will tomorrow be wet?\n",
        "<answer>yes</answer><confidence>",
    ],
)
@pytest.mark.parametrize("name", ["made", "bytewise"])
def test_without_an_opening_tag_and_something_after_it_there_is_no_place(
    text: str, name: str, request: Any
) -> None:
    tokenizer = request.getfixturevalue(name)
    tokens = confidence_tokens(tokenizer, "digit")
    assert tokens.find(encode(tokenizer, text), tokenizer) is None


@pytest.mark.parametrize("after", ["</confidence>", "high</confidence>7", " 7</confidence>", "C"])
@pytest.mark.parametrize("name", ["made", "bytewise"])
def test_the_place_of_a_confidence_holds_whatever_was_written_there(
    after: str, name: str, request: Any
) -> None:
    tokenizer = request.getfixturevalue(name)
    before = "<answer>yes</answer><confidence>"
    ids = encode(tokenizer, before + after)
    position = confidence_tokens(tokenizer, "digit").find(ids, tokenizer)
    assert position is not None
    assert tokenizer.decode(ids[:position]) == before
