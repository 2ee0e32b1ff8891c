"""A published number is traced to its source files."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.unit.lineage import tampering as by
from tests.unit.lineage.tampering import CELL, COMPLETIONS, PREDICTIONS

from calibrant.errors import CalibrantError
from calibrant.files import read_json, sha256_file
from calibrant.lineage import explain_command
from calibrant.lineage.number_search import find_numbers
from calibrant.reporting.numbers import Number

NUMBER = "taught/seeds/sums/graded/ece"
ONE_SEED = "tiny/17/tales/graded/accuracy"


def explain(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    explain_command.add_arguments(parser)
    return explain_command.run(parser.parse_args(list(arguments)))


def test_every_stage_behind_a_number_has_a_line(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(ONE_SEED, "--study", "small") == 0
    lines = capsys.readouterr().out.splitlines()
    place = "results/small/measures/tiny/seed17/tales.json#/views/graded/measures/accuracy"
    assert f"  from {place}" in lines
    stages = [line.split("  ") for line in lines if line.startswith("    ")]
    behind = lines[lines.index(f"  from {place}") + 1 :]
    found = [(len(line) - len(line.lstrip()), line.split()[0]) for line in behind]
    assert found == [
        (4, "measure"),
        (6, "grade"),
        (8, "generate"),
        (10, "base_model"),
        (12, "model:"),
        (10, "prepare"),
        (12, "fetch"),
        (14, "source"),
        (8, "prepare"),
    ]
    assert lines[-1].endswith("(as above)")
    [grade] = [line for line in stages if "grade tiny/seed17/tales" in line]
    record = read_json(by.record_file(study, "predictions/tiny/seed17/tales.parquet"))
    digest = sha256_file(study / "predictions/tiny/seed17/tales.parquet")
    assert grade[-6:] == [
        "predictions/tiny/seed17/tales.parquet",
        digest[:12],
        "24 rows",
        f"code {record['code']['digest'][:12]}",
        record["started"],
        f"{record['seconds']:.1f} s",
    ]
    [source] = [line for line in lines if line.lstrip().startswith("source")]
    asked = read_json(study / "data/sources/tales.json")["files"][0]
    assert source.split() == ["source", asked["address"], asked["sha256"][:12], "CC0-1.0"]


def test_a_number_of_several_seeds_comes_from_every_one(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(NUMBER, "--folder", str(study)) == 0
    out = capsys.readouterr().out
    assert "median of 2 seeds" in out
    for seed in (1, 2):
        assert f"from results/small/measures/taught/seed{seed}/sums.json#/" in out
        assert f"train taught/seed{seed}  train/taught/seed{seed}/manifest.json" in out
    own = f"own file own.csv  {sha256_file('own.csv')[:12]}"
    assert out.count(own) == 1
    assert out.count("fetch tales") == 1


def test_as_json_it_holds_every_hop(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(ONE_SEED, "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    stages: dict[str, Any] = {item["record"]: item for item in document["stages"]}
    run = stages[document["places"][0]["record"]]
    passed = [run["stage"]]
    while run["inputs"]:
        first = run["inputs"][0]
        assert first["state"] == "made"
        run = stages[first["record"]]
        assert first["sha256"] in {item["sha256"] for item in run["outputs"]}
        passed.append(run["stage"])
    assert passed == ["measure", "grade", "generate", "base_model"]
    [fetch] = [item for item in stages.values() if item["stage"] == "fetch"]
    assert fetch["fetched"][0]["licence"] == "CC0-1.0"


def test_as_mermaid_every_edge_leads_to_the_number(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(NUMBER, "--format", "mermaid") == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head == "flowchart LR"
    edges = [line.split(" --> ") for line in lines if " --> " in line]
    ahead = {left.split("[")[0].strip(): right for left, right in edges}
    for start in ahead:
        at = start
        while at != "n":
            at = ahead[at]
    # Measured, graded, answered and trained twice; prepared twice; fetched, model; two sources.
    assert len(ahead) == 4 * 2 + 2 + 2 + 2
    assert any("own.csv" in line for line in lines)


def test_a_link_that_was_broken_is_shown(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by.edit_prediction(study)
    by.describe_again(study, PREDICTIONS)
    by.record_file(study, COMPLETIONS).unlink()
    assert explain(NUMBER) == 0
    out = capsys.readouterr().out
    assert f"ALTERED: {PREDICTIONS} was read as " in out
    assert f"NO RECORD of {COMPLETIONS}, read as " in out


def test_a_study_without_its_records_of_measures_still_says_so(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    by.record_file(study, f"measures/{CELL}.json").unlink()
    assert explain(NUMBER) == 0
    assert "NO RECORD of that file" in capsys.readouterr().out


def test_several_matches_are_listed(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("graded/ECE") == 1
    out = capsys.readouterr().out
    assert NUMBER in out
    assert "tiny/17/sums/graded/ece" in out
    assert "accuracy" not in out


def test_a_printed_value_finds_its_number(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = {
        item["id"]: item["printed"] for item in read_json(study / "report/numbers.json")["numbers"]
    }
    value = printed[ONE_SEED].split(" ")[0]
    same = [name for name, text in printed.items() if text.split(" ")[0] == value]
    assert explain(value) == (1 if len(same) > 1 else 0)
    assert ONE_SEED in capsys.readouterr().out


def test_what_is_nowhere_is_refused(study: Path) -> None:
    with pytest.raises(CalibrantError, match=r"no published number is or is called '7\.77'"):
        explain("7.77")
    with pytest.raises(CalibrantError, match="holds no folder records"):
        explain("7.77", "--study", "unknown")


def test_it_takes_less_than_a_second(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def seconds() -> float:
        start = time.process_time()
        explain(NUMBER)
        return time.process_time() - start

    assert min(seconds() for _ in range(3)) < 1


def number(name: str, printed: str) -> Number:
    return Number(name, 0.5, None, None, printed, None, "f", "/p")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a/ece", ["a/ece"]),  # although it is also a part of the next
        ("0.051", ["a/ece", "a/ece/low"]),
        ("0.051 [0.040, 0.060]", ["a/ece"]),
        ("0.051 [0.040,\N{NO-BREAK SPACE}0.060]", ["a/ece"]),
        ("0.040", []),
        ("ECE", ["a/ece", "a/ece/low"]),
        ("brier", ["b/brier"]),
        ("+0.1", ["b/brier"]),
        ("0.1", []),
    ],
)
def test_ids_come_before_printed_forms_and_these_before_parts_of_ids(
    text: str, found: list[str]
) -> None:
    numbers = [
        number("a/ece", "0.051 [0.040,\N{NO-BREAK SPACE}0.060]"),
        number("a/ece/low", "0.051"),
        number("b/brier", "+0.1 (0.0\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}0.2; 2 of 3 seeds)"),
    ]
    assert [item.id for item in find_numbers(numbers, text)] == found
