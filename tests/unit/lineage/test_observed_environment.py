"""What is observed about the machine, the packages and the commit."""

import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from calibrant.files import sha256_bytes
from calibrant.lineage.environment import (
    observed_device,
    observed_environment,
    observed_git,
    usable_cpus,
)


def git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "results").mkdir()
    (tmp_path / "code.py").write_text("a = 1\n")
    (tmp_path / "results/numbers.json").write_text("1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def test_packages_are_those_installed_once_each() -> None:
    packages = observed_environment()["packages"]
    assert packages == sorted(packages)
    names = [entry.split("==")[0] for entry in packages]
    assert len(names) == len(set(names))
    assert f"pytest=={importlib.metadata.version('pytest')}" in packages
    assert observed_environment()["python"] == platform.python_version()


def test_torch_is_recorded_only_where_it_was_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    environment = observed_environment()
    assert environment["torch"] is None
    assert observed_device(environment) == "cpu"
    assert "torch" not in sys.modules


def test_the_first_gpu_is_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    # Stands for a torch with two GPUs, which a test machine need not have.
    cuda = SimpleNamespace(
        is_available=lambda: True, device_count=lambda: 2, get_device_name=lambda i: f"GPU {i}"
    )
    torch = SimpleNamespace(__version__="2.0+cu1", version=SimpleNamespace(cuda="1.0"), cuda=cuda)
    monkeypatch.setitem(sys.modules, "torch", torch)
    environment = observed_environment()
    expected = {"version": "2.0+cu1", "cuda": "1.0", "gpus": ["GPU 0", "GPU 1"]}
    assert environment["torch"] == expected
    assert observed_device(environment) == "GPU 0"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs CPU affinity (Linux)")
def test_cpus_are_those_the_process_may_use() -> None:
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
        "from calibrant.lineage.environment import usable_cpus; print(usable_cpus())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert answer.stdout.strip() == "1"
    assert usable_cpus() == len(os.sched_getaffinity(0))


def test_outside_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    assert observed_git(tmp_path) is None


def test_without_git_there_is_no_commit(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert observed_git(repository) is None


def test_a_clean_repository_has_only_a_commit(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD").decode().strip()
    assert observed_git(repository) == {"commit": commit, "dirty": False, "diff_sha256": None}


def test_an_edit_is_recorded_by_the_digest_of_the_difference(repository: Path) -> None:
    (repository / "code.py").write_text("a = 2\n")
    found = observed_git(repository)
    patch = git(repository, "diff", "--binary", "HEAD")
    assert found is not None
    assert found["dirty"] is True
    assert found["diff_sha256"] == sha256_bytes(patch)
    git(repository, "add", ".")
    assert observed_git(repository) == found


def test_rewritten_results_and_new_files_do_not_make_it_dirty(repository: Path) -> None:
    (repository / "results/numbers.json").write_text("2\n")
    (repository / "scratch.txt").write_text("x")
    found = observed_git(repository)
    assert found is not None
    assert found["dirty"] is False


def test_a_repository_without_a_commit_says_so(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    found = observed_git(tmp_path)
    assert found is not None
    assert found["commit"] is None
    assert found["problem"]
