"""Tables of anybody's making: what is read, and how every bad input is answered."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from calibrant.errors import CalibrantError
from calibrant.measures.table_files import GradedTable, read_table_file

NAN = float("nan")
Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def check(table: GradedTable, correct: list[float], confidence: list[float]) -> None:
    np.testing.assert_array_equal(table.correct, correct)
    np.testing.assert_array_equal(table.confidence, confidence)


def test_json_lines(write: Write) -> None:
    path = write(
        "a.jsonl",
        lines(
            {"question_id": "q1", "correct": True, "confidence": 0.9, "domain": "law"},
            {"question_id": "q1", "correct": False, "confidence": None, "domain": None},
        )
        + "\n"
        + lines({"question_id": 7, "correct": None, "confidence": 1}),
    )
    table = read_table_file(path, by="domain")
    check(table, [1, 0, NAN], [0.9, NAN, 1])
    assert table.question_id == ["q1", "q1", "7"]
    assert table.groups == ["law", "(empty)", "(empty)"]
    assert table.kind == "JSON Lines"


def test_csv_with_byte_order_mark_quotes_and_empty_cells(write: Write) -> None:
    path = write(
        "a.CSV",
        b"\xef\xbb\xbfcorrect,confidence,answer\r\n"
        b'1,0.85,"two\nlines, one cell"\r\n\r\n0,,x\r\n,1,y\r\n',
    )
    table = read_table_file(path, by="answer")
    check(table, [1, 0, NAN], [0.85, NAN, 1])
    assert table.question_id is None
    assert table.groups == ["two\nlines, one cell", "x", "y"]


@pytest.mark.parametrize("spelling", ["true,false", "True,FALSE", "1,0", "1.0,0.0"])
def test_spellings_of_correctness_in_csv(spelling: str, write: Write) -> None:
    yes, no = spelling.split(",")
    check(read_table_file(write("a.csv", f"correct,confidence\n{yes},1\n{no},0\n")), [1, 0], [1, 0])


@pytest.mark.parametrize(
    ("correct", "confidence"),
    [
        (pa.array([True, False, None]), pa.array([0.25, None, 1.0])),
        (pa.array([1, 0, None]), pa.array([0.25, None, 1.0], pa.float32())),
        (pa.array([1.0, 0.0, None]), pa.array([Decimal("0.25"), None, Decimal("1.00")])),
        (pa.array(["true", "false", ""]), pa.array(["0.25", "", "1"]).dictionary_encode()),
    ],
)
def test_parquet_of_several_types(correct: pa.Array, confidence: pa.Array, tmp_path: Path) -> None:
    path = tmp_path / "dataset=x" / "a.parquet"
    path.parent.mkdir()
    table = pa.table({"correct": correct, "confidence": confidence, "dataset": ["a", "b", "b"]})
    pq.write_table(table, path)
    read = read_table_file(path, by="dataset")
    check(read, [1, 0, NAN], [0.25, NAN, 1])
    assert read.groups == ["a", "b", "b"]


def test_another_column_of_correctness(write: Write) -> None:
    path = write("a.csv", "right,correct,confidence\n1,0,0.5\n")
    check(read_table_file(path, correct="right"), [1], [0.5])


def test_groups_that_are_no_texts(write: Write) -> None:
    rows = [{"correct": 1, "confidence": 1, "tag": tag} for tag in (True, 3, ["a", "b"])]
    groups = read_table_file(write("a.jsonl", lines(*rows)), by="tag").groups
    assert groups == ["true", "3", '["a", "b"]']


GOOD = {"correct": 1, "confidence": 0.5}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "", "a.json: is empty"),
        ("a.txt", "x", "unknown ending '.txt'. Use a .jsonl, .csv or .parquet file, or a .json "),
        ("a.eval", b"PK", r"Export the log with `inspect log dump LOG.eval > LOG.json`"),
        (
            "a.jsonl",
            lines({"correct": 1, "conf": 0.5}),
            r"has no column 'confidence' .*; its columns are 'correct', 'conf'",
        ),
        (
            "a.csv",
            "Correct,confidence\n1,1\n",
            r"no column 'correct'.*Rename 'Correct' to 'correct'",
        ),
        ("a.csv", "correct,confidence,correct\n1,1,1\n", "has 2 columns named 'correct'"),
        ("a.json", "{", "a.json: is not valid JSON"),
        ("a.json", "[]", "is a JSON list. Write one object per line"),
        ("a.json", '{"rows": []}', "is not an evaluation log of Inspect"),
    ],
)
def test_bad_files(name: str, content: str | bytes, message: str, write: Write) -> None:
    with pytest.raises(CalibrantError, match=message):
        read_table_file(write(name, content))


@pytest.mark.parametrize(
    ("correct", "confidence", "message"),
    [
        (1, 85, r"a.jsonl, line 2, column 'confidence': is 85, .*looks like percent: divide"),
        (1, 1.5, "divide the column by 100"),
        (1, -0.2, "is -0.2, which is not a number from 0 to 1. Write the probability"),
        (1, 850, "is 850, which is not a number from 0 to 1. Write the probability"),
        (1, float("nan"), "column 'confidence': is nan"),
        (1, float("inf"), "column 'confidence': is inf"),
        (1, 10**400, "is 1000"),
        (1, True, "is true, which is not a number"),
        (1, [0.5], r"is \[0.5\], which is not a number"),
        (1, "0.5", "line 2, column 'confidence': is a number in text, but line 1 has a number"),
        ("maybe", 0.5, "column 'correct': is 'maybe', which is none of 0, 1, true and false"),
        (0.5, 0.5, "column 'correct': is 0.5"),
        (2, 0.5, "column 'correct': is 2"),
        (float("nan"), 0.5, "column 'correct': is nan"),
        ({"a": 1}, 0.5, "column 'correct': is {\"a\": 1}"),
        (True, 0.5, "column 'correct': is true or false, but line 1 has a number"),
        ("true", 0.5, "is true or false in text, but line 1 has a number"),
    ],
)
def test_bad_cells_of_json_lines(
    correct: object, confidence: object, message: str, write: Write
) -> None:
    content = lines(GOOD, {"correct": correct, "confidence": confidence})
    with pytest.raises(CalibrantError, match=message):
        read_table_file(write("a.jsonl", content))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,85%", "a.csv, line 3, column 'confidence': is '85%'.*drop the sign and divide"),
        ("1,85", "divide the column by 100"),
        ("1,high", "is 'high', which is not a number"),
        ("1,nan", "column 'confidence': is 'nan'"),
        ("1,-inf", "is '-inf'"),
        ("1,0_1", "is '0_1', which is not a number"),
        ("maybe,1", "column 'correct': is 'maybe'"),
        ("true,1", "is true or false in text, but line 2 has a number in text"),
    ],
)
def test_bad_cells_of_csv(row: str, message: str, write: Write) -> None:
    with pytest.raises(CalibrantError, match=message):
        read_table_file(write("a.csv", f"correct,confidence\n1,0.5\n{row}\n"))


def test_bad_cells_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"correct": [1, 0], "confidence": [0.5, NAN]}), path)
    with pytest.raises(CalibrantError, match=r"a\.parquet, row 2, column 'confidence': is nan"):
        read_table_file(path)
    pq.write_table(pa.table({"correct": [1], "Confidence": [1.0]}), path)
    with pytest.raises(CalibrantError, match="Rename 'Confidence' to 'confidence'"):
        read_table_file(path)


def test_an_empty_question_or_an_absent_group_is_refused(write: Write) -> None:
    path = write("a.csv", "question_id,correct,confidence\nq,1,1\n,1,1\n")
    with pytest.raises(CalibrantError, match="line 3, column 'question_id': is empty"):
        read_table_file(path)
    path = write("a.csv", "correct,confidence\n1,1\n")
    with pytest.raises(CalibrantError, match=r"no column 'domain' \(asked for with --by\)"):
        read_table_file(path, by="domain")


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrantError, match=r"is a folder\. Name one file in it"):
        read_table_file(tmp_path)
    with pytest.raises(CalibrantError, match=r"gone.json: no such file"):
        read_table_file(tmp_path / "gone.json")
