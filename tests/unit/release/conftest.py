"""A small finished study to release, and its release."""

import argparse
import shutil
from pathlib import Path

import pytest
from tests.unit.lineage.small_study import ROOT, make_study

from calibrant.release.command import add_arguments, run


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project in which the small study has run; tests change copies of it."""
    project = tmp_path_factory.mktemp("release") / "project"
    project.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        make_study(project)
    return project


@pytest.fixture
def study(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the results of the small study in a project that is the working directory."""
    project = tmp_path / "project"
    shutil.copytree(finished, project)
    monkeypatch.chdir(project)
    # The scripts of its stages lie outside the project, maybe in the home of who runs the tests.
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return project / ROOT


def release(*extra: str) -> Path:
    """Release the small study from the working directory as the command does."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert run(parser.parse_args(["small", *extra])) == 0
    return Path("releases/small")
