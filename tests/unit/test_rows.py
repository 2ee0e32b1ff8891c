"""Rows survive their file, and a file of something else is refused at once."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.rows import Completion, Prediction, Question, read_rows, schema_of, write_rows

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
QUESTIONS = st.builds(
    Question,
    question_id=TEXT,
    dataset=TEXT,
    domain=TEXT,
    split=st.sampled_from(["train", "test"]),
    answer_type=st.sampled_from(["number", "choice"]),
    question=TEXT,
    references=st.lists(TEXT, max_size=3).map(tuple),
    context=st.none() | TEXT,
    options=st.lists(TEXT, max_size=4).map(tuple),
    difficulty=st.none() | st.floats(0, 1),
)


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(QUESTIONS, max_size=5))
def test_questions_survive_their_file(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("rows") / "q.parquet"
    assert write_rows(path, rows, Question) == len(rows)
    assert read_rows(path, Question) == rows


def test_equal_rows_give_equal_bytes(tmp_path):
    row = Completion("d/1", "d", "m", 1, 0, "p", "c", "stop", recorded_correct=True)
    for name in ("a", "b"):
        write_rows(tmp_path / name, [row] * 100, Completion)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_required_column_is_not_nullable():
    schema = schema_of(Prediction)
    assert not schema.field("question_id").nullable
    assert schema.field("confidence").nullable
    assert schema.field("correct").type == pa.bool_()


def test_a_table_of_other_rows_is_refused(tmp_path):
    path = tmp_path / "q.parquet"
    write_rows(path, [], Question)
    with pytest.raises(CalibrantError, match="is not a table of Completion rows: no column method"):
        read_rows(path, Completion)


def test_a_column_of_another_type_is_refused(tmp_path):
    path = tmp_path / "c.parquet"
    row = Completion("d/1", "d", "m", 1, 0, "p", "c", "stop")
    write_rows(path, [row], Completion)
    table = pq.read_table(path)
    index = table.column_names.index("seed")
    pq.write_table(table.set_column(index, "seed", pa.array(["seventeen"])), path)
    with pytest.raises(CalibrantError, match="wrong type"):
        read_rows(path, Completion)


def test_what_is_no_parquet_file_is_refused(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_text("no")
    with pytest.raises(CalibrantError, match="cannot be read as Parquet"):
        read_rows(path, Question)
