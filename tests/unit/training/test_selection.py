"""Which questions are kept, and what is said about those that are not."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from calibrant.elicitation.settings import Elicitation
from calibrant.errors import CalibrantError
from calibrant.grading.predictions import grade_completions
from calibrant.rows import Completion, Prediction, Question
from calibrant.stage_settings.answers import GradeSettings
from calibrant.stage_settings.selection import SelectSettings
from calibrant.training.first_questions import first_of_each
from calibrant.training.sampled_question import SampledQuestion, sampled_question
from calibrant.training.selection import select_questions, spread
from calibrant.training.selection_figures import difficulty_bin
from calibrant.training.selection_settings import Selection

RIGHT = "7"
SCALE = Elicitation().scale


def question(number: int, dataset: str = "sums", kind: str = "number") -> Question:
    return Question(
        f"{dataset}/{number:03}", dataset, "math", "train", kind, f"Q{number}?", (RIGHT,),
        difficulty=0.25,
    )  # fmt: skip


def graded(asked: list[Question], answers: list[list[str | None]]) -> list[Prediction]:
    """Return the graded samples of questions; None is a text without an answer."""
    texts = [
        Completion(
            question_id=one.question_id, dataset=one.dataset, method="start", seed=3, sample=sample,
            prompt="", finish_reason="stop",
            completion="Well." if said is None
            else f"<answer>{said}</answer><confidence>0.5</confidence>",
        )
        for one, given_ in zip(asked, answers, strict=True)
        for sample, said in enumerate(given_)
    ]  # fmt: skip
    return list(grade_completions(texts, asked, GradeSettings(scale=SCALE, confidence="stated")))


def sampled(answers: list[str | None], kind: str = "number") -> SampledQuestion:
    asked = question(1, kind=kind)
    return sampled_question(asked, graded([asked], [answers]))


def settings(samples: int = 4, **changes: Any) -> SelectSettings:
    selection = Selection(samples=samples, **changes)
    return SelectSettings(
        model="tiny",
        learnt_from=["toy"],
        selection=selection,
        scale=SCALE,
        replicates=100,
        level=0.9,
    )


@pytest.mark.parametrize(
    ("answers", "state", "difficulty", "consistency", "majority"),
    [
        (["7", "7", "7.0", "7"], "always_right", 0, 1, True),
        (["7", "8", "7", "9"], "mixed", 0.5, 0.5, True),
        (["8", "8", "7", "8.0"], "mixed", 0.75, 0.75, False),
        (["8", "9", "8", "5"], "always_wrong", 1, 0.5, False),
        # What cannot be read is no answer, and no right one either.
        (["7", "7", None, "7"], "mixed", 0, 1, True),
        ([None, "8", None, None], "always_wrong", 1, 1, False),
        ([None, "8", "7", "7"], "mixed", 1 / 3, 2 / 3, True),
        ([None, None, None, "7 or 8"], "ungradable", None, None, None),
        # Of equally frequent answers the first counts.
        (["8", "7", "7", "8"], "mixed", 0.5, 0.5, False),
        (["7", "8", "8", "7"], "mixed", 0.5, 0.5, True),
    ],
)
def test_a_question_worked_out_by_hand(answers, state, difficulty, consistency, majority) -> None:
    item = sampled(answers)
    assert item.state == state
    assert item.difficulty == difficulty
    assert item.consistency == consistency
    assert item.majority_right is majority
    assert item.right + item.wrong + item.unread + item.to_judge == 4


def test_a_question_for_a_judge_has_no_difficulty() -> None:
    item = sampled(["rain", None, "rain", "sun"], kind="open")
    assert (item.to_judge, item.unread, item.state) == (3, 1, "to_judge")
    assert (item.difficulty, item.consistency, item.majority_right) == (None, None, None)


# Two right; all right; all wrong; nothing read; one right.
ANSWERS = [
    ["7", "7", "1", "2"], ["7"] * 4, ["1", "2", "1", "1"], [None] * 4, ["7", "1", "1", "1"],
]  # fmt: skip
ASKED = [question(number) for number in range(5)]


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, [0, 4]),
        ({"drop_always_right": False}, [0, 1, 4]),
        ({"drop_always_wrong": False}, [0, 2, 4]),
        ({"drop_always_right": False, "drop_always_wrong": False, "keep": 3}, [0, 1, 4]),
        ({"keep": 1}, [0]),
    ],
)
def test_a_small_set_worked_out_by_hand(changes: dict[str, Any], kept: list[int]) -> None:
    rows, document = select_questions(ASKED, graded(ASKED, ANSWERS), settings(**changes), 3)
    difficulties = {0: 0.5, 1: 0.0, 2: 1.0, 4: 0.75}
    assert rows == [replace(ASKED[at], difficulty=difficulties[at]) for at in kept]
    cell = document["all"]
    assert cell == document["datasets"]["sums"]
    names = ("questions", "sampled", "always_right", "mixed", "always_wrong", "ungradable")
    assert [cell[name] for name in names] == [5, 5, 1, 2, 1, 1]
    assert (cell["to_judge"], cell["kept"]) == (0, len(kept))
    assert (cell["answers"], cell["unread"]) == (20, 4)
    bins = {difficulty_bin(difficulties[at]): at for at in difficulties}
    assert [row["sampled"] for row in cell["histogram"]] == [int(at in bins) for at in range(10)]
    assert sum(row["kept"] for row in cell["histogram"]) == len(kept)
    assert (document["model"], document["samples"], document["temperature"]) == ("tiny", 4, 1.0)


def test_the_figures_agree_with_scikit_learn() -> None:
    _, document = select_questions(ASKED, graded(ASKED, ANSWERS), settings(), 3)
    consistency, right = [0.5, 1, 0.75, 0.75], [True, True, False, False]
    cell = document["all"]
    assert cell["consistency"]["value"] == pytest.approx(0.75)
    assert cell["majority_accuracy"]["value"] == pytest.approx(0.5)
    assert cell["auroc"]["value"] == pytest.approx(roc_auc_score(right, consistency))
    assert cell["consistency"]["low"] < 0.75 < cell["consistency"]["high"]


def test_without_a_graded_answer_figures_say_why_they_are_missing() -> None:
    asked = [question(number, "told", "open") for number in range(3)]
    rows, document = select_questions(asked, graded(asked, [["rain"] * 4] * 3), settings(), 3)
    assert [row.difficulty for row in rows] == [None] * 3
    assert document["all"]["to_judge"] == document["all"]["kept"] == 3
    for name in ("consistency", "majority_accuracy", "auroc"):
        entry = document["all"][name]
        assert entry["value"] is entry["low"] is None
        assert entry["undefined"] == "no question has a graded answer"


def test_each_dataset_is_selected_by_itself_and_questions_not_sampled_are_left_out() -> None:
    asked = [question(at, name) for name in ("sums", "legs") for at in range(6)]
    chosen = first_of_each(asked, 4)
    assert [one.question_id[-3:] for one in chosen] == ["000", "001", "002", "003"] * 2
    predictions = graded(chosen, [["7", "1"]] * 8)
    rows, document = select_questions(asked, predictions, settings(samples=2, keep=3), 3)
    assert Counter(row.dataset for row in rows) == {"sums": 3, "legs": 3}
    for cell in document["datasets"].values():
        assert (cell["questions"], cell["sampled"], cell["kept"]) == (6, 4, 3)
    assert document["all"]["kept"] == 6


def test_a_dataset_of_which_nothing_is_left_stops_the_study() -> None:
    asked = [*ASKED, question(9, "legs"), question(10, "legs")]
    answers = [*ANSWERS, ["7"] * 4, [None] * 4]
    with pytest.raises(
        CalibrantError, match=r"no question of legs is kept.*1 always right, 1 ungra"
    ):
        select_questions(asked, graded(asked, answers), settings(), 3)


def test_samples_of_another_number_are_refused() -> None:
    predictions = graded(ASKED, ANSWERS)
    with pytest.raises(CalibrantError, match="sums/004 has 3 answers and not 4"):
        select_questions(ASKED, predictions[:-1], settings(), 3)


def item(number: int, right: int, wrong: int, waiting: int = 0) -> SampledQuestion:
    return SampledQuestion(question(number), right, wrong, 0, waiting, None, None)


ITEMS = st.lists(
    st.tuples(st.integers(0, 8), st.booleans()).map(
        lambda drawn: (drawn[0], 8 - drawn[0], 0) if drawn[1] else (0, 0, 8)
    ),
    max_size=60,
)


@hypothesis_settings(deadline=None)
@given(ITEMS, st.integers(1, 40))
def test_what_is_kept_is_as_even_as_can_be(counts: list[tuple[int, int, int]], keep: int) -> None:
    items = [item(number, *count) for number, count in enumerate(counts)]
    chosen = spread(items, keep)
    assert len(chosen) == min(keep, len(items))
    assert [items.index(one) for one in chosen] == sorted({items.index(one) for one in chosen})
    there, taken = (Counter(one.difficulty for one in group) for group in (items, chosen))
    for name, count in taken.items():
        same = [one for one in items if one.difficulty == name]
        assert [one for one in chosen if one.difficulty == name] == same[:count]
    # A bin that has more left than it gave did not give fewer than any other by two.
    for name, count in there.items():
        if taken[name] < count:
            assert taken[name] >= max(taken.values(), default=0) - 1


def test_without_a_number_to_keep_all_are() -> None:
    items = [item(number, number, 8 - number) for number in range(9)]
    assert spread(items, None) == items


@given(st.integers(1, 1024).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_bins_are_those_of_exact_arithmetic(counts: tuple[int, int]) -> None:
    wrong, graded_ = counts
    exact = min(int(Fraction(wrong, graded_) * 10), 9)
    assert difficulty_bin(wrong / graded_) == exact
