"""``calibrant judge``: stats, export and purge through the real command line."""

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from calibrant import cli
from calibrant.judging.case import Case
from calibrant.judging.store import VerdictStore, key_of
from calibrant.judging.store_files import StoredVerdict, line_of


def record(number: int, version: str = "v1", judge: str = "small", correct: bool = True):
    question, references, answer = f"Question {number}?", ("a", "b"), f'an "answer", {number}\n'
    key = key_of(judge, version, Case(question, references, answer))
    time = f"2024-05-01T00:00:{number:02}.000000+00:00"
    return StoredVerdict(
        key, judge, version, question, references, answer, correct, 0.5 + number / 100, time
    )


RECORDS = [
    *(record(number) for number in range(3)),
    *(record(number, "v2") for number in range(3, 5)),
    record(6, "v1", "large", correct=False),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with VerdictStore(tmp_path / "store") as store:
        store.put(RECORDS)
    return tmp_path / "store"


@pytest.fixture
def calibrant(capsys, monkeypatch):
    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["calibrant", "judge", *map(str, arguments)])
        try:
            code = cli.entry_point()
        except SystemExit as end:
            code = end.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def contents(folder: Path) -> list[StoredVerdict]:
    return VerdictStore(folder).all()


def test_stats_count_per_judge_and_prompt(calibrant, folder: Path) -> None:
    code, out, err = calibrant("stats", folder)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split() for line in lines[2:7]] == [
        ["records", "6"], ["verdicts", "6"], ["clashes", "0"], ["torn", "0"], ["damaged", "0"]
    ]  # fmt: skip
    assert lines[7:] == [
        "judge large, prompt v1: 1", "judge small, prompt v1: 3", "judge small, prompt v2: 2"
    ]  # fmt: skip


def test_stats_show_clashes_and_torn_and_damaged_lines(calibrant, folder: Path) -> None:
    clash = record(0, correct=False)
    lines = line_of(clash) + b"rubbish\n" + line_of(record(1)) + line_of(record(2))[:90]
    (folder / "1-ab.jsonl").write_bytes(lines)
    code, out, _ = calibrant("stats", folder, "--json")
    assert code == 0
    counts = json.loads(out)
    assert counts["bytes"] == sum(path.stat().st_size for path in folder.glob("*.jsonl"))
    del counts["bytes"], counts["judges"]
    assert counts == {
        "segments": 2, "records": 8, "verdicts": 6, "clashes": 1, "torn": 1, "damaged": 1
    }  # fmt: skip


def test_export_as_lines_of_json_holds_every_field(calibrant, folder: Path) -> None:
    code, out, err = calibrant("export", folder)
    assert (code, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [StoredVerdict(**{**row, "references": tuple(row["references"])}) for row in rows] == (
        RECORDS
    )


def test_export_as_a_table_can_be_read_again(calibrant, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out/verdicts.csv"
    code, out, err = calibrant("export", folder, "--format", "csv", "--output", output)
    assert (code, out, err) == (0, "", "")
    rows = list(csv.DictReader(io.StringIO(output.read_text(encoding="utf-8"), newline="")))
    assert [row["answer"] for row in rows] == [entry.answer for entry in RECORDS]
    assert [json.loads(row["references"]) for row in rows] == [["a", "b"]] * 6
    assert [float(row["probability"]) for row in rows] == [entry.probability for entry in RECORDS]
    assert [row["correct"] for row in rows] == ["True"] * 5 + ["False"]


def test_purge_removes_a_prompt_version(calibrant, folder: Path) -> None:
    code, out, err = calibrant("purge", folder, "--prompt-version", "v1")
    assert (code, out, err) == (0, "removed 4 of 6 records\n", "")
    assert contents(folder) == RECORDS[3:5]
    assert calibrant("purge", folder, "--prompt-version", "v1")[1] == "removed 0 of 2 records\n"
    assert calibrant("purge", folder, "--prompt-version", "v2")[1] == "removed 2 of 2 records\n"
    assert list(folder.glob("*.jsonl")) == []


def test_purge_of_one_judge_leaves_the_others(calibrant, folder: Path) -> None:
    code, out, _ = calibrant("purge", folder, "--prompt-version", "v1", "--judge", "large")
    assert (code, out) == (0, "removed 1 of 6 records\n")
    assert contents(folder) == RECORDS[:5]


def test_a_dry_run_changes_nothing_even_while_somebody_writes(calibrant, folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    code, out, _ = calibrant("purge", folder, "--prompt-version", "v1", "--dry-run")
    assert (code, out) == (0, "would remove 4 of 6 records\n")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    with VerdictStore(folder) as writer:
        writer.put([record(9)])
        assert calibrant("purge", folder, "--prompt-version", "v1", "--dry-run")[0] == 0


def test_purge_is_refused_while_a_writer_is_open(calibrant, folder: Path) -> None:
    with VerdictStore(folder) as writer:
        writer.put([record(9)])
        code, out, err = calibrant("purge", folder, "--prompt-version", "v1")
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert "a process is writing to this store" in err
        assert len(contents(folder)) == 7
    assert calibrant("purge", folder, "--prompt-version", "v1")[0] == 0


@pytest.mark.parametrize("action", [["stats"], ["export"], ["purge", "--prompt-version", "1"]])
def test_a_folder_that_is_not_there_is_one_line(calibrant, tmp_path: Path, action) -> None:
    code, out, err = calibrant(*action, tmp_path / "nowhere")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {tmp_path / 'nowhere'}: there is no such folder")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("action", [["stats"], ["export"], ["purge", "--prompt-version", "1"]])
def test_a_folder_without_a_store_is_one_line(calibrant, folder: Path, action) -> None:
    # A study's folder holds the store further down.
    code, out, err = calibrant(*action, folder.parent)
    assert (code, out) == (2, "")
    assert err == (
        f"error: {folder.parent}: holds no verdict store. "
        "Name the folder judging/verdicts of a study\n"
    )
    assert list(folder.parent.iterdir()) == [folder]


def test_an_emptied_store_is_one_still(calibrant, folder: Path) -> None:
    for version in ("v1", "v2"):
        assert calibrant("purge", folder, "--prompt-version", version)[0] == 0
    code, out, _ = calibrant("stats", folder)
    assert (code, "records   0" in out) == (0, True)


def test_a_copied_store_needs_no_lock(calibrant, folder: Path) -> None:
    (folder / ".lock").unlink()
    code, out, _ = calibrant("stats", folder)
    assert (code, "records   6" in out) == (0, True)


@pytest.mark.parametrize(
    "arguments", [[], ["forget"], ["purge", "."], ["export", ".", "--format", "x"]]
)
def test_wrong_arguments_are_refused(calibrant, arguments) -> None:
    code, out, err = calibrant(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("usage: calibrant judge")
