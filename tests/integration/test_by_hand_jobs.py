"""Jobs carried elsewhere and back by the commands that ``calibrant by-hand`` prints."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from calibrant.orchestration import by_hand_command
from calibrant.orchestration.dry_run import dry_run

# Several starts of Snakemake.
pytestmark = pytest.mark.slow

OUTPUT = Path("results/mini/measures/a.json")
RECORD = Path("results/mini/records/measures/a.json.json")
SNAKEFILE = f"""\
rule measure:
    input: "own data.csv"
    output: value="{OUTPUT}", record="{RECORD}"
    log: "results/mini/logs/measure/a.log"
    params: code="old"
    shell:
        "python workflow/scripts/measure.py --root results/mini --code {{params.code}} --lock core:0"
        " --source {{input:q}} --value {{output.value}} --record {{output.record}} > {{log}}"
"""
SCRIPT = """\
import pathlib, sys
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
text = pathlib.Path(words["--source"]).read_text() + words["--code"]
for name in ("--value", "--record"):
    path = pathlib.Path(words[name])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project of one job, which ran here before its code changed."""
    folder = tmp_path / "here" / "project"
    files = {
        "Snakefile": SNAKEFILE, "own data.csv": "data ", "workflow/scripts/measure.py": SCRIPT,
        "envs/core.lock": "", "config/studies/mini.yaml": "",
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    shell("snakemake --cores 1 --config study=mini", folder)
    (folder / "Snakefile").write_text(SNAKEFILE.replace('"old"', '"new"'))
    return folder


def shell(command: str, folder: Path) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def planned() -> list[str]:
    return [job.name for job in dry_run("mini", 1).jobs]


def steps(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the printed commands that follow the script, in the order in which they are run."""
    parser = argparse.ArgumentParser()
    by_hand_command.add_arguments(parser)
    capsys.readouterr()
    assert by_hand_command.run(parser.parse_args(["mini", "--rule", "measure"])) == 0
    lines = capsys.readouterr().out.partition("\n# Jobs: 1.")[2].splitlines()[1:]
    return [line for line in lines if not line.startswith("#")]


def test_a_job_that_ran_here_before_is_not_planned_when_its_files_are_back(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert planned() == ["measure"]
    pack, run, pack_back, unpack, forget = steps(capsys)
    there = tmp_path / "there"
    there.mkdir()
    shell(pack, project)
    (project / "carry.tar.gz").rename(there / "carry.tar.gz")
    shell(f"{run}\n{pack_back}", there)
    (there / "bring.tar.gz").rename(project / "bring.tar.gz")
    shell(unpack, project)
    assert OUTPUT.read_text() == RECORD.read_text() == "data new"
    # Snakemake still compares with the run it saw itself.
    assert planned() == ["measure"]
    assert forget == f"snakemake --cleanup-metadata {OUTPUT} {RECORD} --config study=mini"
    shell(forget, project)
    assert planned() == []
