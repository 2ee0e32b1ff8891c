"""What differs between two runs."""

import argparse
from pathlib import Path
from typing import Any

import pytest
from tests.integration.made_up_records import record
from tests.unit.lineage.tampering import COMPLETIONS

from calibrant.errors import CalibrantError
from calibrant.lineage import diff_command
from calibrant.lineage.diff_records import diff_records
from calibrant.lineage.graph import StageRun


def run_of(**changes: Any) -> StageRun:
    return StageRun(record("measure", "m.json", **changes), "0" * 64, "results/demo", ("m.json",))


def diff(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    diff_command.add_arguments(parser)
    return diff_command.run(parser.parse_args(list(arguments)))


def test_equal_runs_differ_in_nothing_whenever_they_ran() -> None:
    assert diff_records(run_of(), run_of(started="2027-01-01T00:00:00.000Z", seconds=9.0)) == {}


def test_every_kind_of_difference_has_its_topic() -> None:
    def environment(*packages: str, python: str = "3.11.7") -> dict[str, Any]:
        return {"python": python, "platform": "Linux", "packages": list(packages), "torch": None}

    def file(path: str, digest: str) -> dict[str, Any]:
        return {"name": "rows", "path": path, "sha256": digest * 64, "bytes": 1, "record": None}

    first = run_of(
        settings={"measures": {"bins": 5, "level": 0.9}, "train": ["a"], "old": {}},
        code={"digest": "1" * 64, "modules": {"a.py": "1" * 64, "b.py": "2" * 64}},
        environment=environment("numpy==1.0", "six==1.0"),
        inputs=[file("results/demo/x", "1"), file("results/demo/y", "2")],
    )
    second = run_of(
        seed=2,
        settings={"measures": {"bins": 7, "level": 0.9}, "train": ["a", "b"]},
        code={"digest": "2" * 64, "modules": {"a.py": "3" * 64, "c.py": "2" * 64}},
        environment=environment("numpy==2.0", "six==1.0", python="3.12.1"),
        lock={"name": "core", "sha256": "e" * 64},
        # Another path with the same bytes serves the same purpose.
        inputs=[file("results/demo/elsewhere", "1"), file("results/demo/y", "3")],
        git={"commit": "f" * 40, "dirty": False, "diff_sha256": None},
    )
    assert diff_records(first, second) == {
        "run": ["seed: 1 -> 2"],
        "settings": [
            "measures.bins: 5 -> 7",
            "old: only in the first",
            "train.1: only in the second",
        ],
        "code": [
            "a.py: 111111111111 -> 333333333333",
            "b.py: only in the first",
            "c.py: only in the second",
        ],
        "inputs": ["rows.1: 222222222222 -> 333333333333"],
        "environment": [
            "(lock): core dddddddddddd -> core eeeeeeeeeeee",
            "(python): 3.11.7 -> 3.12.1",
            "numpy: 1.0 -> 2.0",
        ],
        "git": [f"commit: {'e' * 40} -> {'f' * 40}"],
    }


def test_the_command_takes_results_and_records(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = f"results/small/{COMPLETIONS}"
    assert diff(first, f"results/small/records/{COMPLETIONS}.json") == 0
    assert capsys.readouterr().out.endswith("no difference\n")
    assert diff(first, first.replace("seed1", "seed2")) == 1
    out = capsys.readouterr().out
    assert "  seed: 1 -> 2\n" in out
    assert "inputs:\n  model: " in out
    assert "code:" not in out
    with pytest.raises(CalibrantError, match="no record says which stage wrote it"):
        diff(first, "results/small/no.json")
    with pytest.raises(CalibrantError, match="lies in no study's results"):
        diff(first, "own.csv")
