"""Labels from a judge: asked only where graders cannot say, once, and corrected by domain."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibrant.errors import CalibrantError
from calibrant.grading.grade import grade
from calibrant.judging.case import Case, Verdict
from calibrant.judging.error_model import ErrorModel, Errors, Index, Share, Source
from calibrant.judging.settings import Limits
from calibrant.judging.store import VerdictStore
from calibrant.rewards.settings import Reward
from calibrant.rows import Question
from calibrant.training.judged_labels import JudgedLabels
from calibrant.training.labels import Answered, Labelled
from calibrant.training.scorer import Scorer

ASKED = "Who won the race of 1911?"
OPEN = Question("q/1", "q", "sport", "train", "open", ASKED, ("Ada Torvik",))
ELSEWHERE = replace(OPEN, question_id="q/2", domain="law")
CLOSED = Question("q/3", "q", "weather", "train", "yes_no", "Will tomorrow be wet?", ("yes",))
REPORT = replace(CLOSED, question_id="q/4", references=("The yard was wet all day.",))


class ByName:
    """Takes an answer for right if it holds a word of a reference; answers in reverse order."""

    identity = "by name"
    prompt_version = "1"

    def __init__(self) -> None:
        self.asked: list[Case] = []

    def judge(self, cases: Sequence[Case]) -> Iterator[tuple[int, Verdict]]:
        self.asked += cases
        for at in reversed(range(len(cases))):
            right = any(word in cases[at].answer for word in cases[at].references[0].split())
            yield at, Verdict(right, 0.9 if right else 0.1)


def answer(question: Question, text: str | None) -> Answered:
    return Answered(question, text, grade(text, question))


def labels(store: Path, errors: ErrorModel | None = None) -> tuple[JudgedLabels, ByName]:
    judge = ByName()
    return JudgedLabels(lambda: judge, store, errors), judge


def known(right: int, wrong: int, sensitivity: float, specificity: float) -> Errors:
    youden = sensitivity + specificity - 1
    return Errors(
        right=right,
        wrong=wrong,
        sensitivity=Share(value=sensitivity, low=0.5, high=1, worth=right),
        specificity=Share(value=specificity, low=0.5, high=1, worth=wrong),
        youden=Index(value=youden, low=youden - 0.1, high=min(1, youden + 0.1)),
    )


def error_model(**domains: Errors) -> ErrorModel:
    return ErrorModel(
        source=Source(judge="by name", prompt_version="1", dataset="people"),
        limits=Limits(least=30),
        level=0.95,
        domains={"*": known(100, 100, 0.9, 0.8), **domains},
    )


def equal(found: Labelled, **expected: list[float]) -> None:
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(found, name), values, err_msg=name)


def test_what_graders_decide_stays_and_no_judge_is_opened(tmp_path: Path) -> None:
    def nobody() -> ByName:
        raise AssertionError("a judge was opened")

    found = JudgedLabels(nobody, tmp_path, error_model())(
        [answer(CLOSED, "yes"), answer(CLOSED, "no"), answer(CLOSED, "perhaps"),
         answer(OPEN, None), answer(CLOSED, " ")]
    )  # fmt: skip
    equal(found, correct=[1, 0, *[np.nan] * 3], label=[1, 0, *[np.nan] * 3], judged=[False] * 5)
    assert not list(tmp_path.iterdir())


def test_only_answers_that_no_grader_can_compare_are_shown(tmp_path: Path) -> None:
    ask, judge = labels(tmp_path)
    found = ask(
        [
            answer(CLOSED, "no"),
            answer(OPEN, "Ada"),
            answer(REPORT, "The yard"),
            answer(OPEN, "Boris"),
            answer(REPORT, "yes"),
            answer(OPEN, None),
        ]
    )
    # "The yard" is neither yes nor no, which is the fault of the answer and no matter for a judge.
    assert judge.asked == [
        Case(ASKED, ("Ada Torvik",), "Ada"),
        Case(ASKED, ("Ada Torvik",), "Boris"),
        Case("Will tomorrow be wet?", ("The yard was wet all day.",), "yes"),
    ]
    nan = np.nan
    equal(
        found,
        correct=[0, 1, nan, 0, 0, nan],
        label=[0, 1, nan, 0, 0, nan],
        judged=[False, True, False, True, True, False],
    )


def test_each_case_is_asked_once_and_never_again(tmp_path: Path) -> None:
    ask, judge = labels(tmp_path)
    twice = [answer(OPEN, "Ada"), answer(OPEN, "Boris"), answer(ELSEWHERE, "Ada")]
    first = ask(twice)
    assert [case.answer for case in judge.asked] == ["Ada", "Boris"]
    second = ask([*twice, answer(OPEN, "Carmen")])
    assert [case.answer for case in judge.asked] == ["Ada", "Boris", "Carmen"]
    equal(second, correct=[*first.correct, 0])
    again, other = labels(tmp_path)
    equal(again([*twice, answer(OPEN, "Carmen")]), correct=[1, 0, 1, 0])
    assert other.asked == []


def test_labels_are_corrected_with_the_errors_of_their_domain(tmp_path: Path) -> None:
    errors = error_model(sport=known(40, 40, 0.8, 0.7), law=known(40, 5, 0.6, 0.6))
    ask, _ = labels(tmp_path, errors)
    found = ask(
        [answer(OPEN, "Ada"), answer(OPEN, "Boris"), answer(ELSEWHERE, "Ada"), answer(CLOSED, "no")]
    )
    # sport (1 - 0.3) / 0.5 and (0 - 0.3) / 0.5; law knows too little: (1 - 0.2) / 0.7 of all domains.
    equal(found, correct=[1, 0, 1, 0], label=[1.4, -0.6, 0.8 / 0.7, 0])
    assert found.judged.tolist() == [True, True, True, False]


def test_with_too_few_verdicts_of_people_nothing_is_corrected(tmp_path: Path) -> None:
    few = error_model(**{"*": known(100, 29, 0.9, 0.8)})
    ask, _ = labels(tmp_path, few)
    with pytest.raises(CalibrantError, match=r"100 answers right and 29 wrong; 30 of each"):
        ask([answer(OPEN, "Ada")])
    # Where no judge is asked its errors need not be known.
    equal(ask([answer(CLOSED, "yes")]), label=[1])


@pytest.mark.parametrize("stated", ["0.97", "I am 97% sure.", "<confidence>97</confidence>"])
def test_an_answer_that_is_only_a_confidence_has_no_label(tmp_path: Path, stated: str) -> None:
    said = {"0.97": "Confidence: 0.97"}.get(stated, stated)
    ask, judge = labels(tmp_path)
    found = ask([answer(OPEN, said), answer(OPEN, "Ada")])
    assert [case.answer for case in judge.asked] == ["Ada"]
    equal(found, correct=[np.nan, 1], label=[np.nan, 1], judged=[False, True])


COMPLETIONS = {
    "plain": "<answer>Ada Torvik</answer><confidence>0.9731</confidence>",
    "thought": "<think>CANARY</think><answer>Ada Torvik</answer><confidence>0.9731</confidence>",
    "analysed": "<think>CANARY</think><answer>Ada Torvik</answer><analysis>CANARY 97.31 %</analysis>"
    "<confidence>0.9731</confidence>",
    "in the answer": "<answer>Ada Torvik. Confidence: 97.31%</answer><confidence>0.9731</confidence>",
    "tag in the answer": "<answer>Ada Torvik <confidence>97.31</confidence></answer>"
    "<confidence>0.9731</confidence>",
    "thought in the answer": "<answer><think>CANARY</think>Ada Torvik</answer>"
    "<confidence>0.9731</confidence>",
    "escaped": "<answer>&lt;think&gt;CANARY&lt;/think&gt;Ada Torvik</answer>"
    "<confidence>0.9731</confidence>",
    "no confidence": "CANARY <answer>Ada Torvik</answer> CANARY 0.9731",
}


@pytest.mark.parametrize("text", COMPLETIONS.values(), ids=COMPLETIONS)
def test_confidence_and_reasoning_never_reach_the_judge(tmp_path: Path, text: str) -> None:
    ask, judge = labels(tmp_path)
    scorer = Scorer([OPEN], Reward(), "unit", ask)
    scored = scorer.score([0], [text], [20], [False])
    assert scored.correct.tolist() == [1]
    assert scored.judged.tolist() == [True]
    [case] = judge.asked
    assert case == Case(ASKED, ("Ada Torvik",), case.answer)
    assert case.answer.rstrip(".") == "Ada Torvik"
    [record] = VerdictStore(tmp_path).all()
    assert (record.question, record.references) == (case.question, case.references)
    assert record.answer == case.answer


def test_the_corrected_label_enters_the_reward_and_the_verdict_the_figures(tmp_path: Path) -> None:
    ask, _ = labels(tmp_path, error_model(sport=known(40, 40, 0.8, 0.7)))
    texts = [
        f"<answer>{name}</answer><confidence>0.6</confidence>" for name in ("Ada", "Boris", "")
    ]
    scored = Scorer([OPEN], Reward(), "unit", ask).score([0] * 3, texts, [9] * 3, [False] * 3)
    assert scored.correct.tolist()[:2] == [1, 0]
    assert scored.readable.tolist() == [True, True, False]
    # The reward of a label y is linear in it: y (1 - 0.4^2) + (1 - y) (-0.6^2); unread costs 1.
    expected = [1.4 * 0.84 + 0.4 * 0.36, -0.6 * 0.84 - 1.6 * 0.36, -1]
    np.testing.assert_allclose(scored.total, expected)
