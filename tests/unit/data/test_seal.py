"""Nothing a study is evaluated on is trained on, and what was left out is counted."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.data.own import PART, load_own
from calibrant.data.prepare import to_questions
from calibrant.data.seal import seal_training_set, seal_validation_set
from calibrant.data.settings import DatasetUse, OwnDataset, TrainingUse
from calibrant.errors import CalibrantError
from calibrant.rows import Question
from calibrant.stage_settings.sources import SealSettings

POND = "a heron stands in the shallow pond behind the old mill"


def rows(dataset: str, split: str, *texts: str) -> list[Question]:
    return [
        Question(f"{dataset}/{split} {text}", dataset, "toy", split, "number", text, ("1",))
        for text in texts
    ]


def seal(datasets, train, evaluate, *, generated=(), words=8):
    uses = [
        TrainingUse(dataset=name, limit=limit)
        for name, limit in (
            train.items() if isinstance(train, dict) else ((n, None) for n in train)
        )
    ]
    evaluated = evaluate if isinstance(evaluate, dict) else dict.fromkeys(evaluate, "test")
    settings = SealSettings(
        train=uses,
        evaluate=[DatasetUse(dataset=name, split=split) for name, split in evaluated.items()],
        generated=list(generated),
        shingle_words=words,
    )
    return seal_training_set(datasets, settings)


def texts(questions) -> list[str]:
    return [question.question for question in questions]


def test_a_row_that_is_evaluated_is_dropped_and_counted() -> None:
    train = rows("a", "train", "Same?", f"Tom says {POND}", "Own?")
    test = rows("b", "test", "same!", f"Eve says {POND}", "Other?")
    kept, overlap = seal([train, test], ["a"], ["b"])
    assert texts(kept) == ["Own?"]
    [cell] = overlap["cells"]
    assert {key: cell[key] for key in ("training", "evaluation", "exact", "shingle")} == {
        "training": "a", "evaluation": "b", "exact": 1, "shingle": 1,
    }  # fmt: skip
    assert (cell["training_rows"], cell["evaluation_rows"]) == (3, 3)
    assert overlap["dropped"] == 2
    assert overlap["dropped_by_dataset"] == {"a": 2}
    assert overlap["kept"] == {"a": 1}
    assert [
        (row["question_id"], row["evaluation_id"], row["match"]) for row in overlap["rows"]
    ] == [
        ("a/train Same?", "b/test same!", "exact"),
        (f"a/train Tom says {POND}", f"b/test Eve says {POND}", "shingle"),
    ]
    # "says a heron ... old mill" has 12 words and 5 runs, the evaluated question 13 and 6.
    assert [row["containment"] for row in overlap["rows"]] == [1.0, pytest.approx(5 / 6)]
    assert json.loads(json.dumps(overlap)) == overlap


@pytest.mark.parametrize("split", ["validation", "calibration", "test"])
def test_every_split_but_train_counts_as_evaluated(split: str) -> None:
    train = rows("a", "train", "Same?", "Own?")
    kept, overlap = seal([train, rows("b", split, "Same?")], ["a"], ["b"])
    assert texts(kept) == ["Own?"]
    assert overlap["cells"][0]["evaluation_rows"] == 1


def test_an_evaluated_train_split_is_compared_with_the_training_rows_of_others() -> None:
    public = [*rows("b", "train", "Same?", f"Eve says {POND}"), *rows("b", "test", "Other?")]
    own = rows("a", "train", "same!", f"Tom says {POND}", "Other?", "Own?")
    kept, overlap = seal([own, public], ["a"], {"b": "train"})
    assert texts(kept) == ["Own?"]
    assert [(cell["exact"], cell["shingle"]) for cell in overlap["cells"]] == [(2, 1)]
    assert overlap["cells"][0]["evaluation_rows"] == 3
    # Evaluated on its test split alone, its training rows are no evaluation rows.
    kept, overlap = seal([own, public], ["a"], {"b": "test"})
    assert texts(kept) == ["same!", f"Tom says {POND}", "Own?"]
    assert overlap["cells"][0]["evaluation_rows"] == 1


def test_an_evaluated_train_split_is_not_compared_with_itself() -> None:
    both = [*rows("a", "train", "One?", "Two?", "Three?"), *rows("a", "test", "Two!")]
    kept, overlap = seal([both], ["a"], {"a": "train"})
    assert texts(kept) == ["One?", "Three?"]
    assert overlap["cells"][0]["evaluation_rows"] == 1


def test_training_rows_of_an_evaluated_dataset_are_not_evaluated() -> None:
    train = rows("a", "train", "Same?")
    kept, overlap = seal([train, rows("b", "train", "Same?")], ["a", "b"], ["a", "b"])
    assert texts(kept) == ["Same?", "Same?"]
    assert overlap["dropped"] == 0
    assert len(overlap["cells"]) == 4


def test_a_dataset_is_sealed_against_its_own_test_rows() -> None:
    both = [*rows("a", "train", "Same?", "Own?"), *rows("a", "test", "Same!")]
    kept, overlap = seal([both], ["a"], ["a"])
    assert texts(kept) == ["Own?"]
    assert overlap["dropped_by_dataset"] == {"a": 1}


def test_only_training_rows_are_trained_on() -> None:
    questions = [
        row for split in ("validation", "calibration", "test", "train")
        for row in rows("a", split, f"{split} question?")
    ]  # fmt: skip
    kept, _ = seal([questions], ["a"], [])
    assert texts(kept) == ["train question?"]


def test_datasets_that_neither_train_nor_are_evaluated_do_not_matter() -> None:
    train, other = rows("a", "train", "Same?"), rows("c", "test", "Same?")
    kept, overlap = seal([train, other], ["a"], [])
    assert texts(kept) == ["Same?"]
    assert overlap["cells"] == []


def test_the_limit_takes_the_first_rows_that_are_left() -> None:
    train = rows("a", "train", "Same?", "First?", "Second?", "Third?")
    kept, overlap = seal([train, rows("b", "test", "Same?")], {"a": 2}, ["b"])
    assert texts(kept) == ["First?", "Second?"]
    assert overlap["kept"] == {"a": 2}
    assert overlap["dropped_by_dataset"] == {"a": 1}
    assert overlap["cells"][0]["training_rows"] == 4


def test_each_dataset_has_its_own_limit() -> None:
    first, second = rows("a", "train", "A1", "A2"), rows("b", "train", "B1", "B2")
    kept, overlap = seal([second, first], {"a": 1, "b": None}, [])
    assert texts(kept) == ["A1", "B1", "B2"]
    assert overlap["kept"] == {"a": 1, "b": 2}
    assert overlap["dropped_by_dataset"] == {"a": 0, "b": 0}


def test_nothing_left_to_train_on_is_an_error() -> None:
    train = rows("a", "train", "One?", "Two?")
    test = rows("b", "test", "One?", "Two?")
    with pytest.raises(
        CalibrantError, match=r"datasets.train: no training row of a is left: 2 over"
    ):
        seal([train, test], ["a"], ["b"])
    # Rows of another dataset do not make up for it.
    with pytest.raises(CalibrantError, match="no training row of a is left"):
        seal([train, test, rows("c", "train", "Three?")], ["a", "c"], ["b"])


@pytest.mark.parametrize("questions", [[], rows("a", "test", "Q?")])
def test_a_training_set_without_training_rows_is_an_error(questions: list[Question]) -> None:
    with pytest.raises(CalibrantError, match="no training row of a is left: 0 overlap"):
        seal([questions], ["a"], [])


def test_a_leak_repeated_in_the_training_set_is_dropped_as_often_as_it_stands_there() -> None:
    copies = [f"Example {i}. Is it true that {POND}?" for i in range(20)]
    train = rows("a", "train", *copies, *[f"What is item {i} of {i * 7}?" for i in range(160)])
    kept, overlap = seal([train, rows("b", "test", f"Is it true that {POND}?")], ["a"], ["b"])
    assert overlap["dropped"] == 20
    assert not set(copies) & set(texts(kept))


def test_judgement_sets_and_empty_sets_are_passed_over() -> None:
    # A judgement set is listed under evaluate and has no questions.
    train = rows("a", "train", "Own?")
    kept, overlap = seal([train, []], ["a"], ["people", "empty"])
    assert texts(kept) == ["Own?"]
    assert overlap["cells"] == []
    assert overlap["dropped"] == 0


def test_a_row_that_two_sets_give_away_is_dropped_once() -> None:
    train = rows("a", "train", "Same?", "Own?")
    tests = [rows("b", "test", "Same?"), rows("c", "test", "Same?")]
    kept, overlap = seal([train, *tests], ["a"], ["b", "c"])
    assert texts(kept) == ["Own?"]
    assert overlap["dropped"] == overlap["dropped_by_dataset"]["a"] == 1
    assert [cell["exact"] for cell in overlap["cells"]] == [1, 1]


def test_between_generated_sets_only_the_same_question_counts() -> None:
    train = rows("a", "train", f"Tom says {POND}", "Same?")
    test = rows("b", "test", f"Eve says {POND}", "Same?")
    kept, _ = seal([train, test], ["a"], ["b"], generated=["a", "b"])
    assert texts(kept) == [f"Tom says {POND}"]


def test_the_length_of_a_shared_run_is_the_studys() -> None:
    train = rows("a", "train", "Is it true that herons eat frogs at noon?", "Own?")
    test = rows("b", "test", "Who saw that herons eat frogs in May?")
    assert len(seal([train, test], ["a"], ["b"], words=4)[0]) == 1
    assert len(seal([train, test], ["a"], ["b"], words=5)[0]) == 2


words = st.lists(st.sampled_from(["red", "blue", "12", "cat"]), min_size=1, max_size=4)


sentences = words.map(" ".join)


@given(st.lists(sentences, unique=True), st.lists(sentences), st.integers(1, 4))
def test_no_evaluated_text_is_ever_trained_on(
    train: list[str], test: list[str], limit: int
) -> None:
    free = "a question like no other one here"
    datasets = [rows("a", "train", *train, free), rows("b", "test", *test)]
    kept, overlap = seal(datasets, {"a": limit}, ["b"])
    assert not set(texts(kept)) & set(test)
    assert 1 <= len(kept) <= limit
    left = len(train) + 1 - overlap["dropped"]
    assert len(kept) == min(limit, left)


def sealed_validation(datasets, train, evaluate, *, words=8):
    settings = SealSettings(
        train=[TrainingUse(dataset=name) for name in train],
        evaluate=[DatasetUse(dataset=name) for name in evaluate],
        generated=[],
        shingle_words=words,
    )
    return seal_validation_set(datasets, settings)


def test_a_checkpoint_is_not_chosen_on_what_is_evaluated() -> None:
    mine = [
        *rows("mine", "train", "Own?"),
        *rows("mine", "validation", "Same?", f"Tom says {POND}", "Mine?"),
    ]
    theirs = rows("theirs", "test", "same!", f"Eve says {POND}")
    kept, shared = sealed_validation([mine, theirs], ["mine"], ["theirs"])
    assert texts(kept) == ["Mine?"]
    assert (shared["dropped"], shared["kept"]) == (2, {"mine": 1})
    assert [(row["evaluation"], row["match"]) for row in shared["rows"]] == [
        ("theirs", "exact"), ("theirs", "shingle"),
    ]  # fmt: skip


def test_validation_rows_stay_where_they_are_evaluated_on_other_splits() -> None:
    own = [
        *rows("a", "train", "T?"),
        *rows("a", "validation", "V?"),
        *rows("a", "test", "V!", "X?"),
    ]
    kept, shared = sealed_validation([own], ["a"], ["a"])
    # The same text under another split of the same dataset is a leak like any other.
    assert (texts(kept), shared["dropped"]) == ([], 1)
    kept, _ = sealed_validation([own[:2] + own[3:]], ["a"], ["a"])
    assert texts(kept) == ["V?"]


def test_a_copy_under_another_name_does_not_get_in(tmp_path: Path) -> None:
    """Test questions, copied to a file of one's own with a train split, in other case and spacing."""
    theirs = rows("theirs", "test", *[f"How many geese fly over lake {n}?" for n in range(40)])
    file = tmp_path / "copy.csv"
    lines = [f"  HOW many geese  fly over lake {n} ?,{n}" for n in range(40)]
    lines += [f"What is {n} times {n}?,{n * n}" for n in range(40)]
    file.write_text("question,answer\n" + "\n".join(lines) + "\n", encoding="utf-8")
    shares = {"train": 0.5, "validation": 0.5}
    own = OwnDataset(
        file=str(file), licence="MIT", domain="toy", answer_type="number", fractions=shares
    )
    copied, _ = to_questions("mine", load_own("mine", own), {PART: shares})
    trained, _ = seal([copied, theirs], ["mine"], ["theirs"])
    chosen, _ = sealed_validation([copied, theirs], ["mine"], ["theirs"])
    assert len(trained) + len(chosen) == 40
    assert not [row for row in [*trained, *chosen] if "geese" in row.question]
