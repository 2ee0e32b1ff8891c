"""The printed commands pack and unpack what they name, wherever the files were written."""

import argparse
import subprocess
from pathlib import Path

import pytest

from calibrant.orchestration import by_hand_command, dry_run
from calibrant.orchestration.planned_job import PlannedJob

OUTPUT = "results/s/measures/a.json"
RECORD = "results/s/records/measures/a.json.json"
COPY = f"mkdir -p results/s/measures results/s/records/measures && cp 'own data.csv' {OUTPUT}"
JOB = PlannedJob(
    rule="measure", subject="", inputs=("own data.csv",), read=("own data.csv",),
    outputs=(OUTPUT, RECORD), threads=1, snakemake="", root=Path("results/s"),
    script=Path("workflow/scripts/measure.py"), code="c", lock=("core", "0"), settings={},
    seed=None, command=f"{COPY} && cp {OUTPUT} {RECORD}",
)  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project of one planned job."""
    folder = tmp_path / "here" / "project"
    for name in ("workflow", "envs"):
        (folder / name).mkdir(parents=True)
    (folder / "own data.csv").write_text("data")
    monkeypatch.chdir(folder)
    found = dry_run.DryRun([JOB], is_locked=False)
    monkeypatch.setattr(dry_run, "dry_run", lambda study, cores: found)
    return folder


def shell(command: str, folder: Path) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def steps(to: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the printed commands that follow the script, in the order in which they are run."""
    parser = argparse.ArgumentParser()
    by_hand_command.add_arguments(parser)
    assert by_hand_command.run(parser.parse_args(["s", "--rule", "measure", "--to", to])) == 0
    lines = capsys.readouterr().out.partition("\n# Jobs: 1.")[2].splitlines()[1:]
    return [line for line in lines if not line.startswith("#")]


@pytest.mark.parametrize("to", ["by-hand", "../for there", "{absolute}/a 'b' $c", "."])
def test_the_files_may_go_to_any_folder(
    to: str, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack, run, pack_back, unpack, forget = steps(to.format(absolute=tmp_path), capsys)
    there = tmp_path / "there"
    there.mkdir()
    shell(pack, project)
    (project / "carry.tar.gz").rename(there / "carry.tar.gz")
    shell(f"{run}\n{pack_back}", there)
    left = {path.name for path in there.iterdir()}
    assert left == {"carry.tar.gz", "bring.tar.gz", "own data.csv", "workflow", "envs", "results",
                    "run.sh", "bring.txt"}  # fmt: skip
    (there / "bring.tar.gz").rename(project / "bring.tar.gz")
    shell(unpack, project)
    assert Path(OUTPUT).read_text() == Path(RECORD).read_text() == "data"
    assert forget == f"snakemake --cleanup-metadata {OUTPUT} {RECORD} --config study=s"
