"""A checkpoint as a training leaves it, loaded in one line by those who know nothing of Calibrant."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.integration.engines.vllm_server import vllm_environment
from tests.integration.training.jobs import make_job
from tests.integration.training.small_training import SEED, lab, settings

from calibrant.elicitation.prompts import build_messages
from calibrant.engines.checkpoint import describe_checkpoint
from calibrant.engines.transformers_engine import STOP
from calibrant.files import write_json
from calibrant.model_settings import MadeModel
from calibrant.training.adapters import adapter_config
from calibrant.training.made_model import END, make_model
from calibrant.training.settings import Lora
from calibrant.training.train import export_best

PYTHON = os.environ.get("CALIBRANT_VLLM_PYTHON", "")
LORA = Lora(rank=4, alpha=8)
LONGEST = 24
STEP = 3
CHATS = [build_messages(question, settings().elicitation) for question in lab(10)]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint as the stage writes it: adapters merged into the model they began from."""
    from peft import get_peft_model
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(1)
    start, folder = tmp_path_factory.mktemp("start"), tmp_path_factory.mktemp("training")
    make_model(MadeModel(kind="made", layers=2, width=128, feed_forward=128), start, SEED)
    model = AutoModelForCausalLM.from_pretrained(start, dtype=torch.float32)
    sharpen(model)
    model.save_pretrained(start)
    write_json(start / "checkpoint.json", describe_checkpoint(start))
    adapted = get_peft_model(model, adapter_config(LORA, model))
    torch.manual_seed(SEED)
    with torch.no_grad():
        for name, weights in adapted.named_parameters():
            if "lora_B" in name:
                weights.normal_(std=0.1)
    adapted.save_pretrained(folder / "work" / f"checkpoint-{STEP}")
    job = make_job(folder, start, settings(lora=LORA))
    export_best(folder / "work", {"best_step": STEP}, job, folder / "best")
    return folder / "best"


def sharpen(model: Any) -> None:
    """Make a random model sure of every token, so that rounding decides nothing."""
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "norm" not in name:
                weights.mul_(4)
        model.lm_head.weight[model.generation_config.eos_token_id] *= 2


@pytest.fixture(scope="module")
def ask(exported: Path) -> Any:
    """Return what the line of the model card makes: no argument but the folder."""
    from transformers import pipeline

    return pipeline("text-generation", str(exported))


def reply(ask: Any, chat: list[dict[str, str]]) -> str:
    text: str = ask(chat, do_sample=False, max_new_tokens=LONGEST)[0]["generated_text"][-1][
        "content"
    ]
    return text


def tokens(ask: Any, chat: list[dict[str, str]]) -> list[int]:
    """Return those of prompt and reply."""
    ids: list[int] = ask(chat, do_sample=False, max_new_tokens=LONGEST, return_tensors=True)[0][
        "generated_token_ids"
    ]
    return ids


def test_the_folder_brings_weights_type_template_and_ends(exported: Path, ask: Any) -> None:
    assert {file.name for file in exported.iterdir()} == {
        "chat_template.jinja", "config.json", "generation_config.json", "model.safetensors",
        "tokenizer.json", "tokenizer_config.json",
    }  # fmt: skip
    assert ask.model.dtype == torch.float32
    assert ask.tokenizer.get_chat_template() in (exported / "chat_template.jinja").read_text()
    ends = set(ask.model.generation_config.eos_token_id)
    assert ends == set(ask.tokenizer.convert_tokens_to_ids([END, STOP]))
    last = [tokens(ask, chat)[-1] for chat in CHATS]
    # A reply ends at an end token, or at the limit where none came.
    assert {token in ends for token in last} == {True, False}


@pytest.mark.vllm
@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not PYTHON, reason="CALIBRANT_VLLM_PYTHON names no interpreter of envs/vllm.in")
def test_vllm_reads_the_same_prompts_and_replies_the_same(
    exported: Path, ask: Any, tmp_path: Path
) -> None:
    write_json(tmp_path / "chats.json", {"chats": CHATS, "longest": LONGEST})
    done = subprocess.run(
        [
            *(PYTHON, "tests/integration/engines/chat_in_vllm.py", str(exported)),
            *(str(tmp_path / "chats.json"), str(tmp_path / "found.json")),
        ],
        env=vllm_environment(), capture_output=True, text=True, timeout=1500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    found = json.loads((tmp_path / "found.json").read_text())
    assert len({row["text"] for row in found}) > 1
    for chat, row in zip(CHATS, found, strict=True):
        assert row["tokens"] == tokens(ask, chat)
        # vLLM holds back the bytes of a character that the limit cuts.
        assert row["text"].rstrip("\ufffd") == reply(ask, chat).rstrip("\ufffd")
