"""A very small real model whose probabilities differ, alone and as an engine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.baselines.answered import sharpened


@pytest.fixture
def one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def sharp_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sharpened(tiny_model, tmp_path_factory.mktemp("sharp-model"))


@pytest.fixture(scope="session")
def reference(sharp_model: Path) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(sharp_model, dtype=torch.float32)
