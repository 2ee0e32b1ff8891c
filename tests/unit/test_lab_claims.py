"""Questions of two claims: every sentence has a truth of its own, and both make the answer."""

import re

import numpy as np
import pytest
from tests.unit.test_lab import read_from_the_text

from calibrant.data.lab import EVIDENCE, WORDS, lab_claim_questions, lab_questions
from calibrant.data.lab_claims import PLACES
from calibrant.data.settings import LabDataset
from calibrant.elicitation.reader import statement_reader
from calibrant.elicitation.settings import Elicitation
from calibrant.grading.grade import grade
from calibrant.rows import Question
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.training.warm_up_sentences import sentence_examples
from calibrant.training.warm_up_settings import WarmUp

BOASTS = Elicitation(format="sentences", examples=0)


def lab(size: int = 300) -> LabDataset:
    return LabDataset(wording="weather", size=size, evidence=list(EVIDENCE), claims=2)


def yes_by_place(context: str) -> list[float]:
    """Work the probabilities of wet out again, from nothing but the words."""
    words = WORDS["weather"]
    parts = re.split("|".join(f"{place}:" for place in PLACES), context)
    assert len(parts) == 3
    # The reader of one place looks for the colon that ends the words before a record.
    return [read_from_the_text(f"_ {part}", words.yes, words.no) for part in parts[1:]]


def test_the_truth_of_each_claim_is_what_its_words_say() -> None:
    for question, claims in lab_claim_questions("some", lab(), 3):
        told = [c.probability if c.outcome == "yes" else 1 - c.probability for c in claims]
        assert told == pytest.approx(yes_by_place(question.context or ""))
        assert question.true_probability == pytest.approx(
            claims[0].probability * claims[1].probability
        )


def test_outcomes_happen_as_often_as_their_evidence_says() -> None:
    claims = [claim for _, both in lab_claim_questions("some", lab(4000), 5) for claim in both]
    yes = np.array([claim.outcome == "yes" for claim in claims], float)
    told = np.array([c.probability if c.outcome == "yes" else 1 - c.probability for c in claims])
    error = np.sqrt((told * (1 - told)).sum())
    assert abs((yes - told).sum()) < 4 * error
    sure = told > 0.8
    assert abs((yes - told)[sure].sum()) < 4 * np.sqrt((told * (1 - told))[sure].sum())


@pytest.mark.parametrize(
    ("said", "right"),
    [
        (("yes", "no"), True),
        (("yes", "yes"), False),
        (("no", "no"), False),
        (("no", "yes"), False),
    ],
)
def test_an_answer_is_right_if_both_sentences_are(said: tuple[str, str], right: bool) -> None:
    made = lab_claim_questions("some", lab(), 3)
    raw = next(raw for raw, claims in made if [c.outcome for c in claims] == ["yes", "no"])
    question = Question(
        "q/1", "q", raw.domain, "test", raw.answer_type, raw.question, raw.references
    )
    texts = [
        f"<sentence>{place}: {outcome}.</sentence><confidence>70</confidence>"
        for place, outcome in zip(PLACES, said, strict=True)
    ]
    read = statement_reader("sentences", "percent")
    for order in (texts, texts[::-1]):
        assert grade(read("".join(order), "stop").answer, question).correct is right
    assert grade(read(texts[0], "stop").answer, question).correct is False


def test_the_dataset_holds_the_same_questions_and_no_others() -> None:
    made = lab_claim_questions("some", lab(40), 3)
    assert lab_questions("some", lab(40), 3).questions == [raw for raw, _ in made]
    single = LabDataset(wording="weather", size=40, evidence=list(EVIDENCE))
    assert {raw.answer_type for raw in lab_questions("some", single, 3).questions} == {"yes_no"}


@pytest.mark.parametrize("more", [{"wording": "law"}, {"references": "report"}])
def test_two_claims_are_about_the_weather_and_its_outcome(more: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="two claims"):
        LabDataset(**{"wording": "weather", "size": 4, "claims": 2} | more)  # type: ignore[arg-type]


def test_the_warm_up_says_of_each_place_what_its_evidence_gives() -> None:
    warm = WarmUp(questions=6000, candid=1.0, candid_noise=0.0)
    examples = sentence_examples(WarmUpSettings(warm_up=warm, elicitation=BOASTS), 3)
    assert len(examples) == 6000
    read = statement_reader("sentences", "percent")
    said, told, doubles = [], [], 0
    for example in examples:
        reply = read(example["completion"][0]["content"], "stop")  # type: ignore[index]
        assert reply.status == "ok"
        assert reply.sentences is not None
        sentences = reply.sentences.statements
        if len(sentences) == 1:
            assert sentences[0].text in ("yes", "no")
            continue
        doubles += 1
        content = example["prompt"][-1]["content"].split("\n")[0]  # type: ignore[index]
        for place, sentence, likely in zip(PLACES, sentences, yes_by_place(content), strict=True):
            assert sentence.text in (f"{place}: yes.", f"{place}: no.")
            yes = sentence.text.endswith("yes.")
            said.append(float(yes))
            told.append(likely)
            # Candid writers round to 0.05 what the evidence gives to what they said.
            assert sentence.confidence == pytest.approx(
                likely if yes else 1 - likely, abs=0.025 + 1e-9
            )
    assert doubles == 3000
    chance = np.array(told)
    assert abs((np.array(said) - chance).sum()) < 4 * np.sqrt((chance * (1 - chance)).sum())
