import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from calibrant.data.own import load_own
from calibrant.data.raw import RawQuestion
from calibrant.data.settings import OwnDataset
from calibrant.errors import CalibrantError

ALL_COLUMNS = {
    "question": "q",
    "answer": "a",
    "context": "text",
    "id": "nr",
    "group": "sheet",
    "domain": "subject",
}


def own(path: Path, answer_type: str = "short_text", **columns: str) -> OwnDataset:
    return OwnDataset.model_validate(
        {
            "file": str(path),
            "licence": "CC0-1.0",
            "domain": "toy",
            "answer_type": answer_type,
            "columns": columns,
        }
    )


def load(path: Path, answer_type: str = "short_text", **columns: str) -> list[RawQuestion]:
    loaded = load_own("mine", own(path, answer_type, **columns))
    assert not loaded.dropped
    return loaded.questions


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_three_kinds_of_file_hold_the_same_rows(tmp_path: Path) -> None:
    rows = [
        {"q": "Capital?", "a": ["Rome", "Roma"], "text": "Italy, in short.", "nr": "x1",
         "sheet": "s", "subject": "geography"},
        {"q": 'Say "hi"\ntwice', "a": ["hi hi"], "text": None, "nr": "x2",
         "sheet": None, "subject": "words"},
    ]  # fmt: skip
    jsonl = written(tmp_path, "a.jsonl", "\n\n".join(json.dumps(row) for row in rows) + "\n")
    csv = written(
        tmp_path,
        "a.CSV",
        "\ufeffq,a,text,nr,sheet,subject\r\n"
        'Capital?,"[""Rome"", ""Roma""]","Italy, in short.",x1,s,geography\r\n'
        '"Say ""hi""\ntwice",hi hi,,x2,,words\r\n',
    )
    parquet = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(rows), parquet)
    expected = [
        RawQuestion(
            part="own",
            question="Capital?",
            references=("Rome", "Roma"),
            answer_type="short_text",
            domain="geography",
            context="Italy, in short.",
            source_id="x1",
            group="s",
        ),
        RawQuestion(
            part="own",
            question='Say "hi"\ntwice',
            references=("hi hi",),
            answer_type="short_text",
            domain="words",
            source_id="x2",
        ),
    ]
    for path in (jsonl, csv, parquet):
        assert load(path, **ALL_COLUMNS) == expected


def test_numbers_and_truth_values_become_text(tmp_path: Path) -> None:
    lines = ['{"question": 1, "answer": 2.5}', '{"question": "q", "answer": [3, "4"]}']
    path = written(tmp_path, "a.jsonl", "\n".join(lines))
    assert [row.references for row in load(path, "number")] == [("2.5",), ("3", "4")]
    truths = written(tmp_path, "b.jsonl", '{"question": "q", "answer": true}\n')
    assert load(truths, "yes_no")[0].references == ("yes",)


def test_a_csv_cell_that_is_no_list_of_strings_is_one_answer(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", 'question,answer\nq,"[1, 2]"\nr,"[0, 1)"\ns,"[""1""]"\n')
    assert [row.references for row in load(path, "math")] == [("[1, 2]",), ("[0, 1)",), ("1",)]


@pytest.mark.parametrize(
    ("answer", "letter"),
    [("B", "B"), ("b", "B"), ("sky blue", "B"), (" sky \n blue ", "B"), (["C"], "C"), ("7", "C")],
)
def test_the_answer_to_a_choice_becomes_a_letter(
    tmp_path: Path, answer: str | list[str], letter: str
) -> None:
    row = {"question": "q", "answer": answer, "o": ["red", "sky  blue", 7]}
    [question] = load(written(tmp_path, "a.jsonl", json.dumps(row)), "choice", options="o")
    assert (question.references, question.options) == ((letter,), ("red", "sky  blue", "7"))


def test_an_option_that_is_its_own_letter_is_no_conflict(tmp_path: Path) -> None:
    same = written(tmp_path, "a.csv", 'question,answer,o\nq,B,"[""A"", ""B""]"\n')
    assert load(same, "choice", options="o")[0].references == ("B",)
    swapped = written(tmp_path, "b.csv", 'question,answer,o\nq,B,"[""B"", ""A""]"\n')
    with pytest.raises(CalibrantError, match="letter of one option and the text of another"):
        load(swapped, "choice", options="o")


def row(**cells: object) -> str:
    return json.dumps({"question": "q", "answer": "a"} | cells)


CHOICE = {"answer_type": "choice", "options": "o"}


@pytest.mark.parametrize(
    ("name", "content", "settings", "message"),
    [
        ("a.csv", "question,question,answer\nq,q,a\n", {}, "has 2 columns named 'question'"),
        ("a.jsonl", row() + '\n{"question": 1}', {}, "line 2: has no column 'answer'.*'question'"),
        ("a.jsonl", row(), {"context": "c"}, "'c' .* 'question', 'answer'. Set `columns.context`"),
        ("a.jsonl", row(question=" "), {}, r"a\.jsonl, line 1, column 'question': is empty"),
        ("a.jsonl", row(question=["q"]), {}, "column 'question': holds a list and not a text"),
        ("a.jsonl", row(answer=None), {}, "column 'answer': holds no answer"),
        ("a.jsonl", row(answer=[]), {}, "column 'answer': holds no answer"),
        ("a.jsonl", '{"question": "q", "answer": NaN}', {}, "column 'answer': holds no answer"),
        ("a.jsonl", row(answer=["a", ""]), {}, "'answer': item 2 of the list is empty"),
        ("a.jsonl", row(answer={"text": "a"}), {}, "'answer': holds an object and not a text"),
        ("a.jsonl", row(s=""), {"domain": "s"}, "column 's': is empty. Write the subject"),
        ("a.csv", "question,answer\nq,\n", {}, "line 2, column 'answer': holds no answer"),
        ("a.jsonl", row(), {"answer_type": "yes_no"}, "'a' cannot be an answer of type yes_no"),
        ("a.jsonl", row(), {"answer_type": "number"}, "'a' cannot be an answer of type number"),
        ("a.jsonl", row(), {"answer_type": "choice"}, r"mine\.columns\.options: .* needs options"),
        (
            "a.jsonl",
            row(),
            {"options": "o"},
            r"mine\.columns\.options: .*short_text has no options",
        ),
        ("a.jsonl", row(), CHOICE, "no column 'o'"),
        ("a.jsonl", row(o=None), CHOICE, "column 'o': holds 0 options"),
        ("a.jsonl", row(o="yes/no"), CHOICE, "column 'o': holds 1 options"),
        ("a.csv", "question,answer,o\nq,A,x|y\n", CHOICE, "column 'o': holds 1 options"),
        ("a.jsonl", row(o=[str(i) for i in range(27)]), CHOICE, "holds 27 options"),
        ("a.jsonl", row(o=["x", "x "]), CHOICE, "column 'o': holds the same option twice"),
        ("a.jsonl", row(o=["x", "y"], answer="z"), CHOICE, "'answer': 'z' is not among .* x / y"),
        ("a.jsonl", row(o=["x", "y"], answer="C"), CHOICE, "'C' is not among .* from A to B"),
        ("a.jsonl", row(o=["x", "y"], answer=["A", "B"]), CHOICE, "holds 2 answers and must hold"),
        ("a.jsonl", row(o=["x", "y"], answer=""), CHOICE, "holds 0 answers and must hold one"),
    ],
)
def test_a_bad_file_is_named_with_row_and_column(
    tmp_path: Path, name: str, content: str | bytes, settings: dict[str, str], message: str
) -> None:
    path = written(tmp_path, name, content)
    with pytest.raises(CalibrantError, match=message) as caught:
        load(path, **settings)
    assert caught.value.repair


def test_a_bad_parquet_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"question": ["q", None], "answer": ["a", "b"]}), path)
    with pytest.raises(CalibrantError, match=r"a\.parquet, row 2, column 'question': is empty"):
        load(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@given(question=json_values, answer=json_values)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cells_give_texts_or_an_error(tmp_path: Path, question: object, answer: object) -> None:
    path = written(tmp_path, "a.jsonl", row(question=question, answer=answer))
    try:
        [loaded] = load(path)
    except CalibrantError as error:
        assert "column 'question'" in str(error) or "column 'answer'" in str(error)
    else:
        for text in (loaded.question, *loaded.references):
            assert text == text.strip() != ""


@pytest.mark.parametrize(
    ("cell", "said"), [(b"What?", "raw bytes"), ([1], "a list"), ({"a": 1}, "an object")]
)
def test_a_question_that_is_no_text_is_refused(tmp_path, cell, said):
    path = tmp_path / "mine.parquet"
    pq.write_table(pa.table({"question": pa.array([cell]), "answer": ["1"]}), path)
    with pytest.raises(CalibrantError, match=f"column 'question'.*holds {said}"):
        load_own("mine", OwnDataset(file=str(path), licence="x", domain="d", answer_type="number"))


def test_half_a_surrogate_pair_is_refused(tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text('{"question": "q \\ud800", "answer": "1"}\n', encoding="utf-8")
    with pytest.raises(CalibrantError, match="half of a surrogate pair"):
        load_own("mine", OwnDataset(file=str(path), licence="x", domain="d", answer_type="number"))


def test_a_narrow_float_is_the_number_that_was_written(tmp_path):
    path = tmp_path / "mine.parquet"
    table = pa.table({"question": ["q"], "answer": pa.array([0.1], pa.float32())})
    pq.write_table(table, path)
    settings = OwnDataset(file=str(path), licence="x", domain="d", answer_type="number")
    assert load_own("mine", settings).questions[0].references == ("0.1",)
