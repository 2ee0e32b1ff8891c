"""A stage learns from the rows it may learn from, or not at all."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.data.sealed_rows import check_as_made, check_rows
from calibrant.errors import CalibrantError
from calibrant.lineage.stage import Stage
from calibrant.rows import SPLITS, Prediction, Question, write_rows

ROW = Question("a/1", "a", "toy", "train", "number", "How many?", ("1",))
ANSWER = Prediction(
    "a/1",
    "a",
    "toy",
    "calibration",
    "number",
    "base",
    17,
    0,
    "",
    "1",
    0.5,
    "ok",
    True,
    "",
    "number",
)


@given(st.lists(st.tuples(st.sampled_from(SPLITS), st.sampled_from("abc"))))
def test_one_wrong_row_among_any_number_is_refused(places: list[tuple[str, str]]) -> None:
    rows = [replace(ROW, split=split, dataset=dataset) for split, dataset in places]
    if all(split == "train" and dataset in "ab" for split, dataset in places):
        check_rows(rows, "train", ["a", "b"])
    else:
        with pytest.raises(CalibrantError):
            check_rows(rows, "train", ["a", "b"])


def test_the_refusal_names_the_row_and_the_file() -> None:
    rows = [ROW, replace(ROW, question_id="a/2", split="test")]
    with pytest.raises(
        CalibrantError, match=r"^x\.parquet: a/2 is of the split test, and only rows of"
    ):
        check_rows(rows, "train", ["a"], Path("x.parquet"))
    with pytest.raises(CalibrantError, match=r"^base/a: a/1 is of the dataset a, and only b may"):
        check_rows([ANSWER], "calibration", ["b"])
    check_rows([ANSWER], "calibration", None)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Return a training set that a stage left behind, with its record."""
    script = Path(__file__).parents[3] / "workflow/scripts/seal.py"
    file = tmp_path / "data/training.parquet"
    argv = [str(script), "--root", str(tmp_path), "--training", str(file)]
    stage = Stage.from_command_line("seal", inputs=(), outputs=("training",), argv=argv)
    with stage:
        write_rows(stage.output("training"), [ROW], Question)
    return file


def test_a_file_as_it_was_made_is_accepted(made: Path, tmp_path: Path) -> None:
    check_as_made(made, tmp_path)


def test_a_test_row_that_is_called_a_training_row_is_noticed(made: Path, tmp_path: Path) -> None:
    secret = replace(ROW, question_id="a/9", question="A question of the test split?")
    write_rows(made, [ROW, secret], Question)
    check_rows([ROW, secret], "train", ["a"], made)
    with pytest.raises(CalibrantError, match="is not the file that stage seal made"):
        check_as_made(made, tmp_path)


def test_a_file_that_nobody_made_is_refused(made: Path, tmp_path: Path) -> None:
    stray = made.with_name("stray.parquet")
    write_rows(stray, [ROW], Question)
    with pytest.raises(CalibrantError):
        check_as_made(stray, tmp_path)
