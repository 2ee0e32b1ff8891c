"""Projects to run in, so that a test can change them and leaves nothing behind."""

import shutil
from pathlib import Path

import pytest
from tests.integration.small_project import copy_project, run_snakemake, write_tiny_study


@pytest.fixture
def project(tmp_path: Path, tiny_model: Path) -> Path:
    """Return a project in which nothing has run, with the study ``tiny``."""
    folder = copy_project(tmp_path / "project")
    write_tiny_study(folder, tiny_model)
    return folder


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """Return a project in which ``tiny`` has run; tests use copies of it."""
    folder = copy_project(tmp_path_factory.mktemp("finished") / "project")
    write_tiny_study(folder, tiny_model)
    run_snakemake(folder, "tiny")
    return folder


@pytest.fixture
def finished(finished_once: Path, tmp_path: Path) -> Path:
    """Return a copy of a project in which ``tiny`` has run."""
    folder = tmp_path / "finished"
    shutil.copytree(finished_once, folder, symlinks=True)
    return folder
