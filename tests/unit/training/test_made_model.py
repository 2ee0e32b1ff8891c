"""A made model is an ordinary checkpoint whose tokenizer reads any text and keeps the tags."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

from calibrant.data.lab import EVIDENCE, WORDS, lab_questions
from calibrant.data.settings import LabDataset
from calibrant.elicitation.prompts import ALL_FORMATS, SENTENCE_TAGS
from calibrant.errors import CalibrantError
from calibrant.model_settings import MadeModel
from calibrant.training.made_model import END, PAD, make_model

SMALL = MadeModel(kind="made", layers=1, width=16, heads=2, feed_forward=24, context=100)
SEED = 7
TAGS = sorted({tag for tags in ALL_FORMATS.values() for tag in tags})


def make(folder: Path, model: MadeModel = SMALL, seed: int = SEED) -> Path:
    folder.mkdir()
    make_model(model, folder, seed)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("made") / "model")


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Any:
    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)


def encode(tokenizer: Any, text: str) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def test_the_model_has_the_shape_asked_for(model: Any, tokenizer: Any) -> None:
    config = model.config
    assert config.architectures == ["LlamaForCausalLM"]
    shape = (config.num_hidden_layers, config.hidden_size, config.num_attention_heads)
    assert shape == (SMALL.layers, SMALL.width, SMALL.heads)
    assert config.intermediate_size == SMALL.feed_forward
    assert config.max_position_embeddings == tokenizer.model_max_length == SMALL.context
    assert config.vocab_size == len(tokenizer)
    assert config.eos_token_id == tokenizer.convert_tokens_to_ids(END) == tokenizer.eos_token_id
    assert config.pad_token_id == tokenizer.convert_tokens_to_ids(PAD) == tokenizer.pad_token_id
    assert END != PAD


def test_the_default_model_has_a_few_million_parameters(tmp_path: Path) -> None:
    loaded = AutoModelForCausalLM.from_pretrained(make(tmp_path / "m", MadeModel(kind="made")))
    assert 1_000_000 < loaded.num_parameters() < 5_000_000


def test_it_generates_and_keeps_its_numbers_finite(model: Any, tokenizer: Any) -> None:
    ids = torch.tensor([encode(tokenizer, "Station 00 01. Will tomorrow be wet?\n")])
    output = model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=4, do_sample=False
    )
    assert ids.shape[1] < output.shape[1] <= ids.shape[1] + 4
    assert model(ids).logits.isfinite().all()


def digests(folder: Path) -> list[str]:
    names = ("model.safetensors", "tokenizer.json")
    return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    torch.manual_seed(99)
    again, other = make(tmp_path / "again"), make(tmp_path / "other", seed=SEED + 1)
    assert digests(again) == digests(folder)
    assert digests(other)[0] != digests(folder)[0]
    for name in (path.name for path in folder.iterdir()):
        assert (again / name).read_bytes() == (folder / name).read_bytes()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(tokenizer: Any, text: str) -> None:
    assert tokenizer.decode(encode(tokenizer, text), skip_special_tokens=False) == text


@given(st.lists(st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS])))
def test_tags_survive_where_special_tokens_are_left_out(tokenizer: Any, tags: list[str]) -> None:
    text = " 42\n".join(tags)
    ids = [*encode(tokenizer, text), tokenizer.eos_token_id, tokenizer.pad_token_id]
    assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_a_tag_is_one_token_and_the_end_is_special(tokenizer: Any) -> None:
    for tag in TAGS:
        assert len(encode(tokenizer, f"<{tag}>")) == len(encode(tokenizer, f"</{tag}>")) == 1
    assert set(tokenizer.all_special_tokens) == {END, PAD}


def test_whole_numbers_up_to_100_are_one_token_each(tokenizer: Any) -> None:
    ids = [encode(tokenizer, str(number)) for number in range(101)]
    assert {len(one) for one in ids} == {1}
    assert len({one[0] for one in ids}) == 101
    between = [encode(tokenizer, f"<confidence>{n}</confidence>") for n in range(101)]
    assert [row[1:-1] for row in between] == ids


def test_the_words_of_the_laboratory_are_one_token_each(tokenizer: Any) -> None:
    for words in WORDS.values():
        for word in (words.yes, words.no):
            assert len(encode(tokenizer, f" {word}")) == 1
    for answer in ("yes", "no"):
        assert len(encode(tokenizer, answer)) == 1


@pytest.mark.parametrize("wording", WORDS)
def test_question_and_statement_fit_the_smallest_context(tokenizer: Any, wording: str) -> None:
    asked = LabDataset(wording=wording, size=500, evidence=list(EVIDENCE))  # type: ignore[arg-type]
    reply = f"Answer yes or no.\n<answer>yes</answer><confidence>100</confidence>{END}"
    made = lab_questions("q", asked, SEED).questions
    texts = [f"{raw.context}\n\n{raw.question}\n{reply}" for raw in made]
    assert max(len(encode(tokenizer, text)) for text in texts) <= 64


def test_the_template_shows_the_questions_and_ends_every_reply(tokenizer: Any) -> None:
    messages = [
        {"role": "system", "content": "Reply briefly."},
        {"role": "user", "content": "Wet?"},
        {"role": "assistant", "content": "<answer>yes</answer>"},
        {"role": "user", "content": "Dry?"},
    ]
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert text == f"Wet?\n<answer>yes</answer>{END}Dry?\n"


@pytest.mark.parametrize("vocabulary", [300, 400])
def test_a_vocabulary_too_small_for_the_numbers_is_refused(tmp_path: Path, vocabulary: int) -> None:
    with pytest.raises(CalibrantError, match=f"vocabulary of {vocabulary} is too small") as caught:
        make(tmp_path / "m", MadeModel(kind="made", width=8, heads=1, vocabulary=vocabulary))
    assert caught.value.repair == "Use 1024"


def test_there_are_no_more_tokens_than_asked_for(tmp_path: Path) -> None:
    small = MadeModel(kind="made", layers=1, width=8, heads=1, feed_forward=8, vocabulary=585)
    assert len(AutoTokenizer.from_pretrained(make(tmp_path / "m", small))) <= 585


def test_a_model_of_sentences_has_their_tags_and_goes_on_after_a_confidence(tmp_path: Path) -> None:
    folder = make(tmp_path / "made", SMALL.model_copy(update={"sentences": True}))
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    for tag in (*TAGS, *SENTENCE_TAGS):
        assert len(encode(tokenizer, f"<{tag}>")) == len(encode(tokenizer, f"</{tag}>")) == 1
    ends = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True).generation_config
    assert ends.eos_token_id in (tokenizer.eos_token_id, [tokenizer.eos_token_id])
