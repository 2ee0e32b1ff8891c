"""A language judge over an engine whose probabilities are known, and over a very small real model."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM

from calibrant.engines.interface import ScoreRequest, Scores
from calibrant.engines.settings import Generation
from calibrant.engines.transformers_engine import TransformersEngine
from calibrant.errors import CalibrantError
from calibrant.judging.case import Case, Verdict
from calibrant.judging.language_judge import LanguageJudge
from calibrant.judging.prompt import JudgePrompt

EXAMPLES = (
    (Case("Who swept the roof of Brelm?", ("Ada",), "Ada did."), True),
    (Case("How many bridges has Morvay?", ("7", "seven"), "nine"), False),
)
PROMPT = JudgePrompt(
    "made", "Say yes or no.", "Q {question}\nR {references}\n---\n{answer}\n---", EXAMPLES
)
CASES = [
    Case("Is it wet?", ("yes", "it is"), "It is wet."),
    Case("Two and two?", ("4",), "5"),
    Case("A letter?", ("a",), "a"),
]


@dataclass
class KnownEngine:
    """Gives every text its own log probability, and the last request first."""

    log_probs: Mapping[str, float]
    asked: list[ScoreRequest] = field(default_factory=list)

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
        for index in reversed(range(len(requests))):
            self.asked.append(requests[index])
            texts = requests[index].continuations
            yield Scores(index, tuple(self.log_probs[text] for text in texts), (1,) * len(texts))


def logs(**probabilities: float) -> dict[str, float]:
    return {text: math.log(p) if p else -math.inf for text, p in probabilities.items()}


def judge_with(prompt: JudgePrompt = PROMPT, **probabilities: float) -> LanguageJudge:
    return LanguageJudge(KnownEngine(logs(**probabilities)), prompt, "digest")


def verdict(judge: LanguageJudge) -> Verdict:
    [(index, found)] = judge.judge(CASES[:1])
    assert index == 0
    return found


def test_the_probability_is_the_share_of_yes() -> None:
    found = verdict(judge_with(yes=0.3, no=0.1))
    assert found.probability == pytest.approx(0.75)
    assert found.correct


def test_spellings_are_added_up() -> None:
    prompt = replace(PROMPT, yes=("yes", "Yes"), no=("no", "No"))
    judge = judge_with(prompt, yes=0.2, Yes=0.1, no=0.1, No=0.2)
    assert verdict(judge).probability == pytest.approx(0.5)
    [(_, odds)] = judge_with(prompt, yes=0.2, Yes=0.4, no=0.1, No=0.1).log_odds(CASES[:1])
    assert odds == pytest.approx(math.log(3))


@pytest.mark.parametrize(("threshold", "correct"), [(0.74, True), (0.76, False), (0, True)])
def test_the_threshold_decides(threshold: float, correct: bool) -> None:
    judge = LanguageJudge(KnownEngine(logs(yes=0.3, no=0.1)), PROMPT, "digest", threshold)
    assert verdict(judge).correct is correct


def test_an_even_chance_is_called_correct_at_one_half() -> None:
    assert verdict(judge_with(yes=0.2, no=0.2)) == Verdict(True, 0.5)


@pytest.mark.parametrize(("yes", "no", "probability"), [(0.1, 0.0, 1.0), (0.0, 0.1, 0.0)])
def test_a_reply_that_cannot_be(yes: float, no: float, probability: float) -> None:
    assert verdict(judge_with(yes=yes, no=no)).probability == probability


def test_neither_reply_is_an_error() -> None:
    with pytest.raises(CalibrantError, match="case 0: the model gives none of yes, no"):
        verdict(judge_with(yes=0.0, no=0.0))


@given(st.floats(-1e5, 0), st.floats(-1e5, 0))
def test_any_log_probabilities_give_a_probability_on_the_right_side(yes: float, no: float) -> None:
    engine = KnownEngine({"yes": yes, "no": no})
    [(_, found)] = LanguageJudge(engine, PROMPT, "digest").judge(CASES[:1])
    assert 0 <= found.probability <= 1
    assert found.correct == (found.probability >= 0.5)
    if abs(yes - no) > 1e-9:
        assert found.correct == (yes > no)


def test_every_case_is_asked_once_and_named_by_its_place() -> None:
    engine = KnownEngine(logs(yes=0.3, no=0.1))
    assert [index for index, _ in LanguageJudge(engine, PROMPT, "d").judge(CASES)] == [2, 1, 0]
    assert [request.messages for request in reversed(engine.asked)] == [
        PROMPT.messages(case) for case in CASES
    ]


def test_verdicts_come_one_by_one() -> None:
    engine = KnownEngine(logs(yes=0.3, no=0.1))
    stream = LanguageJudge(engine, PROMPT, "d").judge(CASES)
    next(stream)
    assert len(engine.asked) == 1


def test_the_identity_changes_with_all_that_changes_verdicts() -> None:
    engine = KnownEngine({})
    same = [LanguageJudge(engine, PROMPT, "a", 0.5).identity for _ in range(2)]
    others = [
        LanguageJudge(engine, PROMPT, "b", 0.5).identity,
        LanguageJudge(engine, PROMPT, "a", 0.6).identity,
        LanguageJudge(engine, replace(PROMPT, system="Say no or yes."), "a", 0.5).identity,
    ]
    assert len(set(same)) == 1
    assert len({*same, *others}) == 4


@pytest.mark.parametrize(
    ("digest", "threshold"), [("a", 1.1), ("a", -0.1), ("a", math.nan), ("", 0.5)]
)
def test_a_judge_that_cannot_be(digest: str, threshold: float) -> None:
    with pytest.raises(CalibrantError, match="of a judge"):
        LanguageJudge(KnownEngine({}), PROMPT, digest, threshold)


def test_a_real_model_is_read_at_the_end_of_the_chat(tiny_model: Path) -> None:
    """The model's bytes are its tokens, so the first replies here are one token each."""
    prompt = replace(PROMPT, yes=("y",), no=("n",))
    engine = TransformersEngine(tiny_model, Generation(batch_size=2))
    found = dict(LanguageJudge(engine, prompt, "digest").judge(CASES))
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    tokenizer = engine._tokenizer
    for index, case in enumerate(CASES):
        ids = tokenizer.apply_chat_template(
            list(prompt.messages(case)), add_generation_prompt=True, return_tensors="pt",
            return_dict=True,
        )["input_ids"]  # fmt: skip
        with torch.no_grad():
            shares = torch.softmax(model(ids).logits[0, -1].double(), dim=0)
        yes, no = (float(shares[tokenizer(text)["input_ids"][0]]) for text in ("y", "n"))
        assert found[index].probability == pytest.approx(yes / (yes + no), abs=1e-4)


def test_a_real_model_judges_the_same_whatever_stands_beside(tiny_model: Path) -> None:
    judge = LanguageJudge(
        TransformersEngine(tiny_model, Generation(batch_size=8)), PROMPT, "digest"
    )
    together = dict(judge.log_odds(CASES))
    for index, case in enumerate(CASES):
        [(_, alone)] = judge.log_odds([case])
        assert alone == pytest.approx(together[index], abs=1e-4)
