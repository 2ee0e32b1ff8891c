"""Whether a result would be made again, and why."""

import argparse
from pathlib import Path

import pytest
from tests.unit.lineage import tampering as by
from tests.unit.lineage.tampering import CELL, MEASURES, PREDICTIONS

from calibrant.lineage import why_command
from calibrant.lineage.code import code_digest


def why(path: str) -> int:
    parser = argparse.ArgumentParser()
    why_command.add_arguments(parser)
    return why_command.run(parser.parse_args([f"results/small/{path}"]))


def test_nothing_changed_and_nothing_would_run(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert why(MEASURES) == 0
    head, *lines, last = capsys.readouterr().out.splitlines()
    assert head.startswith(f"measure {CELL}, ")
    assert last == "would not run again, unless its settings changed"
    compared = [line.split(":")[0].split()[0] for line in lines if line.endswith(": as it was")]
    assert compared == ["code", "envs/core.lock", "predictions", "output"]


def test_each_thing_that_changed_is_named(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def older(record: dict) -> None:  # type: ignore[type-arg]
        modules = record["code"]["modules"]
        modules["calibrant/measures/scores.py"] = "0" * 64
        modules["calibrant/gone.py"] = "0" * 64
        del modules["calibrant/files.py"]
        record["code"]["digest"] = code_digest(modules)

    by.edit_record(study, MEASURES, older)
    Path("envs/core.lock").write_text("six==1.17.0\n")
    by.flip_byte(study / PREDICTIONS)
    (study / MEASURES).unlink()
    assert why(MEASURES) == 1
    out = capsys.readouterr().out
    assert (
        ": calibrant/measures/scores.py changed; calibrant/gone.py is no longer imported; "
        "calibrant/files.py is newly imported\n"
    ) in out
    assert "envs/core.lock" in out
    assert [line.rsplit(": ")[-1] for line in out.splitlines()[4:7]] == [
        "changed",
        "changed",
        "is not here",
    ]
    assert out.endswith("\nwould run again\n")


def test_a_change_before_it_counts_too(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("own.csv").write_text("question,answer,id\n")
    assert why(MEASURES) == 1
    out = capsys.readouterr().out
    assert "  before it, prepare sums: source own.csv changed\n" in out
    assert why("measures/tiny/seed17/tales.json") == 0
