"""The laboratory: what its questions say is true by construction."""

import random
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.data.lab import EVIDENCE, TEN, WORDS, lab_questions
from calibrant.data.raw import RawQuestion
from calibrant.data.settings import LabDataset


def questions(**settings: object) -> list[RawQuestion]:
    chosen: dict[str, Any] = {"wording": "weather", "size": 200} | settings
    return lab_questions("some", LabDataset(**chosen), 3).questions


def probability_of_yes(question: RawQuestion) -> float:
    assert question.true_probability is not None
    told = question.true_probability
    return told if question.references == ("yes",) else 1 - told


def read_from_the_text(question: str, yes: str, no: str) -> float:
    """Work the probability out again, from nothing but the words."""
    odds = 1.0
    if record := re.search(rf": ((?:(?:{yes}|{no}) ?){{{TEN}}})\.", question):
        count = record[1].split().count(yes)
        odds *= (count + 1) / (TEN - count + 1)
    if cards := re.search(r"(\d) \+ (\d)", question):
        count = int(cards[1]) + int(cards[2])
        odds *= count / (TEN - count)
    for right, said in re.findall(rf"right (\d) in 10: ({yes}|{no})\.", question):
        ratio = int(right) / (10 - int(right))
        odds *= ratio if said == yes else 1 / ratio
    return odds / (1 + odds)


@pytest.mark.parametrize("wording", WORDS)
def test_the_true_probability_is_what_the_words_say(wording: str) -> None:
    words = WORDS[wording]
    for question in questions(wording=wording, evidence=list(EVIDENCE)):
        told = probability_of_yes(question)
        assert told == pytest.approx(
            read_from_the_text(question.context or "", words.yes, words.no)
        )


@pytest.mark.parametrize("evidence", EVIDENCE)
def test_events_happen_as_often_as_the_true_probability_says(evidence: str) -> None:
    rows = questions(evidence=[evidence], size=40_000)
    truth = np.array([probability_of_yes(row) for row in rows])
    happened = np.array([row.references == ("yes",) for row in rows])
    for value in np.unique(truth.round(9)):
        same = np.isclose(truth, value)
        if same.sum() < 400:
            continue
        error = np.sqrt(value * (1 - value) / same.sum())
        # Dozens of values are looked at, so five standard errors.
        assert abs(happened[same].mean() - value) < 5 * error


@given(st.integers(0, 2**31), st.sampled_from(EVIDENCE))
def test_no_evidence_is_certain(seed: int, evidence: str) -> None:
    settings = LabDataset(wording="law", evidence=[evidence], size=20)
    for question in lab_questions("any", settings, seed).questions:
        assert 0 < probability_of_yes(question) < 1


def test_questions_are_equal_for_equal_arguments_and_differ_otherwise() -> None:
    settings = LabDataset(wording="weather", size=50)
    first = lab_questions("a", settings, 1).questions
    assert first == lab_questions("a", settings, 1).questions
    assert first != lab_questions("b", settings, 1).questions
    assert first != lab_questions("a", settings, 2).questions


def test_the_global_generator_is_left_alone() -> None:
    random.seed(1)
    expected = random.random()
    random.seed(1)
    questions()
    assert random.random() == expected


def test_every_question_is_one_of_its_own() -> None:
    texts = [row.context for row in questions(size=20_000)]
    assert len(set(texts)) == len(texts)


def test_the_kinds_of_evidence_come_in_equal_shares() -> None:
    groups = [row.group for row in questions(evidence=["record", "sum"], size=100)]
    assert groups.count("weather/record") == groups.count("weather/sum") == 50


def test_the_wordings_of_the_domains_share_no_word_for_an_outcome() -> None:
    words = [word for item in WORDS.values() for word in (item.yes, item.no)]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("settings", "held_out"),
    [
        ({"wording": "weather"}, False),
        ({"wording": "medicine"}, True),
        ({"wording": "law"}, True),
        ({"wording": "weather", "evidence": ["record", "sum_witness"]}, True),
    ],
)
def test_held_out_wordings_and_evidence_cannot_be_trained_on(
    settings: dict[str, object], held_out: bool
) -> None:
    assert LabDataset(size=10, **settings).held_out is held_out
    if held_out:
        with pytest.raises(ValueError, match="no train split"):
            LabDataset(size=10, fractions={"train": 0.5, "test": 0.5}, **settings)
