"""Where an answer stands, and its tokens' probabilities against one plain forward pass."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.unit.baselines.answered import SCALE, graded, located, prompt_of, token_log_probs

from calibrant.baselines.answer_probability import answer_probabilities
from calibrant.baselines.answer_span import answer_span
from calibrant.baselines.located_answers import GradedTexts, locate_answers
from calibrant.baselines.scored_settings import ScoredMethod
from calibrant.baselines.text_engine import TextEngine
from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.scales import SCALES
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError

pytestmark = pytest.mark.usefixtures("one_thread")

TEXTS = [
    (prompt_of("Two and two?"), "<answer>4</answer><confidence>90</confidence>"),
    (prompt_of("Two and three?"), "<think>It is five.</think><answer> five </answer>"),
    (prompt_of("Which river, if any, drives the mill?"), "<answer>the Tarnel</answer>"),
    (prompt_of("Who?"), "<answer>Ada, née Torvik</answer><confidence>5</confidence>"),
]
ANSWERS = ["4", "five", "the Tarnel", "Ada, née Torvik"]
# float32, other order of sums; relative, since the model gives any byte about one part in 500.
CLOSE = 1e-3


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<answer>4</answer><confidence>9</confidence>", "4"),
        ("< Answer >\n 4 km\n</ answer >", "4 km"),
        ("so <answer>4", "4"),
        ("<think><answer>5</answer></think><answer>4</answer>", "4"),
        ("<answer>4</answer><analysis>Is <answer>4</answer> right?</analysis>", "4"),
        ("<answer>4</answer> again <answer>4</answer>", "4"),
        ("<answer></answer><answer>4</answer>", "4"),
        ("5</think><answer>4</answer>", "4"),
        ("<answer>4</answer><answer>unfinished", "4"),
        ("<answer>4<think>or 5?</think>2</answer>", "4<think>or 5?</think>2"),
    ],
)
def test_the_answer_is_found_where_the_parser_reads_it(text, read):
    span = answer_span(text, SCALE)
    assert span is not None
    assert text[slice(*span)] == read


def test_an_answer_in_the_analysis_is_not_the_one_that_counts():
    text = "<answer>4</answer><analysis>Is <answer>4</answer> right?</analysis>"
    assert answer_span(text, SCALE) == (8, 9)


def test_of_equal_answers_the_last_counts():
    text = "<answer>4</answer><answer>4</answer>"
    assert answer_span(text, SCALE) == (len(text) - 10, len(text) - 9)


def test_where_the_last_answer_wins_the_last_is_found():
    text = "<answer>4</answer><answer>5</answer>"
    span = answer_span(text, SCALES["rlcr"])
    assert span is not None
    assert text[slice(*span)] == "5"
    assert answer_span(text, SCALE) is None


@pytest.mark.parametrize(
    "text", ["", "4", "<think><answer>4</answer></think>", "<answer> </answer>"]
)
def test_without_an_answer_there_is_no_place(text):
    assert answer_span(text, SCALE) is None


def test_an_answer_that_the_token_limit_cut_has_no_place():
    assert answer_span("<answer>4", SCALE, "length") is None


PIECES = st.sampled_from(
    [
        f"<{close}{tag}>"
        for tag in ("think", "analysis", "answer", "confidence")
        for close in ("", "/")
    ]
    + ["4", "5", " ", "x\n"]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from(["percent", "rlcr"]))
def test_a_place_holds_what_the_parser_reads(text, scale):
    read = parse_completion(text, SCALES[scale]).answer
    span = answer_span(text, SCALES[scale])
    if span is None:
        # Only an answer with reasoning inside is read and not found.
        inside = text[text.find("<answer>") :]
        assert read is None or "<think>" in inside or "<analysis>" in inside
    elif "<" not in text[slice(*span)]:
        assert read is not None
        assert text[slice(*span)].split() == read.split()


def test_the_mean_probability_is_that_of_a_forward_pass_by_hand(sharp_model, reference):
    engine = TextEngine(sharp_model, Generation(batch_size=3))
    found = answer_probabilities(engine, located(TEXTS))
    for (prompt, text), answer, value in zip(TEXTS, ANSWERS, found, strict=True):
        # Tokens of this model are bytes, but for the names of the roles in the prompt.
        before = engine.encode(prompt) + engine.encode(text[: text.rindex(answer)])
        tokens = engine.encode(answer)
        assert len(tokens) == len(answer.encode())
        by_hand = token_log_probs(reference, before, tokens)
        assert value == pytest.approx(math.exp(sum(by_hand) / len(tokens)), rel=CLOSE)
    assert max(found) / min(found) > 1 + 100 * CLOSE


def test_an_answer_of_one_token_has_that_token_s_probability(sharp_model, reference):
    engine = TextEngine(sharp_model, Generation())
    [value] = answer_probabilities(engine, located(TEXTS[:1]))
    before = engine.encode(TEXTS[0][0]) + engine.encode("<answer>")
    assert value == pytest.approx(
        math.exp(token_log_probs(reference, before, engine.encode("4"))[0]), rel=CLOSE
    )


def test_what_follows_the_answer_changes_nothing(sharp_model):
    engine = TextEngine(sharp_model, Generation())
    prompt = TEXTS[0][0]
    texts = [f"<answer>4</answer><confidence>{stated}</confidence>" for stated in (0, 100)]
    low, high = answer_probabilities(engine, located([(prompt, text) for text in texts]))
    assert low == pytest.approx(high, abs=1e-6)


def test_the_batch_and_the_order_change_nothing(sharp_model):
    alone = TextEngine(sharp_model, Generation(batch_size=1))
    together = TextEngine(sharp_model, Generation(batch_size=8))
    one_by_one = [answer_probabilities(alone, located([text]))[0] for text in TEXTS]
    assert answer_probabilities(together, located(TEXTS)) == pytest.approx(one_by_one, rel=CLOSE)
    backwards = answer_probabilities(together, located(TEXTS[::-1]))
    assert backwards[::-1] == pytest.approx(one_by_one, rel=CLOSE)


def test_no_answers_give_no_probabilities(sharp_model):
    assert answer_probabilities(TextEngine(sharp_model, Generation()), []) == []


def test_a_token_over_the_edge_belongs_to_the_part(sharp_model):
    engine = TextEngine(sharp_model, Generation())
    # Two bytes are one letter: both tokens stand for it.
    before, part = engine.encode_span("aéb", 1, 2)
    assert before == engine.encode("a")
    assert part == engine.encode("é")
    assert len(part) == 2


def test_a_text_longer_than_the_context_is_an_error(sharp_model):
    texts = [(prompt_of("word " * 500), "<answer>4</answer>")]
    with pytest.raises(CalibrantError, match="the model reads 2048"):
        answer_probabilities(TextEngine(sharp_model, Generation()), located(texts))


def test_rows_without_their_text_are_refused():
    rows = graded(TEXTS)
    with pytest.raises(CalibrantError, match="do not hold the text"):
        locate_answers(GradedTexts(rows.predictions, rows.completions[1:]), SCALE)
    other = graded([(prompt, text + " ") for prompt, text in TEXTS])
    with pytest.raises(CalibrantError, match="do not hold the text"):
        locate_answers(GradedTexts(rows.predictions, other.completions), SCALE)


def test_recorded_transcripts_without_a_prompt_are_refused():
    with pytest.raises(CalibrantError, match="the prompt was not recorded"):
        locate_answers(graded([("", TEXTS[0][1])]), SCALE)


@pytest.mark.parametrize(
    ("score", "datasets", "message"),
    [
        ("probe", [], "a probe is fitted"),
        ("p_true", ["lab"], "p_true is not fitted"),
        ("answer_probability", ["lab"], "answer_probability is not fitted"),
        ("probe", ["lab", "lab"], "twice"),
    ],
)
def test_only_a_probe_names_datasets_and_each_once(score, datasets, message):
    with pytest.raises(ValidationError, match=message):
        ScoredMethod(kind="scored", of="base", score=score, datasets=datasets)


def test_settings_that_fit_are_taken():
    assert ScoredMethod(kind="scored", of="base", score="p_true").datasets == []
    probe = ScoredMethod(kind="scored", of="base", score="probe", datasets=["lab", "sums"])
    assert probe.datasets == ["lab", "sums"]
