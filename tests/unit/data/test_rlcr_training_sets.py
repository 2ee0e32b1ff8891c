"""The sets RLCR trains on, built anew: what is taken out, what is dropped, and always the same."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.data.conftest import Sources

from calibrant.data.catalog import load_catalog
from calibrant.data.loaders import big_math, hotpotqa_modified
from calibrant.data.loading import load_dataset
from calibrant.data.prepare import to_questions
from calibrant.data.raw import Loaded
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_text
from calibrant.stage_settings.sources import PublicSource

TRAIN, DEV = "hotpot_train_v1.1.json", "hotpot_dev_distractor_v1.json"
SUPPORTING = {"Title 2", "Title 7"}


def hotpot_row(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "_id": f"id-{number}",
        "question": f"Which of the {number} towers is higher?",
        "answer": f"Tower {number}",
        "supporting_facts": [["Title 7", 0], ["Title 2", 1], ["Title 7", 1]],
        "context": [[f"Title {n}", [f"Fact {n} of {number}.", " More."]] for n in range(10)],
    }
    return row | changes


def digest(loaded: Loaded, parts: dict[str, dict[str, float]]) -> str:
    rows, _ = to_questions("made_up", loaded, parts)
    return sha256_text(canonical_json([asdict(row) for row in rows]))


def titles(context: str | None) -> list[str]:
    assert context is not None
    return [paragraph.partition(":")[0] for paragraph in context.split("\n\n")]


def lost_of(row: Any) -> int:
    return int(row.source_id.partition("/lost")[2])


@pytest.fixture
def hotpot(sources: Sources) -> Sources:
    sources.json(TRAIN, [hotpot_row(number) for number in range(900)])
    return sources


def test_a_third_of_the_questions_lose_none_one_and_both(hotpot: Sources) -> None:
    rows = hotpot.load("hotpotqa_modified").questions
    counts = Counter(lost_of(row) for row in rows)
    # 900 draws: a share of a third has a standard deviation of 14; four of them are 57.
    assert set(counts) == {0, 1, 2}
    assert all(abs(count - 300) < 57 for count in counts.values())


def test_distractors_stay_and_the_lost_paragraphs_are_supporting_ones(hotpot: Sources) -> None:
    for row in hotpot.load("hotpotqa_modified").questions:
        left = titles(row.context)
        assert left == sorted(left)  # in the order of the source
        assert len(SUPPORTING - set(left)) == lost_of(row)
        assert len(left) == 10 - lost_of(row)


def test_either_supporting_paragraph_may_be_the_one_lost(hotpot: Sources) -> None:
    rows = [row for row in hotpot.load("hotpotqa_modified").questions if lost_of(row) == 1]
    gone = Counter((SUPPORTING - set(titles(row.context))).pop() for row in rows)
    assert min(gone["Title 2"], gone["Title 7"]) > len(rows) / 3


def test_eight_paragraphs_as_in_rlcr_do_not_tell_how_many_were_lost(hotpot: Sources) -> None:
    for row in hotpot.load("hotpotqa_modified", paragraphs=8).questions:
        left = set(titles(row.context))
        assert len(left) == 8
        assert len(SUPPORTING - left) == lost_of(row)


def test_the_vanilla_form_loses_distractors_alone(hotpot: Sources) -> None:
    rows = hotpot.load("hotpotqa_modified", form="vanilla", paragraphs=8).questions
    assert len(rows) == 900
    assert all(lost_of(row) == 0 and set(titles(row.context)) >= SUPPORTING for row in rows)


def test_hotpot_rows_left_out_are_counted(sources: Sources) -> None:
    nine = hotpot_row(1)["context"][:9]
    twice = [*nine, ["Title 0", ["Again."]]]
    long = [["Title 0", ["x" * 6000]], *hotpot_row(1)["context"][1:]]
    rows = [
        hotpot_row(0),
        hotpot_row(1, context=nine),
        hotpot_row(2, context=twice),
        hotpot_row(3, supporting_facts=[["Title 2", 0]]),
        hotpot_row(4, supporting_facts=[["Title 2", 0], ["Elsewhere", 0]]),
        hotpot_row(5, context=long),
    ]
    sources.json(TRAIN, rows)
    loaded = sources.load("hotpotqa_modified")
    assert [row.source_id.partition("/")[0] for row in loaded.questions] == ["id-0"]
    assert loaded.dropped == {
        hotpotqa_modified.OTHER_NUMBER: 2,
        hotpotqa_modified.OTHER_SUPPORT: 2,
        hotpotqa_modified.TOO_LONG: 1,
    }


def test_parts_come_from_the_files_and_yes_and_no_have_their_type(sources: Sources) -> None:
    sources.json(f"folder/{TRAIN}", [hotpot_row(0)])
    sources.json(f"folder/{DEV}", [hotpot_row(1, answer="Yes")])
    rows = sources.load("hotpotqa_modified").questions
    assert [row.part for row in rows] == ["train", "dev"]
    assert [row.answer_type for row in rows] == ["short_text", "yes_no"]
    assert rows[1].references == ("yes",)


def test_rows_do_not_depend_on_their_neighbours_or_their_order(sources: Sources) -> None:
    rows = [hotpot_row(number) for number in range(20)]
    sources.json(TRAIN, rows)
    all_rows = sources.load("hotpotqa_modified", paragraphs=8).questions
    sources.json(TRAIN, rows[:4:-1])
    some = sources.load("hotpotqa_modified", paragraphs=8).questions
    assert len(some) == 15
    assert set(some) < set(all_rows)


def test_the_same_seed_gives_the_same_hotpot_rows_for_good(hotpot: Sources) -> None:
    parts = {"train": {"train": 0.9, "validation": 0.1}}
    found = digest(hotpot.load("hotpotqa_modified", paragraphs=8), parts)
    assert found == "0ff7bd21d62e112d78e2ad8deb16864d78d6d8673a26c29f1e292ae778c44dd1"
    assert digest(hotpot.load("hotpotqa_modified", seed=18, paragraphs=8), parts) != found


@pytest.mark.parametrize("options", [{"form": "other"}, {"paragraphs": 9}, {"paragraphs": 1}])
def test_unknown_forms_of_hotpot_are_refused(hotpot: Sources, options: dict[str, Any]) -> None:
    with pytest.raises(CalibrantError, match="there is no form"):
        hotpot.load("hotpotqa_modified", **options)


def test_a_hotpot_row_without_paragraphs_is_an_error_with_file_and_row(sources: Sources) -> None:
    row = hotpot_row(1)
    del row["context"]
    sources.json(TRAIN, [hotpot_row(0), row])
    with pytest.raises(CalibrantError, match=r"hotpot_train_v1\.1\.json: row 2: has no 'context'"):
        sources.load("hotpotqa_modified")


def math_row(number: int, answer: str = "4", rate: float | None = 0.25) -> dict[str, Any]:
    return {
        "problem": f"What is {number} less {number - 4}?",
        "answer": answer,
        "source": "made_up",
        "llama8b_solve_rate": rate,
    }


@pytest.mark.parametrize(
    ("answer", "rate", "reason"),
    [
        ("1" * 20, 0.25, big_math.LONG_ANSWER),
        (r"4 \text{ km}", 0.25, big_math.WORDED_ANSWER),
        (r"\frac{1}{2}", 0.25, big_math.NO_NUMBER),
        ("nan", 0.25, big_math.NO_NUMBER),
        ("inf", 0.25, big_math.NO_NUMBER),
        ("1_000", 0.25, big_math.NO_NUMBER),
        ("4", None, big_math.NO_RATE),
        ("4", 0.0, big_math.TOO_HARD),
        ("4", 0.75, big_math.TOO_EASY),
        ("4", 1.0, big_math.TOO_EASY),
        ("1" * 19, 0.25, None),
        ("-4.5", 1 / 64, None),
        ("4", 47 / 64, None),
    ],
)
def test_big_math_keeps_short_numbers_that_are_sometimes_solved(
    sources: Sources, answer: str, rate: float | None, reason: str | None
) -> None:
    sources.lines("rows.jsonl", [math_row(9, answer, rate)])
    loaded = sources.load("big_math")
    assert loaded.dropped == ({reason: 1} if reason else {})
    assert len(loaded.questions) == (reason is None)


def test_big_math_says_how_hard_a_question_is_and_where_it_is_from(sources: Sources) -> None:
    sources.lines("rows.jsonl", [math_row(9), math_row(8, rate=0.5)])
    rows = sources.load("big_math", solved_below=50).questions
    assert [(row.references, row.part, row.difficulty) for row in rows] == [(("4",), "train", 0.75)]
    assert rows[0].source_id == "made_up:rows.jsonl:1"


@pytest.mark.parametrize("kind", ["parquet", "arrow", "jsonl"])
def test_big_math_reads_the_same_rows_from_every_kind_of_file(sources: Sources, kind: str) -> None:
    rows = [math_row(number, rate=number / 64) for number in range(64)]
    name = f"rows.{kind}"
    if kind == "parquet":
        sources.text(name, "")
        pq.write_table(pa.Table.from_pylist(rows), sources.files[name])
    elif kind == "arrow":
        sources.arrow(name, rows)
    else:
        sources.lines(name, rows)
    loaded = sources.load("big_math")
    assert [row.difficulty for row in loaded.questions] == [1 - n / 64 for n in range(1, 48)]
    assert loaded.dropped == {big_math.TOO_HARD: 1, big_math.TOO_EASY: 16}


def test_the_same_big_math_rows_come_out_for_good(sources: Sources) -> None:
    sources.lines("rows.jsonl", [math_row(number, rate=number / 64) for number in range(64)])
    parts = {"train": {"train": 0.9, "validation": 0.1}}
    assert (
        digest(sources.load("big_math"), parts)
        == "7d9dee7af8523547c1687dc26cd27a5e2bb4c63687c01664ad9ba4f8df721bbd"
    )


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("rows.jsonl", json.dumps(math_row(9, rate=1.5)), r"row 1: llama8b_solve_rate 1\.5"),
        ("rows.jsonl", json.dumps({"answer": "4"}), "row 1: has no 'llama8b_solve_rate'"),
        ("rows.csv", "problem,answer", r"unknown kind '\.csv'"),
        ("rows.parquet", "no parquet", "cannot be read as Parquet"),
    ],
)
def test_strange_big_math_files_are_errors(
    sources: Sources, name: str, text: str, said: str
) -> None:
    sources.text(name, text)
    with pytest.raises(CalibrantError, match=said):
        sources.load("big_math")


def test_all_rows_that_the_authors_drew_pass_the_filters(mirror: Path) -> None:
    (source,) = (
        source
        for source in load_catalog()["big_math_digits"].sources
        if source.file.endswith(".arrow")
    )
    entry = PublicSource(
        loader="big_math", options={}, parts={}, domain="math", answer_type="number"
    )
    loaded = load_dataset(entry, {source.file: mirror / source.path}, 17)
    assert len(loaded.questions) == 1000
    assert not loaded.dropped
