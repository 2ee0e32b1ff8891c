"""What a model would reach that states exactly how surely it gives its answers."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.measures.attainable_faithfulness import (
    TOO_FEW,
    attainable_faithfulness,
    count_agreement,
    exact_faithfulness,
)
from calibrant.measures.binomial_mixture import PROBABILITIES
from calibrant.measures.faithfulness_figures import faithfulness_figures
from calibrant.training.intrinsic_confidence import leave_one_out_shares

NAMES = ("mfg", "cmfg", "cmfg_star")


def attainable(questions) -> dict[str, float]:
    found = attainable_faithfulness(questions, level=0.95, seed=3)
    return {name: found[name]["value"] for name in NAMES}


def drawn(chances: np.ndarray, answers: int, rng: np.random.Generator) -> list[list[int]]:
    """Return answers to a question per row of chances."""
    return [rng.choice(len(row), size=answers, p=row).tolist() for row in chances]


def reached(chances: np.ndarray, questions: list[list[int]]) -> list[float]:
    """Return the measured figures of a model that states the very chances."""
    stated = [row[a] for row, said in zip(chances, questions, strict=True) for a in said]
    shares = [share for said in questions for share in leave_one_out_shares(said)]
    labels = np.repeat(np.arange(len(questions)), [len(said) for said in questions])
    found = faithfulness_figures(stated, np.array(shares, float), labels, replicates=2)
    return [found[name]["value"] for name in NAMES]


def two_way(first: np.ndarray) -> np.ndarray:
    return np.stack([first, 1 - first], axis=1)


PROFILES = {
    "even from a half to one": lambda rng: two_way(rng.uniform(0.5, 1, 150)),
    "nearly sure": lambda rng: two_way(np.full(150, 0.953)),
    "four options alike": lambda rng: np.full((150, 4), 0.25),
    "mostly sure": lambda rng: two_way(
        np.where(rng.random(150) < 0.7, 1, rng.uniform(0.5, 1, 150))
    ),
}


@pytest.mark.parametrize("answers", [8, 16, 32])
@pytest.mark.parametrize("profile", PROFILES)
def test_it_is_what_exact_models_reach(profile: str, answers: int) -> None:
    rng = np.random.default_rng(answers)
    known, guessed = [], []
    for _ in range(8):
        chances = PROFILES[profile](rng)
        known.append(reached(chances, drawn(chances, answers, rng)))
        guessed.append(list(attainable(drawn(chances, answers, rng)).values()))
    off = np.mean(guessed, axis=0) - np.mean(known, axis=0)
    # The chance of eight models of each is in it too: a standard error of about 0.005.
    assert abs(off[0]) < 0.012
    assert abs(off[2]) < 0.015
    assert abs(off[1]) < 0.03


def test_agreement_by_hand() -> None:
    counts = count_agreement([[0, 0, 1, None], [2, 2], [0], [None, None]])
    # Of the first question 2 answers have 1 of 2 others alike, and 1 has none; of the second both.
    assert list(zip(counts.same, counts.others, strict=True)) == [(0, 2), (1, 1), (1, 2)]
    assert counts.answers.tolist() == [[1, 0, 2], [0, 2, 0]]
    assert counts.shares.tolist() == [0, 1, 0.5]


def test_one_answer_throughout_is_reached_exactly() -> None:
    assert set(attainable([[0] * 8] * 20).values()) == {1.0}
    assert set(attainable([[0] * 8, [1] * 5, [None, 2, 2, 2]]).values()) == {1.0}


@pytest.mark.parametrize("questions", [[[0, 1]] * 9, [[0, 0, 1, None]], [[0]], [], [[None] * 8]])
def test_too_few_answers_say_nothing(questions: list[list[int | None]]) -> None:
    for entry in attainable_faithfulness(questions, level=0.95, seed=3).values():
        assert entry["value"] is None
        assert entry["undefined"] == TOO_FEW


def test_a_draw_without_the_one_doubtful_question_counts_like_any_other() -> None:
    """Of 64 answers: what such a draw has not seen must not come to be nought by nought."""
    questions = [[0] * 64] * 6 + [[0] * 63 + [1]]
    for entry in attainable_faithfulness(questions, level=0.95, seed=3).values():
        assert entry["left_out"] == 0
        assert entry["high"] == 1.0


def test_one_question_has_no_interval() -> None:
    entry = attainable_faithfulness([[0, 0, 0, 1]], level=0.95, seed=3)["mfg"]
    assert entry["value"] is not None
    assert entry["low"] is entry["high"] is None
    assert entry["undefined"]


@pytest.mark.parametrize("answers", [2, 3, 4])
@pytest.mark.parametrize("first", [0.5, 0.7, 0.99])
def test_exact_statements_by_enumeration(answers: int, first: float) -> None:
    """All sequences of two answers, each with its probability."""
    gained: dict[int, float] = {}
    weight: dict[int, float] = {}
    for said in product([0, 1], repeat=answers):
        chances = [first if answer == 0 else 1 - first for answer in said]
        for answer, chance in zip(said, chances, strict=True):
            same = said.count(answer) - 1
            faithful = 1 - abs(chance - same / (answers - 1))
            gained[same] = gained.get(same, 0) + float(np.prod(chances)) * faithful
            weight[same] = weight.get(same, 0) + float(np.prod(chances))
    mixture = np.zeros(len(PROBABILITIES))
    # An answer is the first with its own chance.
    mixture[round(100 * first)] += first
    mixture[round(100 * (1 - first))] += 1 - first
    every = [list(said) for said in product([0, 1], repeat=answers)]
    counts = count_agreement(every)
    (found,) = exact_faithfulness(counts, mixture[None])
    assert dict(zip(counts.same.tolist(), found, strict=True)) == pytest.approx(
        {same: gained[same] / weight[same] for same in gained}
    )


def test_many_answers_come_near_to_one() -> None:
    rng = np.random.default_rng(2)
    found = attainable(drawn(two_way(rng.uniform(0.5, 1, 30)), 1500, rng))
    assert all(0.985 < value < 1 for value in found.values())


def test_more_answers_come_nearer() -> None:
    rng = np.random.default_rng(2)
    chances = two_way(rng.uniform(0.5, 1, 200))
    found = [attainable(drawn(chances, answers, rng)) for answers in (4, 8, 16, 32, 64)]
    for name in NAMES:
        values = [item[name] for item in found]
        assert values == sorted(values)
    assert [item["cmfg_star"] for item in found[1:]] == pytest.approx(
        [0.866, 0.913, 0.940, 0.957], abs=0.01
    )


answer_groups = st.lists(st.sampled_from([None, 0, 1, 2]), min_size=1, max_size=9)


@settings(max_examples=15, deadline=None)
@given(st.lists(answer_groups, min_size=1, max_size=8), st.randoms())
def test_never_above_one_and_only_what_agrees_matters(questions, turned) -> None:
    found = attainable_faithfulness(questions, level=0.9, seed=1)
    for entry in found.values():
        if entry["value"] is not None:
            assert 0 <= entry["value"] <= 1
            assert entry["low"] is None or 0 <= entry["low"] <= entry["high"] <= 1
    names = {None: None, 0: 5, 1: 9, 2: 0}
    again = [[names[group] for group in turned.sample(said, len(said))] for said in questions]
    assert attainable_faithfulness(again, level=0.9, seed=1) == found
