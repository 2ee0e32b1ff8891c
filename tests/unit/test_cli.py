"""The command answers at once, in one line where something is wrong."""

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from calibrant import __version__, cli
from calibrant.data.catalog import load_catalog

PACKAGE_ROOT = Path(cli.__file__).parents[1]
STUDY = """\
title: A made-up study
datasets:
  evaluate:
    - dataset: svamp
    - dataset: sums
  generated:
    sums:
      task: chain_sum
      size: 40
models:
  here:
    kind: local
    path: .
methods:
  base:
    kind: model
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE_ROOT)}
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True, text=True, env=environment, timeout=60, check=False,
    )  # fmt: skip


def run(capsys, monkeypatch, *arguments: str) -> tuple[int, str, str]:
    """Run the command in this process; return exit code, output and errors."""
    monkeypatch.setattr(sys, "argv", ["calibrant", *arguments])
    try:
        code = cli.entry_point()
    except SystemExit as end:
        code = end.code
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_imports_nothing_that_takes_time(argument: str) -> None:
    done = python("-X", "importtime", "-m", "calibrant.cli", argument)
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "argparse" in imported
    roots = {name.partition(".")[0] for name in imported}
    assert not roots & {"numpy", "pydantic", "pandas", "yaml", "rich", "torch", "matplotlib"}
    assert {name for name in imported if name.startswith("calibrant")} <= {
        "calibrant", "calibrant.errors"
    }  # fmt: skip


def test_help_lists_every_command(capsys, monkeypatch) -> None:
    code, out, err = run(capsys, monkeypatch, "--help")
    assert (code, err) == (0, "")
    for name, (_, line) in cli.COMMANDS.items():
        assert name in out
        assert line in out


def test_the_version_is_the_packages(capsys, monkeypatch) -> None:
    assert run(capsys, monkeypatch, "--version") == (0, f"calibrant {__version__}\n", "")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_of_its_own(capsys, monkeypatch, name: str) -> None:
    code, out, _ = run(capsys, monkeypatch, name, "--help")
    assert code == 0
    assert out.startswith(f"usage: calibrant {name}")


def test_every_command_has_its_arguments_and_its_run() -> None:
    for module in map(import_module, [module for module, _ in cli.COMMANDS.values()]):
        assert callable(module.add_arguments)
        assert callable(module.run)


@pytest.mark.parametrize("arguments", [[], ["chekc"], ["check"], ["--nonsense"]])
def test_an_unknown_command_is_refused_with_those_there_are(
    capsys, monkeypatch, arguments: list[str]
) -> None:
    code, out, err = run(capsys, monkeypatch, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("usage: calibrant")
    assert "Traceback" not in err
    if arguments == ["chekc"]:
        assert all(name in err for name in cli.COMMANDS)


def test_a_sound_study_is_summed_up(capsys, monkeypatch, tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(STUDY, encoding="utf-8")
    code, out, err = run(capsys, monkeypatch, "check", str(path))
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{path}: sound",
        "  A made-up study",
        "  datasets: svamp, sums",
        "  models:   here",
        "  methods:  base",
        "  measured: 2 pairs of method and dataset",
    ]


def test_trainings_are_counted_and_pairs_are_not_counted_twice(
    capsys, monkeypatch, tmp_path
) -> None:
    trained = "  taught:\n    kind: trained\n    reward: brier\nrewards:\n  brier: {}\nseeds: 3\n"
    train = "datasets:\n  train:\n    - dataset: sums\n"
    path = tmp_path / "mine.yaml"
    path.write_text(STUDY.replace("datasets:\n", train) + trained, encoding="utf-8")
    code, out, err = run(capsys, monkeypatch, "check", str(path))
    assert (code, err) == (0, "")
    assert out.splitlines()[-3:] == [
        "  methods:  base, taught",
        "  trained:  3 pairs of method and seed",
        "  measured: 4 pairs of method and dataset",
    ]


def test_a_study_is_found_by_its_name(capsys, monkeypatch, tmp_path) -> None:
    folder = tmp_path / "config/studies"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(STUDY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code, out, _ = run(capsys, monkeypatch, "check", "mine")
    assert code == 0
    assert out.startswith("config/studies/mine.yaml: sound\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STUDY.replace("svamp", "svampp"), "unknown dataset 'svampp'. Did you mean 'svamp'?"),
        (STUDY.replace("kind: model", "kind: modle"), "has an unknown kind"),
        ("title: [", "is not valid YAML"),
        (
            STUDY + "rewards: {heavy: {weight: 1.5}}\n",
            "rewards.heavy: this reward is refused: it pays",
        ),
    ],
)
def test_a_wrong_study_is_one_line_and_exit_code_2(tmp_path, text: str, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    done = python("-m", "calibrant.cli", "check", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"error: {path}")
    assert said in line


def test_a_study_that_is_not_there_is_one_line(capsys, monkeypatch) -> None:
    code, out, err = run(capsys, monkeypatch, "check", "nowhere.yaml")
    assert (code, out) == (2, "")
    assert err.startswith("error: nowhere.yaml: there is no study 'nowhere.yaml'")
    assert err.count("\n") == 1


def test_the_catalog_is_a_table(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    code, out, err = run(capsys, monkeypatch, "datasets")
    assert (code, err) == (0, "")
    head, *lines = out.splitlines()
    assert head.split() == ["dataset", "domain", "answers", "use", "licence"]
    rows = {line.split()[0]: line for line in lines}
    assert list(rows) == list(load_catalog())
    for name, entry in load_catalog().items():
        assert entry.licence in rows[name]
        assert entry.domain in rows[name]


def test_no_name_is_cut_where_the_output_is_a_file() -> None:
    done = python("-m", "calibrant.cli", "datasets")
    words = done.stdout.split()
    assert set(load_catalog()) <= set(words)


@pytest.mark.parametrize(
    ("dataset", "use"),
    [
        ("gsm8k", "train, evaluate"),
        ("svamp", "evaluate"),  # its rows are all calibration and test
        ("nq_efficientqa", "train"),  # and of these none is test
        ("truthfulqa_open", "evaluate"),
        ("medmcqa", "held out"),
        ("judge_truthfulqa", "human verdicts"),
        ("rlcr_commonsenseqa", "recorded answers"),
    ],
)
def test_the_table_says_what_a_study_may_use_a_dataset_for(
    capsys, monkeypatch, dataset: str, use: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    _, out, _ = run(capsys, monkeypatch, "datasets")
    [line] = [line for line in out.splitlines() if line.startswith(f"{dataset} ")]
    assert re.split(" {2,}", line)[3] == use


def test_the_catalog_as_json_holds_every_field(capsys, monkeypatch) -> None:
    code, out, err = run(capsys, monkeypatch, "datasets", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        name: entry.model_dump(mode="json") for name, entry in load_catalog().items()
    }
    assert list(json.loads(out)) == list(load_catalog())
