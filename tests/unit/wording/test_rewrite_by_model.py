"""Rewriting by a model: its text is used only if it passes every check, and the result says so."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from calibrant.engines.interface import Reply, Request
from calibrant.engines.settings import Generation
from calibrant.engines.transformers_engine import TransformersEngine
from calibrant.errors import CalibrantError
from calibrant.wording.rewrite import Statement, recovered, rewrite
from calibrant.wording.rewrite_by_model import STATUSES, count_statuses, rewrite_by_model

ANSWER = [
    Statement("The dose is 3.5 mg.", 0.95),
    Statement("It does not help children.", 0.3),
]
GOOD = "It is very likely that a dose is 3.5 mg. It is somewhat unlikely that it does not help children."


@dataclass
class WritingEngine:
    """Answers the last request first, with what a function makes of it."""

    write: Callable[[Request], str]
    finish_reason: str = "stop"
    asked: list[Request] = field(default_factory=list)

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        self.asked.extend(requests)
        for index in reversed(range(len(requests))):
            yield Reply(index, "", self.write(requests[index]), self.finish_reason, 9)


@pytest.mark.parametrize(
    ("text", "finish_reason", "status"),
    [
        (GOOD, "stop", "model"),
        (f"\n{GOOD} ", "stop", "model"),
        (GOOD, "length", "cut"),
        ("  ", "stop", "empty"),
        (GOOD.replace("very likely", "likely"), "stop", "confidences"),
        (GOOD.split(". It is", maxsplit=1)[0], "stop", "confidences"),
        (f"Sure! {GOOD}", "stop", "claims"),
        (GOOD.replace("not ", ""), "stop", "claims"),
        (GOOD.replace("3.5", "35"), "stop", "numbers"),
        (GOOD.replace("3.5 ", ""), "stop", "numbers"),
        (f"{GOOD} It costs 5 $.", "stop", "numbers"),
        (f"{GOOD} I hope this helps.", "stop", "claims"),
    ],
)
def test_every_check(text, finish_reason, status) -> None:
    [result] = rewrite_by_model([ANSWER], WritingEngine(lambda _: text, finish_reason))
    assert result.status == status
    if status == "model":
        assert result.text == text.strip() and result.refused is None
    else:
        assert result.text == rewrite(ANSWER) and result.refused == text.strip()
    assert recovered(result.text) == [0.95, 0.32]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("It is likely that Berlin lies on the Spree.", "model"),
        ("It is likely that Bonn lies on the Spree.", "names"),
        ("It is likely that the capital lies on the Spree.", "names"),
        ("It is likely that Berlin lies near the Spree.", "claims"),
        ("It is likely that Berlin lies on the Spree. Sure!", "claims"),
    ],
)
def test_a_name_that_is_lost_is_told_from_another_claim(text, status) -> None:
    answer = [Statement("Berlin lies on the Spree.", 0.9)]
    words = recovered(text)
    assert words == recovered(rewrite(answer))
    [result] = rewrite_by_model([answer], WritingEngine(lambda _: text))
    assert result.status == status


def test_one_hedge_must_cover_all_sentences_that_share_a_confidence() -> None:
    answer = [Statement("It rains. It will snow.", 0.9)]
    bare = "It is likely that it rains. It will snow."
    covered = "It is likely that the following is right: It rains. It will snow."
    engine = WritingEngine(lambda _: covered)
    assert rewrite_by_model([answer], engine)[0].status == "model"
    assert "the following is right:" in engine.asked[0].messages[1]["content"]
    [result] = rewrite_by_model([answer], WritingEngine(lambda _: bare))
    assert result.status == "confidences" and result.text == rewrite(answer)


def test_answers_come_back_in_order_and_are_counted() -> None:
    answers = [[Statement(f"It rains for {n} days.", n / 10)] for n in range(5)]
    good = {rewrite(answer, "legal") for answer in answers}

    def write(request: Request) -> str:
        # The user's message names the words and the sentence, and the model does as it is told.
        text = next(
            text for text in good if text.split(" for ")[1] in request.messages[1]["content"]
        )
        return "" if "for 3 " in text else text

    engine = WritingEngine(write)
    results = rewrite_by_model(answers, engine, "legal")
    assert [result.text for result in results] == [rewrite(answer, "legal") for answer in answers]
    assert count_statuses(results) == {**dict.fromkeys(STATUSES, 0), "model": 4, "empty": 1}
    assert len({request.seed for request in engine.asked}) == 5


def test_no_number_for_the_confidence_is_shown_to_the_model() -> None:
    engine = WritingEngine(lambda _: "")
    rewrite_by_model([[Statement("It rains.", 0.77)]], engine)
    shown = " ".join(message["content"] for message in engine.asked[0].messages)
    assert "77" not in shown and "It is rather likely that" in shown


def test_an_answer_without_statements_is_refused() -> None:
    with pytest.raises(CalibrantError, match="nothing to rewrite"):
        rewrite_by_model([[]], WritingEngine(lambda _: ""))


def test_a_request_left_unanswered_is_an_error() -> None:
    class Silent:
        def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
            return iter(())

    with pytest.raises(CalibrantError, match="0 of 1"):
        rewrite_by_model([ANSWER], Silent())


def test_a_real_model_that_writes_noise_is_replaced_by_the_rules(tiny_model: Path) -> None:
    engine = TransformersEngine(tiny_model, Generation(max_new_tokens=8))
    results = rewrite_by_model([ANSWER, ANSWER[:1]], engine)
    assert [result.text for result in results] == [rewrite(ANSWER), rewrite(ANSWER[:1])]
    assert all(result.status != "model" and result.refused is not None for result in results)
