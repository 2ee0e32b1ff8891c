"""A very small warm-up: the model learns the text, and an ordinary checkpoint comes out."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from calibrant.elicitation.settings import Elicitation
from calibrant.engines.checkpoint import check_manifest, describe_checkpoint
from calibrant.errors import CalibrantError
from calibrant.files import write_json
from calibrant.model_settings import MadeModel
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.training.made_model import make_model
from calibrant.training.warm_up import tokenise, warm_up
from calibrant.training.warm_up_settings import WarmUp
from calibrant.training.warm_up_text import warm_up_examples

os.environ.setdefault("OMP_NUM_THREADS", "1")

SEED = 3


def settings(questions: int = 600) -> WarmUpSettings:
    return WarmUpSettings(
        warm_up=WarmUp(questions=questions, batch_size=8, learning_rate=0.01),
        elicitation=Elicitation(examples=0),
    )


@dataclass
class Warmed:
    """A warm-up that has run."""

    folder: Path
    manifest: dict[str, Any]
    said: list[str] = field(default_factory=list)


def run(start: Path, folder: Path, seed: int = SEED, questions: int = 600) -> Warmed:
    said: list[str] = []
    manifest = warm_up(start / "manifest.json", settings(questions), seed, folder, said.append)
    return Warmed(folder, manifest, said)


@pytest.fixture(scope="module")
def untaught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a made model with its manifest."""
    folder = tmp_path_factory.mktemp("untaught")
    make_model(MadeModel(kind="made", layers=1, width=32, heads=2, feed_forward=32), folder, 5)
    write_json(folder / "manifest.json", describe_checkpoint(folder))
    return folder


@pytest.fixture(scope="module")
def warmed(untaught: Path, tmp_path_factory: pytest.TempPathFactory) -> Warmed:
    return run(untaught, tmp_path_factory.mktemp("warmed") / "model")


def loss(folder: Path, seed: int) -> float:
    """Return the mean loss (nats per token) on the completions of other questions."""
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    rows = tokenise(warm_up_examples(settings(100), seed), tokenizer)
    total, count = 0.0, 0
    with torch.no_grad():
        for row in rows:
            logits = model(torch.tensor([row["input_ids"]])).logits[0, :-1]
            labels = torch.tensor(row["labels"][1:])
            total += float(torch.nn.functional.cross_entropy(logits, labels, reduction="sum"))
            count += int((labels != -100).sum())
    return total / count


def test_the_loss_falls_on_questions_it_has_not_seen(untaught: Path, warmed: Warmed) -> None:
    before, after = (loss(folder, SEED + 1) for folder in (untaught, warmed.folder))
    # At first every token is about as likely as any other.
    assert before > 5
    assert after < before / 2


def test_the_checkpoint_is_ordinary(untaught: Path, warmed: Warmed, tmp_path: Path) -> None:
    assert warmed.manifest == describe_checkpoint(warmed.folder)
    files = {entry["path"] for entry in warmed.manifest["files"]}
    start = json.loads((untaught / "manifest.json").read_text())
    assert files == {entry["path"] for entry in start["files"]}
    write_json(tmp_path / "manifest.json", warmed.manifest)
    check_manifest(tmp_path / "manifest.json", warmed.folder)
    model = AutoModelForCausalLM.from_pretrained(warmed.folder, local_files_only=True)
    assert model.dtype == torch.float32
    assert all(parameter.isfinite().all() for parameter in model.parameters())


def test_the_tokenizer_comes_along_unchanged(untaught: Path, warmed: Warmed) -> None:
    first, second = (
        AutoTokenizer.from_pretrained(folder, local_files_only=True)
        for folder in (untaught, warmed.folder)
    )
    assert first.get_vocab() == second.get_vocab()
    assert first.chat_template == second.chat_template
    assert (first.eos_token, first.pad_token) == (second.eos_token, second.pad_token)


def test_the_start_is_left_as_it_was_and_nothing_else_is_written(
    untaught: Path, warmed: Warmed
) -> None:
    check_manifest(untaught / "manifest.json", untaught)
    assert [path.name for path in warmed.folder.parent.iterdir()] == ["model"]
    assert warmed.said == ["making 600 questions"]


def test_the_same_seed_gives_the_same_weights_and_another_others(
    untaught: Path, tmp_path: Path
) -> None:
    first, second, other = (
        run(untaught, tmp_path / str(number), seed, 100).manifest["weights_sha256"]
        for number, seed in enumerate((SEED, SEED, SEED + 1))
    )
    assert first == second
    assert first != other


def test_a_model_that_is_not_what_its_manifest_says_is_refused(
    untaught: Path, tmp_path: Path
) -> None:
    entries = json.loads((untaught / "manifest.json").read_text())
    folder = tmp_path / "start"
    folder.mkdir()
    write_json(folder / "manifest.json", entries)
    with pytest.raises(CalibrantError, match="is not the file the manifest describes"):
        run(folder, tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.fixture(params=["made", "bytes"])
def tokenizer(request: pytest.FixtureRequest, untaught: Path, tiny_model: Path) -> Any:
    folder = untaught if request.param == "made" else tiny_model
    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def test_the_labels_hide_the_prompt_and_nothing_else(tokenizer: Any) -> None:
    examples: list[dict[str, Any]] = warm_up_examples(settings(100), SEED)
    for example, row in zip(examples, tokenise(examples, tokenizer), strict=True):
        ids, labels = row["input_ids"], row["labels"]
        assert len(ids) == len(labels)
        hidden = sum(label == -100 for label in labels)
        prompt = tokenizer.apply_chat_template(
            example["prompt"], add_generation_prompt=True, tokenize=True, return_dict=False
        )
        assert ids[:hidden] == prompt
        assert labels == [-100] * len(prompt) + ids[len(prompt) :]
        written = example["completion"][0]["content"] + tokenizer.eos_token
        assert tokenizer.decode(labels[hidden:]) == written


def test_the_rows_are_the_tokens_of_the_whole_conversation(tokenizer: Any) -> None:
    examples: list[dict[str, Any]] = warm_up_examples(settings(100), SEED)
    for example, row in zip(examples, tokenise(examples, tokenizer), strict=True):
        whole = tokenizer.apply_chat_template(
            example["prompt"] + example["completion"], tokenize=True, return_dict=False
        )
        assert row["input_ids"] == whole
