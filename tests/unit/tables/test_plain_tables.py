"""Tables of JSON Lines, CSV and Parquet: what is read, and how every bad file is answered."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.tables.plain_tables import read_table

Write = Callable[[str, str | bytes], Path]
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def cells(path: Path, name: str) -> list[object]:
    return list(read_table(path).column(name, meaning="any"))


def test_csv_cells_keep_their_text_and_know_the_line_they_start_at(write: Write) -> None:
    content = '\ufeff\r\n a, b ,,\r\n1,"two\nlines, ""one"" cell",,\r\n\r\n, 2,,\r\n'
    path = write("a.CSV", content)
    table = read_table(path)
    assert (table.kind, table.names, table.numbers) == ("CSV", ["a", "b", "", ""], [3, 6])
    assert table.column("a", meaning="any") == ["1", ""]
    assert table.column("b", meaning="any") == ['two\nlines, "one" cell', " 2"]
    assert table.place(1, "b") == f"{path}, line 6, column 'b'"


@given(
    rows=st.lists(
        st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]))] * 2), min_size=1, max_size=5
    )
)
@same_folder
def test_csv_gives_back_what_was_written(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("a", "b"), *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(text.getvalue().encode())
    assert list(zip(cells(path, "a"), cells(path, "b"), strict=True)) == rows


def test_json_lines_keep_their_values_and_skip_blank_lines(write: Write) -> None:
    path = write("a.jsonl", '\ufeff{"a": [1, null]}\r\n\n{"b": {"c": 0.5}, "a": true}\n')
    table = read_table(path)
    assert (table.kind, table.names, table.numbers) == ("JSON Lines", ["a", "b"], [1, 3])
    assert table.column("a", meaning="any") == [[1, None], True]
    assert table.column("b", meaning="any") == [None, {"c": 0.5}]
    assert table.place(1, "b") == f"{path}, line 3, column 'b'"


def test_separators_of_other_kinds_stay_inside_a_line(write: Write) -> None:
    assert cells(write("a.jsonl", '{"a": "b\u2028c\u0085d"}\n'), "a") == ["b\u2028c\u0085d"]


def test_parquet_columns_keep_their_values(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": ["b", None], "n": [[1], []]}), path)
    table = read_table(path)
    assert (table.kind, table.names, list(table.numbers)) == ("Parquet", ["a", "n"], [1, 2])
    assert table.column("a", meaning="any") == ["b", None]
    assert table.column("n", meaning="any") == [[1], []]
    assert table.place(1, "a") == f"{path}, row 2, column 'a'"
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), path)
    with pytest.raises(CalibrantError, match=r"a\.parquet: has no rows\. Check"):
        read_table(path)


def test_a_very_long_cell_is_read(write: Write) -> None:
    limit = csv.field_size_limit()
    text = "word " * 60_000
    assert cells(write("a.csv", f"a,b\n1,{text}"), "b") == [text]
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "a.csv: is empty"),
        ("a.jsonl", " \n\n", "a.jsonl: is empty"),
        ("a.csv", "a,b\n", "a.csv: has a header and no rows"),
        ("a.txt", "x", r"a.txt: has the unknown ending '.txt'. Use a .jsonl, .csv or .parquet"),
        ("a", "x", "unknown ending ''"),
        ("a.csv", b"a,b\n1,0.5\n\xff\xfe,1\n", r"a.csv, line 3: is not UTF-8 text \(byte 11\)"),
        ("a.jsonl", b'{"a": 1}\n{"a": "\xff"}', "a.jsonl, line 2: is not UTF-8.*as UTF-8"),
        ("a.jsonl", '{"a": 1}\n{"a": 1,', "a.jsonl, line 2: is not valid JSON.*cut short"),
        ("a.jsonl", "{'a': 1}", "line 1: is not valid JSON: Expecting .* at character 2"),
        ("a.jsonl", "[" * 100_000, "line 1: is not valid JSON"),
        ("a.jsonl", '{"a": ' + "1" * 5000 + "}", "line 1: is not valid JSON"),
        ("a.jsonl", "\n[1, 2]\n", r"line 2: holds \[1, 2\], which is not a JSON object"),
        ("a.csv", "a,b\n1,2\n1,2,3\n", "a.csv, line 3: has 3 fields where the header has 2"),
        ("a.csv", 'a,b\nq,"a"b\n', "a.csv, line 2: is not valid CSV"),
        ("a.csv", 'a,b\n"q\nr",a\nq,"a', "a.csv, line 4: is not valid CSV: .*quotation marks"),
        ("a.parquet", "not parquet", "a.parquet: cannot be read as Parquet"),
    ],
)
def test_a_bad_file_is_named_with_the_line_and_a_repair(
    name: str, content: str | bytes, message: str, write: Write
) -> None:
    with pytest.raises(CalibrantError, match=message) as caught:
        read_table(write(name, content))
    assert caught.value.repair


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrantError, match=r"is a folder\. Name one file in it"):
        read_table(tmp_path)
    with pytest.raises(CalibrantError, match=r"gone\.csv: no such file\. Check the path"):
        read_table(tmp_path / "gone.csv")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.jsonl",
            '{"b": 1, "c": 2}',
            r"a.jsonl: has no column 'a' \(any\); .* are 'b', 'c'. Add",
        ),
        ("a.jsonl", "{}", "its columns are none"),
        ("a.csv", "A,b\n1,1\n", "no column 'a'.*Rename 'A' to 'a'"),
        ("a.csv", "a;b\n1;1\n", "is separated by semicolons. Save it with commas"),
        ("a.csv", "a,b, a\n1,1,1\n", "a.csv: has 2 columns named 'a'. Rename all but one"),
    ],
)
def test_a_column_must_be_there_once(name: str, content: str, message: str, write: Write) -> None:
    with pytest.raises(CalibrantError, match=message):
        cells(write(name, content), "a")


def test_a_column_can_be_asked_of_every_row(write: Write) -> None:
    table = read_table(write("a.jsonl", '{"a": null, "b": 1}\n\n{"b": 2, "c": 3}\n'))
    assert table.column("b", meaning="any", in_every_row=True) == [1, 2]
    with pytest.raises(CalibrantError, match=r"a.jsonl, line 3: has no .*'b', 'c'\. Call it so"):
        table.column("a", meaning="any", repair="Call it so", in_every_row=True)


@given(
    content=st.binary(max_size=80) | st.text('a1,"\n\r\\;{}[]:').map(str.encode),
    suffix=st.sampled_from([".jsonl", ".csv", ".parquet"]),
)
@same_folder
def test_any_bytes_are_read_or_refused(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    try:
        table = read_table(path)
    except CalibrantError as error:
        assert str(path) in str(error.where) and error.repair
    else:
        for name in table.names:
            assert len(table.cells(name)) == len(table.numbers) > 0
        with pytest.raises(CalibrantError, match="no such column"):
            table.column("\x00 no such column", meaning="any")
