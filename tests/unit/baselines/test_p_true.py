"""P(True) against forward passes by hand, and what the model is shown."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.baselines.answered import located, prompt_of, token_log_probs

from calibrant.baselines.p_true import P_TRUE_VERSION, p_true
from calibrant.baselines.text_engine import TextEngine
from calibrant.engines.interface import Scores
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError
from calibrant.model_settings import MadeModel
from calibrant.training.made_model import make_model

pytestmark = pytest.mark.usefixtures("one_thread")

TEXTS = [
    (prompt_of("Two and two?"), "<answer>4</answer><confidence>90</confidence>"),
    (prompt_of("Two and three?"), "<think>It is five.</think><answer> five </answer>"),
    (prompt_of("Who swept the roof?"), "<answer>Ada"),
]
SHOWN = [
    "<|user|>Two and two?<|end|><|assistant|><answer>4</answer>",
    "<|user|>Two and three?<|end|><|assistant|><think>It is five.</think><answer> five</answer>",
    "<|user|>Who swept the roof?<|end|><|assistant|><answer>Ada</answer>",
]
ASKED = "<|end|><|user|>Is this answer right? Reply yes or no.<|end|><|assistant|>"


class Asked:
    """An engine that gives every reply a known log probability, and notes what it is shown."""

    def __init__(self, logs: Sequence[float], turn: str = ASKED) -> None:
        self.logs = tuple(logs)
        self.turn = turn
        self.shown: list[str] = []

    def encode(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]

    def next_turn(self, content: str) -> str:
        assert content in self.turn
        return self.turn

    def score_tokens(
        self, prompts: Sequence[list[int]], continuations: Sequence[Sequence[list[int]]]
    ) -> Iterator[Scores]:
        self.shown = ["".join(map(chr, ids)) for ids in prompts]
        for index in reversed(range(len(prompts))):
            replies = ["".join(map(chr, ids)) for ids in continuations[index]]
            assert replies == ["yes", "Yes", "no", "No"]
            yield Scores(index, self.logs, (3, 3, 2, 2))


def test_it_is_yes_against_no_by_forward_passes_by_hand(sharp_model, reference):
    engine = TextEngine(sharp_model, Generation(batch_size=2))
    found = p_true(engine, located(TEXTS))
    for shown, value in zip(SHOWN, found, strict=True):
        before = engine.encode(shown + ASKED)
        yes, no = (
            sum(
                math.exp(sum(token_log_probs(reference, before, engine.encode(reply))))
                for reply in replies
            )
            for replies in (("yes", "Yes"), ("no", "No"))
        )
        assert value == pytest.approx(yes / (yes + no), rel=1e-3)


def test_what_is_shown_ends_with_the_answer_and_the_question():
    engine = Asked([-1.0] * 4)
    p_true(engine, located(TEXTS))
    assert engine.shown == [shown + ASKED for shown in SHOWN]


def test_the_stated_confidence_is_not_shown():
    prompt = TEXTS[0][0]
    engine = Asked([-1.0] * 4)
    texts = [f"<answer>4</answer><confidence>{stated}</confidence>" for stated in (0, 100)]
    p_true(engine, located([(prompt, text) for text in texts]))
    assert engine.shown[0] == engine.shown[1]


@pytest.mark.parametrize(
    ("yes", "no", "expected"),
    [
        ((0.2, 0.1), (0.1, 0.0), 0.75),
        ((0.0, 0.0), (0.3, 0.1), 0.0),
        ((0.3, 0.0), (0.0, 0.0), 1.0),
        ((1e-300, 1e-300), (1e-300, 1e-300), 0.5),
    ],
)
def test_spellings_are_summed(yes, no, expected):
    logs = [math.log(p) if p else -math.inf for p in (*yes, *no)]
    assert p_true(Asked(logs), located(TEXTS[:1])) == [pytest.approx(expected)]


@given(st.lists(st.floats(min_value=-1e4, max_value=0), min_size=4, max_size=4))
def test_it_is_a_probability_and_that_of_no_is_the_rest(logs):
    [yes] = p_true(Asked(logs), located(TEXTS[:1]))
    [no] = p_true(Asked(logs[2:] + logs[:2]), located(TEXTS[:1]))
    assert 0 <= yes <= 1
    assert yes + no == pytest.approx(1)


def test_a_model_that_would_reply_neither_is_an_error():
    with pytest.raises(CalibrantError, match="none of yes, Yes, no, No any probability"):
        p_true(Asked([-math.inf] * 4), located(TEXTS[:1]))


def test_the_question_is_put_in_the_template_of_a_made_model(tmp_path: Path):
    make_model(MadeModel(kind="made", layers=1, width=16, heads=2, feed_forward=24), tmp_path, 3)
    engine = TextEngine(tmp_path, Generation())
    assert engine.next_turn("Is it?") == "<|end|>Is it?\n"
    prompt = "Will tomorrow be wet?\nAnswer yes or no.\n"
    [value] = p_true(engine, located([(prompt, "<answer>yes</answer>")]))
    assert 0 < value < 1


@pytest.mark.parametrize(
    "template",
    [
        "{{ messages[-1].content }}",
        "{% for m in messages %}{{ m.content | upper }}{% endfor %}",
        "{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}",
    ],
)
def test_a_template_that_hides_or_changes_the_reply_is_refused(sharp_model, template):
    engine = TextEngine(sharp_model, Generation())
    engine._tokenizer.chat_template = template
    with pytest.raises(CalibrantError, match="does not show an earlier reply"):
        engine.next_turn("Is it?")


def test_the_version_names_the_prompt():
    assert P_TRUE_VERSION.startswith("p-true-")
    assert len(P_TRUE_VERSION) == len("p-true-") + 8
