import json
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.data.prepare import (
    CLASHING,
    JUDGED_TWICE,
    REPEATED,
    judgement_account,
    to_judgements,
    to_questions,
)
from calibrant.data.raw import Loaded, RawJudgement, RawQuestion
from calibrant.data.splits import assign_split, content_hash
from calibrant.errors import CalibrantError

PARTS = {"train": {"train": 0.8, "validation": 0.2}, "dev": {"calibration": 0.5, "test": 0.5}}


def raw(
    question: str,
    *references: str,
    part: str = "train",
    options: tuple[str, ...] = (),
) -> RawQuestion:
    return RawQuestion(
        part=part,
        question=question,
        references=references or ("7",),
        answer_type="choice" if options else "number",
        domain="math",
        options=options,
    )


def test_every_field_travels() -> None:
    row = RawQuestion(
        part="dev",
        question="Which is blue?",
        references=("B",),
        answer_type="choice",
        domain="colour",
        context="Look.",
        options=("grass", "sky"),
        source_id="17",
        group="sheet 3",
        difficulty=0.25,
        true_probability=0.75,
    )
    [question], _ = to_questions("toy", Loaded([row]), PARTS)
    assert question.question_id == f"toy/{content_hash(row)[:16]}"
    assert question.dataset == "toy"
    assert question.split == assign_split(content_hash(row), PARTS["dev"])
    for field in set(RawQuestion.__dataclass_fields__) - {"part"}:
        assert getattr(question, field) == getattr(row, field)


def test_rows_do_not_depend_on_the_order_of_the_source() -> None:
    rows = [raw(f"question {i}", part="dev" if i % 3 else "train") for i in range(200)]
    rows += rows[:20]
    shuffled = random.Random(3).sample(rows, len(rows))
    assert to_questions("toy", Loaded(rows), PARTS) == to_questions("toy", Loaded(shuffled), PARTS)


def test_the_first_rows_are_a_sample_of_every_part() -> None:
    # Both parts fill half of the split, so half of any first n rows, within 4 standard errors.
    shares = {"train": {"test": 0.5, "train": 0.5}, "dev": {"test": 1.0}}
    rows = [raw(f"easy {i}", part="train") for i in range(2000)]
    rows += [raw(f"hard {i}", part="dev") for i in range(1000)]
    questions, _ = to_questions("toy", Loaded(rows), shares)
    first = [row for row in questions if row.split == "test"][:400]
    assert abs(sum("easy" in row.question for row in first) - 200) < 4 * 10


def test_a_repeat_is_dropped_and_counted() -> None:
    rows = [raw("2 + 5?", "7"), raw(" 2  + 5?", "7", "seven"), raw("3 + 4?")]
    questions, account = to_questions("toy", Loaded(rows), PARTS)
    assert len(questions) == 2
    assert account["dropped"] == {REPEATED: 1}


def test_clashing_references_drop_all_rows() -> None:
    rows = [raw("2 + 5?", "7"), raw("2 + 5?", "8"), raw("2 + 5?", "7"), raw("3 + 4?")]
    questions, account = to_questions("toy", Loaded(rows), PARTS)
    assert [row.question for row in questions] == ["3 + 4?"]
    assert account["dropped"] == {CLASHING: 3}


def test_reordered_options_clash_by_their_text_and_not_by_their_letter() -> None:
    same = [raw("q", "A", options=("x", "y")), raw("q", "B", options=("y", "x"))]
    other = [raw("q", "A", options=("x", "y")), raw("q", "A", options=("y", "x"))]
    assert to_questions("toy", Loaded(same), PARTS)[1]["dropped"] == {REPEATED: 1}
    assert to_questions("toy", Loaded(other), PARTS)[1]["dropped"] == {CLASHING: 2}


@pytest.mark.parametrize("order", [("train", "dev"), ("dev", "train")])
def test_a_repeat_across_parts_stays_out_of_training(order: tuple[str, str]) -> None:
    rows = [raw("2 + 5?", part=part) for part in order]
    [question], _ = to_questions("toy", Loaded(rows), PARTS)
    assert question.split in ("calibration", "test")


def test_a_part_without_splits_is_named() -> None:
    with pytest.raises(CalibrantError, match=r"dataset toy: no splits are set for part 'extra'"):
        to_questions("toy", Loaded([raw("q", part="extra")]), PARTS)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from("78"), st.sampled_from(sorted(PARTS)))),
    st.integers(0, 9),
)
def test_the_account_adds_up(rows: list[tuple[int, str, str]], lost: int) -> None:
    loaded = Loaded([raw(f"q{i}", answer, part=part) for i, answer, part in rows])
    loaded.dropped["broken"] = lost
    questions, account = to_questions("toy", loaded, PARTS)
    assert account["rows_in"] == len(rows) + lost
    assert account["rows_in"] == account["rows_kept"] + sum(account["dropped"].values())
    assert account["dropped"].get("broken", 0) == lost
    for counts in account["kept"].values():
        assert sum(counts.values()) == account["rows_kept"] == len(questions)
    assert account["kept"]["split"] == {
        split: Counter(row.split for row in questions)[split]
        for split in ("train", "validation", "calibration", "test")
    }
    assert json.loads(json.dumps(account)) == account


def test_repairs_are_in_the_account_and_the_source_is_left_alone() -> None:
    loaded = Loaded([raw("q"), raw("q")])
    loaded.repaired.update({"quotes mended": 2})
    assert to_questions("toy", loaded, PARTS)[1]["repaired"] == {"quotes mended": 2}
    assert not loaded.dropped


VERDICT = RawJudgement("Capital of France?", ("Paris",), "Lyon", "model-1", "geography", False)


def test_judgements_are_human_and_named_by_what_was_judged() -> None:
    other = [
        replace(VERDICT, answer="Paris", verdict=True),
        replace(VERDICT, system="model-2"),
        replace(VERDICT, references=("Paris", "Paname")),
    ]
    judgements = to_judgements("people", Loaded(judgements=[VERDICT, *other]))
    assert len({row.judgement_id for row in judgements}) == 4
    assert {row.judge for row in judgements} == {"human"}
    [kept] = [row for row in judgements if row.answer == "Paris"]
    assert (kept.dataset, kept.verdict, kept.references) == ("people", True, ("Paris",))
    assert kept.judgement_id.startswith("people/")


def test_clashing_verdicts_are_left_out_and_repeats_kept_once() -> None:
    other = replace(VERDICT, system="model-2")
    loaded = Loaded(judgements=[VERDICT, VERDICT, other, replace(other, verdict=True)])
    loaded.dropped["improper question"] = 3
    judgements = to_judgements("people", loaded)
    assert [row.system for row in judgements] == ["model-1"]
    account = judgement_account(loaded, judgements)
    assert account["rows_in"] == 7
    assert account["dropped"] == {"improper question": 3, JUDGED_TWICE: 3}
    assert account["kept"] == {"domain": {"geography": 1}, "verdict": {"wrong": 1}}
