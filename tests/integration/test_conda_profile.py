"""Stages in environments of their own, made by a stand-in for conda: no channel is asked."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.integration.small_project import ROOT, run_snakemake
from tests.integration.stand_in_conda import write_stand_in

from calibrant import environments
from calibrant.files import sha256_file

RIGHT_PYTHON = sys.version_info[:2] == (3, 11)
SNAKEFILE = """\
rule all:
    input: "seen.txt"

rule look:
    output: "seen.txt"
    conda: "envs/demo.yaml"
    shell: "python look.py > {output}"
"""
LOOK = """\
import importlib.util, demo
names = ("demo", "yaml", "snakemake", "numpy")
print(demo.WORD, *(name for name in names if importlib.util.find_spec(name)))
"""

pytestmark = pytest.mark.skipif(not RIGHT_PYTHON, reason="the stand-in gives Python 3.11 only")


@pytest.fixture
def conda(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the stand-in on PATH."""
    folder = write_stand_in(tmp_path / "stand-in")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def write_wheel(folder: Path) -> Path:
    """Write a package ``demo`` of one module."""
    folder.mkdir()
    wheel = folder / "demo-1.0-py3-none-any.whl"
    about = "demo-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("demo.py", "WORD = 'installed'\n")
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return wheel


@pytest.fixture
def workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workflow of one rule whose environment the project's own generator wrote."""
    folder = tmp_path / "workflow"
    (folder / "envs").mkdir(parents=True)
    (folder / "Snakefile").write_text(SNAKEFILE)
    (folder / "look.py").write_text(LOOK)
    wheel = write_wheel(tmp_path / "wheels")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    monkeypatch.setattr(environments, "FOLDER", folder / "envs")
    monkeypatch.setattr(environments, "STAGE_ENVIRONMENTS", ("demo",))
    monkeypatch.setattr(environments, "CONTAINERS", ())
    (folder / "envs/demo.in").write_text("demo\n")
    (folder / "envs/demo.lock").write_text(
        f"{environments.lock_header('demo')}demo==1.0 --hash=sha256:{sha256_file(wheel)}\n"
    )
    (folder / "envs/torch.txt").write_text("torch==2.13.0\n")
    for name, text in environments.generated_files().items():
        (folder / "envs" / name).write_text(text)
    return folder


def run(workflow: Path) -> subprocess.CompletedProcess[str]:
    profile = ROOT / "workflow/profiles/conda"
    return subprocess.run(
        ["snakemake", "--cores", "1", "--profile", str(profile)],
        cwd=workflow, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_stage_finds_what_its_lock_names_and_nothing_else(conda: Path, workflow: Path) -> None:
    finished = run(workflow)
    assert finished.returncode == 0, finished.stderr
    assert (workflow / "seen.txt").read_text() == "installed demo\n"


def test_a_tampered_hash_is_refused(conda: Path, workflow: Path) -> None:
    script = workflow / "envs/demo.post-deploy.sh"
    before = script.read_text()
    place = before.index("sha256:", before.index("demo==")) + len("sha256:")
    flipped = "0" if before[place] != "0" else "1"
    script.write_text(before[:place] + flipped + before[place + 1 :])
    refused = run(workflow)
    assert refused.returncode == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in refused.stderr
    assert not (workflow / "seen.txt").exists()


@pytest.mark.whole
def test_the_environment_core_is_enough_for_its_stages_and_gives_the_same_bytes(
    conda: Path, project: Path
) -> None:
    """Installs the whole lock of ``core`` from the package index that pip is set up with."""
    targets = ("results/tiny/data/training.parquet", "results/tiny/rewards/audit.json")
    run_snakemake(project, "tiny", "--", *targets)
    without = [sha256_file(project / target) for target in targets]
    profile = ("--profile", "workflow/profiles/conda")
    # Changing to conda is no reason to run anything again.
    dry = run_snakemake(project, "tiny", *profile, "-n", "--", *targets)
    assert "Nothing to be done" in dry.stdout + dry.stderr
    run_snakemake(project, "tiny", *profile, "--forceall", "--", *targets)
    assert [sha256_file(project / target) for target in targets] == without
