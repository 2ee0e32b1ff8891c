"""``calibrant reword`` on files, in every format that it reads and writes."""

import argparse
import csv
import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from calibrant.errors import CalibrantError
from calibrant.tables.plain_tables import read_table
from calibrant.wording import command
from calibrant.wording.claims import claims_preserved
from calibrant.wording.hedges import hedge_for
from calibrant.wording.rewrite import recovered

ROWS = [
    {"id": 1, "answer": "The dose is 3.5 mg.", "confidence": 0.9},
    {"id": 2, "answer": "yes", "confidence": 0.05},
    {"id": 3, "answer": "Berlin.\nIt lies on the Spree.", "confidence": None},
    {"id": 4, "answer": None, "confidence": 0.5},
    {"id": 5, "answer": "No patient died. Two recovered.", "confidence": 1.0},
]


def reword(path: Path, *words: object) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(path), *map(str, words)]))


def write_rows(path: Path, rows: list[dict[str, object]]) -> Path:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return path


@pytest.mark.parametrize("target", [".jsonl", ".csv", ".parquet"])
@pytest.mark.parametrize("source", [".jsonl", ".csv", ".parquet"])
def test_every_format_leads_to_every_other_with_the_same_words(
    tmp_path: Path, source: str, target: str
) -> None:
    path, out = write_rows(tmp_path / f"a{source}", ROWS), tmp_path / f"b{target}"
    assert reword(path, "--out", out) == 0
    table = read_table(out)
    assert list(table.names) == ["id", "answer", "confidence", "worded", "worded_status"]
    assert [str(cell) for cell in table.cells("id")] == ["1", "2", "3", "4", "5"]
    assert table.cells("answer")[2] == ROWS[2]["answer"]
    worded = [cell or None for cell in table.cells("worded")]
    assert worded == [
        "It is likely that the dose is 3.5 mg.",
        "It is very unlikely that the following is right: yes.",
        "Berlin.\nIt lies on the Spree.",
        None,
        "It is almost certain that the following is right: No patient died. Two recovered.",
    ]
    statuses = ["worded", "worded", "no_confidence", "no_answer", "worded"]
    assert list(table.cells("worded_status")) == statuses


@pytest.mark.parametrize("style", ["plain", "clinical", "legal", "casual"])
def test_what_was_said_and_how_surely_can_be_read_back(tmp_path: Path, style: str) -> None:
    rows = [{"answer": "Aspirin thins the blood.", "confidence": at / 20} for at in range(21)]
    path, out = write_rows(tmp_path / "a.jsonl", rows), tmp_path / "b.jsonl"
    reword(path, "--style", style, "--out", out)
    texts = [str(cell) for cell in read_table(out).cells("worded")]
    for row, text in zip(rows, texts, strict=True):
        assert recovered(text) == [hedge_for(row["confidence"], style).point]
        assert abs(recovered(text)[0] - row["confidence"]) <= 0.05 + 1e-9
        assert claims_preserved(row["answer"], text)


def test_the_counts_are_printed_and_nothing_is_written_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reword(write_rows(tmp_path / "a.jsonl", ROWS))
    printed = capsys.readouterr().out.splitlines()
    assert printed[:3] == [
        "reworded 3 of 5 answers",
        "left as they are: 1 without a confidence",
        "left empty: 1 rows without an answer",
    ]
    assert "  It is likely that the dose is 3.5 mg." in printed
    assert [file.name for file in tmp_path.iterdir()] == ["a.jsonl"]


def test_columns_may_have_other_names_and_answers_may_be_numbers(tmp_path: Path) -> None:
    rows = [{"reply": 42, "sure": 0.75, "confidence": "not this one"}]
    path, out = write_rows(tmp_path / "a.jsonl", rows), tmp_path / "b.jsonl"
    reword(path, "--answer", "reply", "--confidence", "sure", "--out", out)
    assert read_table(out).cells("worded") == [
        "It is rather likely that the following is right: 42."
    ]


@pytest.mark.parametrize(
    ("rows", "words", "said"),
    [
        (ROWS, ("--style", "clincal"), r"no style 'clincal'.*clinical"),
        (ROWS, ("--answer", "reply"), r"no column 'reply'.*'answer'"),
        (ROWS, ("--confidence", "id"), r"line 2, column 'id': is 2, .*from 0 to 1.*percent"),
        ([{"answer": True, "confidence": 1}], (), r"column 'answer': is 'True'.*neither"),
        ([{"answer": "a", "confidence": 85}], (), r"column 'confidence'.*divide the column by 100"),
        ([{"answer": "a", "confidence": 1, "worded": ""}], (), "already has a column 'worded'"),
        (ROWS, ("--out", "b.txt"), "unknown ending '.txt'"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list, words: tuple, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_rows(tmp_path / "a.jsonl", rows)
    with pytest.raises(CalibrantError) as error:
        reword(path, *words)
    assert re.search(said, str(error.value)), str(error.value)
    assert [file.name for file in tmp_path.iterdir()] == ["a.jsonl"]


def test_the_file_that_is_read_is_never_written_over(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", ROWS)
    before = path.read_bytes()
    with pytest.raises(CalibrantError, match="is a file to be read"):
        reword(path, "--out", path)
    assert path.read_bytes() == before


def test_two_columns_of_one_name_are_refused_and_not_merged(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("answer,confidence,note,note\nyes,0.5,a,b\n", encoding="utf-8")
    with pytest.raises(CalibrantError, match="two columns 'note'"):
        reword(path, "--out", tmp_path / "b.csv")
