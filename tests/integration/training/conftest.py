"""Models that the tests of training start from."""

import os
from pathlib import Path

import pytest
from tests.integration.training.small_training import ELICITATION, MODEL, SEED

from calibrant.engines.checkpoint import describe_checkpoint
from calibrant.files import write_json
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.training.warm_up_settings import WarmUp

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def untaught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a made model with random weights."""
    from calibrant.training.made_model import make_model

    folder = tmp_path_factory.mktemp("untaught")
    make_model(MODEL, folder, SEED)
    write_json(folder / "checkpoint.json", describe_checkpoint(folder))
    return folder


@pytest.fixture(scope="session")
def taught(untaught: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a made model that writes readable statements, with a manifest."""
    # All writers are candid: a model that always states the same counts as collapsed.
    return _teach(untaught, tmp_path_factory.mktemp("taught") / "model", candid=1.0)


@pytest.fixture(scope="session")
def boastful(untaught: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a made model that always states about the same, with a manifest."""
    return _teach(untaught, tmp_path_factory.mktemp("boastful") / "model", candid=0.0)


def _teach(start: Path, folder: Path, candid: float) -> Path:
    from calibrant.training.warm_up import warm_up

    lessons = WarmUp(questions=3200, batch_size=32, learning_rate=0.01, candid=candid)
    chosen = WarmUpSettings(warm_up=lessons, elicitation=ELICITATION)
    manifest = warm_up(start / "checkpoint.json", chosen, SEED, folder, print)
    write_json(folder / "checkpoint.json", manifest)
    return folder
