"""What a judge sees: never a confidence, never reasoning, and otherwise the answer as it is."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.prompts import ALL_FORMATS
from calibrant.elicitation.scales import SCALES
from calibrant.judging.answer_view import answer_view, clean_answer

# Neither may ever be seen: a number that stands for a confidence, a word that stands for reasoning.
NUMBER = "0.8317"
WORD = "CANARY"
PERCENT = SCALES["percent"]

COMPLETIONS = [
    f"<answer>Rome</answer><confidence>{NUMBER}</confidence>",
    f"<think>{WORD}</think><answer>Rome</answer><confidence>{NUMBER}</confidence>",
    f"<think>{WORD}</think><answer>Rome</answer><analysis>{WORD}</analysis><confidence>8",
    f"{WORD}</think><answer>Rome</answer>",
    f"<think>{WORD} <answer>Rome</answer>",
    f"<think><think>{WORD}</think>{WORD}</think><answer>Rome</answer>",
    f"<THINK>{WORD}</Think><Answer>Rome</ANSWER>",
    f"< think >{WORD}</ think ><answer>Rome</ answer >",
    f"<think\n>{WORD}</think\n><answer\n>Rome</answer\n>",
    f'<think kind="{WORD}">{WORD}</think><answer lang="la">Rome</answer>',
    f"&lt;think&gt;{WORD}&lt;/think&gt;<answer>Rome</answer>",
    f"&lt;think&gt;{WORD}&lt;/think&gt;&lt;answer&gt;Rome&lt;/answer&gt;",
    f"&amp;lt;think&amp;gt;{WORD}&amp;lt;/think&amp;gt;<answer>Rome</answer>",
    f"&#60;analysis&#62;{WORD}&#x3C;/analysis&#x3E;<answer>Rome</answer>",
    f"\uff1cthink\uff1e{WORD}\uff1c\uff0fthink\uff1e\uff1canswer\uff1eRome\uff1c/answer\uff1e",
    f"<th\u200bink>{WORD}</think><answer>Rome</answer>",
    f"<answer>Rome<confidence>{NUMBER}</confidence></answer>",
    f"<answer>Rome<confidence>{NUMBER}</answer>",
    f"<answer>Rome <think>{WORD}</think></answer>",
    f"<answer>Rome <think>{WORD}</answer><confidence>{NUMBER}</confidence>",
    f"<answer>Rome <analysis>{WORD}</answer>",
    f"<answer>Rome &lt;confidence&gt;{NUMBER}&lt;/confidence&gt;</answer>",
    f"<answer>Rome &lt;confidence&gt;{NUMBER}</answer>",
    f'<answer>Rome <confidence value="{NUMBER}"/></answer>',
    f"<answer>Rome <confidence={NUMBER}></answer>",
    f"<answer>Rome\nConfidence: {NUMBER}</answer>",
    f"<answer>Rome (confidence {NUMBER})</answer><confidence>{NUMBER}</confidence>",
    f"<answer>Rome\nConfidence: {NUMBER}",
    f"<answer>Rome</answer> I am {NUMBER} sure. {WORD}",
    f"<answer>Rome</answer><answer>Rome</answer><confidence>{NUMBER}</confidence>",
    f"<|im_start|>assistant\n<think>{WORD}</think><answer>Rome<|im_end|></answer>",
    f"<reasoning>{WORD}</reasoning><answer>Rome</answer>",
    f"<answer>Rome <reasoning>{WORD}</reasoning></answer>",
    f"<answer><b>Rome</b><!-- {WORD} --></answer>",
]

ANSWERS = [
    f"Rome <confidence>{NUMBER}</confidence>",
    f"Rome <confidence>{NUMBER}",
    f"Rome <CONFIDENCE >{NUMBER}</ CONFIDENCE>",
    f"Rome <confidence {NUMBER}",
    f"Rome <confidence_score>{NUMBER}</confidence_score>",
    f"Rome {NUMBER}</confidence>",
    f"<confidence><confidence>1</confidence>{NUMBER}</confidence>Rome",
    f"<think>{WORD}</think>Rome",
    f"{WORD}</think>Rome",
    f"Rome <think>{WORD}",
    f"Rome<analysis>{WORD} <confidence> {WORD}</analysis>",
    f"\uff1cconfidence\uff1e{NUMBER}\uff1c/confidence\uff1eRome",
    f"Rome. Confidence: {NUMBER}",
    f"Rome. Confidence: {NUMBER}%.",
    f"Rome. confidence = {NUMBER}",
    f"Rome\nConfidence - {NUMBER}",
    f"**Confidence:** {NUMBER}\nRome",
    f"Rome\n| Confidence | {NUMBER} |",
    f"Rome\n\n*Confidence*: {NUMBER}",
    f"Confidence level: {NUMBER}\nRome",
    f"Confidence (0-1): {NUMBER}\nRome",
    f"Confidence score is {NUMBER}; Rome",
    f"\uff23onfidence\uff1a {NUMBER}\nRome",
    f"con\u200bfi\u00addence: {NUMBER}\nRome",
    f"<b>Con</b>fidence: {NUMBER}\nRome",
    f"Rome (confidence {NUMBER})",
    f"Rome [confidence: {NUMBER}]",
    f"Rome, confidence {NUMBER}",
    f"Rome confidence: {NUMBER}",
    f"Rome with confidence {NUMBER}",
    f"Rome, with {NUMBER} confidence.",
    f"Rome. I am {NUMBER} sure",
    f"I'm {NUMBER}% sure. Rome",
    f"I\u2019m about {NUMBER} % certain that's right: Rome",
    f"Rome. We are {NUMBER} percent confident in this answer.",
    f"Rome ({NUMBER}% sure)",
    f"Rome - {NUMBER} confident",
    f"Rome, and I am {NUMBER}% sure about it.",
    f"My confidence is {NUMBER}. Rome",
    f"My confidence in this answer is {NUMBER} because {WORD}. Rome",
    f"The confidence is {NUMBER}. Rome",
    f"I'd rate my confidence at {NUMBER}/1. Rome",
    f"Certainty: {NUMBER}\nRome",
    f"Rome, with a high confidence level of {NUMBER}.",
    f"Rome, as it has the highest confidence level ({NUMBER}).",
    f"Rome. The confidence level is set at {NUMBER}.",
    f"P(correct) = {NUMBER}\nRome",
    f"The probability that my answer is correct is {NUMBER}. Rome",
    f"There is a {NUMBER} chance that I am right. Rome",
    "Rome. Confidence: high",
    "Rome. Confidence: ninety-five percent",
    "Rome. I am ninety percent sure.",
    "Rome. I am not very confident about my answer.",
]
SHAPE = re.compile(r"\W*Rome\W*")


@pytest.mark.parametrize("scale", [None, *SCALES.values()], ids=["no-scale", *SCALES])
@pytest.mark.parametrize("text", COMPLETIONS)
def test_a_completion_shows_its_answer_and_nothing_else(text: str, scale) -> None:
    assert answer_view(text, scale) == "Rome"


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_in_free_words_loses_its_confidence_and_its_reasoning(text: str) -> None:
    assert SHAPE.fullmatch(clean_answer(text))


@pytest.mark.parametrize("text", ANSWERS)
def test_inside_the_tag_as_well(text: str) -> None:
    view = answer_view(f"<answer>{text}</answer><confidence>{NUMBER}</confidence>", PERCENT)
    assert view is None or SHAPE.fullmatch(view)
    assert view is not None or "</think>" in text or text.startswith(("<confidence", "\uff1c"))


@pytest.mark.parametrize("tags", ALL_FORMATS.values(), ids="-".join)
@pytest.mark.parametrize("scale", SCALES.values(), ids=lambda scale: scale.name)
def test_every_format_of_the_project(tags, scale) -> None:
    contents = {"think": WORD, "answer": "85%", "analysis": WORD, "confidence": scale.write(0.83)}
    text = "".join(f"<{tag}>{contents[tag]}</{tag}>" for tag in tags)
    assert answer_view(text, scale) == "85%"
    assert answer_view(text, None) == "85%"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Rome",
        "<confidence>85</confidence>",
        "<answer></answer>",
        "<answer>Rome</answer><answer>Oslo</answer>",
        "<think><answer>Rome</answer>",
        "<answer>Confidence: 85%</answer>",
        "<answer><b></b></answer>",
    ],
)
def test_where_there_is_no_answer_there_is_no_view(text: str) -> None:
    finish = "length" if text.startswith("<think") else "stop"
    assert answer_view(text, PERCENT, finish) is None


def test_the_last_answer_counts_where_the_scale_says_so() -> None:
    text = "<answer>Rome</answer><answer>Oslo</answer>"
    assert answer_view(text, SCALES["rlcr"]) == "Oslo"


@pytest.mark.parametrize(
    "text",
    [
        "85%",
        "85",
        "0.85",
        "-5",
        "The bill fell 90%.",
        "the probability is 85%",
        "A 95% confidence interval is (1, 2).",
        "the 95 % confidence level",
        "Consumer confidence: 85",
        "Consumer confidence fell to 85% in May",
        "a vote of no confidence, 85 to 3",
        "45 to 55 (95% CI 40 to 60)",
        "He was 90% sure of it.",
        "Doctors are 90% certain that it helps.",
        "It is 90% certain to fail.",
        "There are 2 certain ways.",
        "I am not sure.",
        "I have no comment",
        "I would say 85%",
        "You should be confident and analyse it.",
        "a < b and c > d",
        "x <y, z> w",
        "3 &lt; 5",
        "AT&T <-> Bell",
        "[1, 2) \\cup (3, 4]",
        "$\\frac{1}{2}$",
        "caf\u00e9 \u65e5\u672c\u8a9e \U0001f600",
        "think, answer, confidence",
        "line one\n\n  line two",
        "half a pair \ud83d",
    ],
)
def test_a_harmless_answer_stays_as_it_is(text: str) -> None:
    assert clean_answer(text) == text
    assert answer_view(f"<answer>{text}</answer><confidence>85</confidence>", PERCENT) == text


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("I am 90% sure that it is Rome.", "it is Rome."),
        ("Rome (confidence 0.7), then Oslo.", "Rome, then Oslo."),
        ('{"answer": "Rome", "confidence": 0.85}', '{"answer": "Rome"}'),
        ("Prices fell 90%. Confidence: 85%", "Prices fell 90%."),
        ("H<sub>2</sub>O and x<sup>2</sup>", "H2O and x^2"),
        ("I'm not sure, but I think Rome.", "I think Rome."),
        ("one<br>two", "one\ntwo"),
        ("<|im_start|>assistant\nRome<|im_end|>", "Rome"),
        ("<|start_header_id|>system<|end_header_id|>Rome<|eot_id|>", "Rome"),
        ("[INST] <<SYS>>Rome<</SYS>> [/INST]", "Rome"),
        ("<\uff5cUser\uff5c>Rome</s>", "Rome"),
        ("\u202eRo\u200dme\ufeff\x00", "Rome"),
        ("<<b>answer>Rome</<b>answer>", "Rome"),
    ],
)
def test_what_remains_reads_well(text: str, view: str) -> None:
    assert clean_answer(text) == view


@given(st.text())
def test_whatever_a_model_writes_there_is_an_answer_or_none(text: str) -> None:
    clean = clean_answer(text)
    assert clean_answer(clean) == clean
    assert answer_view(text, None) is None or answer_view(text, None)


LETTERS = st.text(
    st.characters(
        categories=["L", "N", "P", "Sm", "Zs"],
        exclude_characters="<&\uff1c\ufe64\u2039\u3008\u27e8\u2329[",
    )
)


@given(
    LETTERS.filter(
        lambda text: (
            not re.search(
                "(?i)conf|cert|sure|posi|prob|chanc|like|odds|p\\s?\\(|\uff50|\uff30", text
            )
        )
    )
)
def test_a_text_without_tags_and_such_words_is_unchanged(text: str) -> None:
    invisible = re.search("[\u00ad\u034f\u061c\u115f\u1160\u180e\u3164\uffa0]", text)
    assert invisible or clean_answer(text) == text.strip()


@given(LETTERS.filter(str.strip))
def test_the_view_is_the_answer_that_is_graded(text: str) -> None:
    completion = f"<think>{WORD}</think><answer>{text}</answer><confidence>85</confidence>"
    graded = parse_completion(completion, PERCENT).answer
    assert answer_view(completion, PERCENT) == (clean_answer(graded or "") or None)


PARTS = st.sampled_from(
    [WORD, "<think>", "</think>", "<analysis x='1'>", "</analysis>", "<answer>", "</answer>", " ",
     "&lt;confidence&gt;", "</confidence>", "<b>", "</b>", "<", ">", "\uff1c", "\u200b", "Rome", "/",
     "<|im_end|>", "\n", "think", "&lt;", "[INST]"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(PARTS, max_size=12), st.lists(PARTS, max_size=12))
def test_no_tag_is_left_whatever_was_nested(before, after) -> None:
    text = "".join([*before, "<think>", *after])
    clean = clean_answer(text)
    assert not re.search(r"(?i)<\s*/?\s*(think|analysis|answer|confidence)\b", clean)
    assert "&lt;confidence" not in clean
    assert "\u200b" not in clean
    assert clean_answer(clean) == clean


@given(st.lists(st.sampled_from(["Rome", "<answer>", "</answer>", "\n", "<b>"]), max_size=6))
def test_reasoning_never_shows_from_a_closed_block(parts) -> None:
    text = f"<think>{WORD}{''.join(parts)}</think>" + "".join(parts)
    assert WORD not in clean_answer(text)
    assert WORD not in (answer_view(text, None) or "")


HOSTILE = [
    "<think>", "</think>", "<confidence", "<confidence>", "<answer><think>", "<answer", "&lt;",
    "&amp;", "&amp;lt;", "<", "<<b>", "<a b=c ", "<a ", "<!--", "<|a", "[INST", "1", "1.", "confidence ",
    "confidence: ", "Confidence: 8 ", "I am ", "about ", "1 of 1 to ", "my ", "at a ", "very ", " ",
    "\n", "\"", "(", "probability of ", "90% sure ", "\u200b", "I am not very ",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_time_grows_in_proportion_to_the_text(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        start = time.process_time()
        clean_answer(text)
        answer_view("<answer>" + text, None)
        return time.process_time() - start

    # Of texts 8 times as long, 8 times as much; 64 times as much if it were quadratic. A busy machine
    # can lengthen a single run, but not all of them.
    short, long = zip(*((seconds(8_000), seconds(64_000)) for _ in range(3)), strict=True)
    assert min(long) < 24 * min(short)
