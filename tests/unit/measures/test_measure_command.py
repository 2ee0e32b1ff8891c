"""``calibrant measure``: table, JSON, figure, groups, refusals and exit codes."""

import argparse
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import calibrant
from calibrant.errors import CalibrantError
from calibrant.measures.command import add_arguments, run
from calibrant.measures.summary import measure_sample

RUN = (
    "import argparse, sys\n"
    "from calibrant.errors import report_errors\n"
    "from calibrant.measures.command import add_arguments, run\n"
    "parser = argparse.ArgumentParser(prog='measure')\n"
    "add_arguments(parser)\n"
    "args = parser.parse_args()\n"
    "sys.exit(report_errors(lambda: run(args)))\n"
)


def measure(*words: object) -> int:
    parser = argparse.ArgumentParser(prog="measure")
    add_arguments(parser)
    return run(parser.parse_args([*map(str, words), "--replicates", "100"]))


def as_process(*words: object) -> subprocess.CompletedProcess[str]:
    package = str(Path(calibrant.__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-c", RUN, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": package},
        timeout=60,
    )


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """A file of 60 answers to 30 questions in two domains, three without a confidence."""
    rng = np.random.default_rng(12)
    path = tmp_path / "answers.csv"
    rows = ["question_id,domain,correct,confidence"]
    for number in range(60):
        sure = rng.choice([0.5, 0.7, 0.9])
        stated = "" if number % 20 == 0 else f"{sure}"
        domain = "law [EU]" if number % 3 else "math"
        rows.append(f"q{number // 2},{domain},{int(rng.random() < sure)},{stated}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    assert "NaN" not in text and "Infinity" not in text
    return dict(json.loads(text))


def test_the_json_holds_every_measure_and_matches_measure_sample(
    answers: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out" / "measures.json"
    assert measure(answers, "--json", out, "--missing", "half", "--bins", 5) == 0
    document = read(out)
    cells = [line.split(",") for line in answers.read_text(encoding="utf-8").splitlines()[1:]]
    expected = measure_sample(
        [float(cell[3] or "nan") for cell in cells],
        [float(cell[2]) for cell in cells],
        [cell[0] for cell in cells],
        policy="half",
        bins=5,
        replicates=100,
        level=0.95,
        seed=17,
    )
    for name, figure in expected["measures"].items():
        assert document[name] == figure
    for name in ("counts", "constant", "noise_floor", "curves", "settings"):
        assert document[name] == expected[name]
    assert (document["n"], document["missing"]) == (60, 3)
    assert document["format"] == "CSV"
    assert "groups" not in document


def test_the_figure_lies_beside_the_json_or_where_asked(answers: Path, tmp_path: Path) -> None:
    measure(answers)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.csv"]
    measure(answers, "--json", tmp_path / "a.json")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<?xml")
    measure(answers, "--json", tmp_path / "b.json", "--figure", tmp_path / "c.pdf")
    assert (tmp_path / "c.pdf").read_bytes().startswith(b"%PDF")
    assert not (tmp_path / "b.svg").exists()
    measure(answers, "--figure", tmp_path / "d.png")
    assert (tmp_path / "d.png").read_bytes().startswith(b"\x89PNG")


def test_two_runs_give_equal_bytes(answers: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        measure(answers, "--json", tmp_path / name / "m.json", "--by", "domain")
    for name in ("m.json", "m.svg"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_groups_are_measured_apart(
    answers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measure(answers, "--by", "domain", "--json", tmp_path / "a.json")
    document = read(tmp_path / "a.json")
    assert list(document["groups"]) == ["law [EU]", "math"]
    assert document["by"] == "domain"
    sizes = [group["n"] + group["missing"] for group in document["groups"].values()]
    assert sizes == [40, 20]
    shares = [group["accuracy"]["value"] for group in document["groups"].values()]
    assert (40 * shares[0] + 20 * shares[1]) / 60 == pytest.approx(document["accuracy"]["value"])
    assert "law [EU]" in capsys.readouterr().out


def test_plain_output_has_no_drawing_and_says_what_was_measured(
    answers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measure(answers)
    out = capsys.readouterr().out
    assert out.isascii()
    for words in (
        "best constant",
        "noise floor (mean, p95)",
        "57 answers measured, 30 questions; 3 without a confidence (5.0 %, policy drop)",
        "3 distinct confidences",
        "100 bootstrap replicates of questions, seed 17; 10 bins; log loss clipped at 1e-06",
    ):
        assert words in out
    assert "every row counts as a question of its own" not in out


def test_a_file_without_questions_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"correct": 1, "confidence": 0.9}\n', encoding="utf-8")
    measure(path)
    out = capsys.readouterr().out
    assert "every row counts as a question of its own" in out
    assert "AUROC: all answers are right, so there is nothing to rank" in out
    assert "Brier score: no interval from a single question" in out


def test_a_file_without_any_confidence_is_measured_and_drawn(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("correct,confidence\n1,\n0,\n", encoding="utf-8")
    measure(path, "--json", tmp_path / "a.json")
    document = read(tmp_path / "a.json")
    assert document["accuracy"]["value"] == 0.5
    assert document["ece"]["value"] is None
    assert (tmp_path / "a.svg").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--json", "{file}"], "is the file to be measured"),
        (["--figure", "{folder}/link.svg"], "is the file to be measured"),
        (["--json", "{folder}"], "is a folder. Name a file to write"),
        (["--figure", "{folder}/a.gif"], "unknown ending '.gif' for a figure. Use one of .svg"),
        (["--json", "{folder}/a.svg"], "both the JSON and the figure"),
        (["--level", "95"], "level: 95.0 is out of range"),
        (["--bins", "1"], "bins: 1 is out of range"),
        (["--by", "question_id"], "has 101 different values, more than the 100"),
        (["--by", "colour"], "has no column 'colour'"),
    ],
)
def test_refusals_leave_everything_as_it_was(
    words: list[str], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "many.csv"
    rows = "".join(f"q{number},1,0.5\n" for number in range(101))
    path.write_text("question_id,correct,confidence\n" + rows, encoding="utf-8")
    (tmp_path / "link.svg").symlink_to(path)
    before = path.read_bytes()
    with pytest.raises(CalibrantError, match=message):
        measure(path, *[word.format(file=path, folder=tmp_path) for word in words])
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["link.svg", "many.csv"]


def test_as_a_process_it_ends_with_0_or_2_and_one_line(answers: Path, tmp_path: Path) -> None:
    good = as_process(answers, "--replicates", 100, "--json", tmp_path / "a.json")
    assert (good.returncode, good.stderr) == (0, "")
    assert math.isclose(read(tmp_path / "a.json")["noise_floor"]["simulations"], 1000)
    bad = as_process(tmp_path / "gone.csv")
    assert bad.returncode == 2
    assert bad.stderr.startswith("error: ")
    assert bad.stderr.count("\n") == 1
    assert as_process(answers, "--missing", "guess").returncode == 2


def test_the_help_needs_no_numpy() -> None:
    code = (
        "import argparse, sys\n"
        "from calibrant.measures.command import add_arguments\n"
        "parser = argparse.ArgumentParser()\n"
        "add_arguments(parser)\n"
        "parser.format_help()\n"
        "print(sorted({'numpy', 'rich', 'matplotlib'} & set(sys.modules)))\n"
    )
    package = str(Path(calibrant.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": package},
        timeout=60,
    )
    assert done.stdout.strip() == "[]"
