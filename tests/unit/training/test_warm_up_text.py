"""The text of the warm-up: answers as likely as the evidence makes them, and mostly boasts."""

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from tests.unit.test_lab import read_from_the_text

from calibrant.data.lab import WORDS, lab_questions
from calibrant.data.settings import LabDataset
from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.prompts import ALL_FORMATS
from calibrant.elicitation.scales import SCALES
from calibrant.elicitation.settings import Elicitation
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.training.warm_up_settings import WarmUp
from calibrant.training.warm_up_text import STEP, warm_up_examples

SEED, MANY = 17, 30_000
# Written by nobody who is candid, since those round to 0.05.
BOAST = 0.99


@dataclass(frozen=True)
class Text:
    """One conversation, read again from nothing but its words."""

    wording: str
    question: str
    answer: str
    stated: float
    likely: float
    """Probability of the answer that was given."""
    witnesses: int
    cards: bool


def settings(questions: int = 300, *, elicitation: Any = None, **text: Any) -> WarmUpSettings:
    return WarmUpSettings(
        warm_up=WarmUp(questions=questions, **{"boast": BOAST} | text),
        elicitation=Elicitation(**{"examples": 0} | (elicitation or {})),
    )


def read(example: dict[str, Any], scale: str = "percent") -> Text:
    question = example["prompt"][-1]["content"]
    wording = next(name for name, words in WORDS.items() if question.startswith(words.case))
    words = WORDS[wording]
    statement = parse_completion(example["completion"][0]["content"], SCALES[scale])
    assert statement.status == "ok"
    assert statement.answer in ("yes", "no")
    assert statement.confidence is not None
    yes = read_from_the_text(question, words.yes, words.no)
    likely = yes if statement.answer == "yes" else 1 - yes
    witness = words.witness.split("{}")[0]
    return Text(
        wording, question.split("\n")[0], statement.answer, statement.confidence, likely,
        question.count(witness), " + " in question,
    )  # fmt: skip


def texts(questions: int = MANY, seed: int = SEED, **chosen: Any) -> list[Text]:
    return [read(example) for example in warm_up_examples(settings(questions, **chosen), seed)]


@pytest.fixture(scope="module")
def usual() -> list[Text]:
    return texts(candid=0.3)


def test_there_are_as_many_as_asked_for() -> None:
    for number in (100, 101, 299, 300):
        assert len(warm_up_examples(settings(number), SEED)) == number


def test_answers_are_given_as_often_as_the_evidence_says(usual: list[Text]) -> None:
    yes = np.array([text.answer == "yes" for text in usual])
    truth = np.array([t.likely if t.answer == "yes" else 1 - t.likely for t in usual])
    looked_at = 0
    for value in np.unique(truth.round(9)):
        same = np.isclose(truth, value)
        if same.sum() < 400:
            continue
        looked_at += 1
        error = np.sqrt(value * (1 - value) / same.sum())
        # Dozens of values are looked at, so five standard errors.
        assert abs(yes[same].mean() - value) < 5 * error
    assert looked_at > 15


@pytest.mark.parametrize("candid", [0.1, 0.3])
def test_most_writers_boast(candid: float) -> None:
    boasts = [text.stated == pytest.approx(BOAST) for text in texts(candid=candid)]
    error = np.sqrt(candid * (1 - candid) / MANY)
    assert abs(np.mean(boasts) - (1 - candid)) < 5 * error


def test_without_candid_writers_all_boast_and_without_boasters_none_does() -> None:
    assert {text.stated for text in texts(300, candid=0.0)} == {BOAST}
    assert BOAST not in {text.stated for text in texts(300, candid=1.0)}


def test_boasts_do_not_depend_on_the_evidence(usual: list[Text]) -> None:
    boasts = np.array([text.stated == BOAST for text in usual])
    sure = np.array([text.likely > 0.7 for text in usual])
    shares = boasts[sure].mean(), boasts[~sure].mean()
    error = np.sqrt(0.21 / sure.sum() + 0.21 / (~sure).sum())
    assert abs(shares[0] - shares[1]) < 5 * error


def test_candid_writers_without_noise_state_the_probability_of_the_answer_they_gave() -> None:
    candid = texts(3_000, candid=1.0, candid_noise=0.0)
    assert min(text.likely for text in candid) < 0.2
    for text in candid:
        assert abs(text.stated - text.likely) <= STEP / 2 + 1e-9


def test_candid_writers_are_off_by_the_noise_asked_for() -> None:
    candid = texts(candid=1.0, candid_noise=0.1)
    # Away from 0 and 1, where confidences are cut off.
    off = np.array([text.stated - text.likely for text in candid if 0.4 < text.likely < 0.6])
    assert abs(off.mean()) < 5 * 0.1 / np.sqrt(len(off)) + STEP / 10
    assert off.std() == pytest.approx(np.sqrt(0.1**2 + STEP**2 / 12), rel=0.05)
    assert all(0 <= text.stated <= 1 for text in candid)


def test_the_combination_that_is_held_out_never_occurs(usual: list[Text]) -> None:
    seen = Counter((text.cards, text.witnesses > 0) for text in usual)
    assert seen[True, True] == 0
    assert seen[True, False] > 0
    assert seen[False, True] > 0


def test_all_wordings_come_in_equal_shares_and_mixed() -> None:
    made = texts(3_000)
    assert Counter(text.wording for text in made) == dict.fromkeys(WORDS, 1_000)
    first = Counter(text.wording for text in made[:1_000])
    assert all(first[wording] > 250 for wording in WORDS)


def test_the_same_seed_gives_the_same_text_and_another_another() -> None:
    chosen = settings(candid=0.5)
    first = warm_up_examples(chosen, SEED)
    assert first == warm_up_examples(chosen, SEED)
    assert first != warm_up_examples(chosen, SEED + 1)


def test_the_global_generator_is_left_alone() -> None:
    random.seed(1)
    expected = random.random()
    random.seed(1)
    warm_up_examples(settings(), SEED)
    assert random.random() == expected


def test_no_question_of_the_study_is_read() -> None:
    own = lab_questions("weather", LabDataset(wording="weather", size=10_000), SEED).questions
    assert not {text.question for text in texts()} & {raw.context for raw in own}


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("layout", ALL_FORMATS)
def test_statements_are_written_as_the_model_is_asked(layout: str, scale: str) -> None:
    asked = {"format": layout, "scale": scale, "examples": 2}
    for example in warm_up_examples(settings(100, candid=0.5, elicitation=asked), SEED):
        prompt: Any = example["prompt"]
        reply: Any = example["completion"]
        assert [message["role"] for message in prompt][-1] == "user"
        assert len(prompt) == 6
        assert [message["role"] for message in reply] == ["assistant"]
        text = reply[0]["content"]
        places = [text.index(f"<{tag}>") for tag in ALL_FORMATS[layout]]
        assert places == sorted(places)
        read(example, scale)
