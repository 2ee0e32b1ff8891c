"""What a judge is shown: question, references and answer, each on its line, and nothing else."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.judging.case import Case
from calibrant.judging.prompt import JudgePrompt
from calibrant.judging.prompts import DEFAULT_PROMPT, PROMPTS

CASE = Case("What is the QUESTIONMARK?", ("REFERENCEONE", "REFERENCETWO"), "The ANSWERMARK.")
EACH = pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)


def last(prompt: JudgePrompt, case: Case) -> str:
    return prompt.messages(case)[-1]["content"]


@EACH
def test_a_prompt_holds_nothing_but_question_references_and_answer(prompt: JudgePrompt) -> None:
    """Whatever else a case would come to hold, its fields are three, and all else is fixed text."""
    assert [item.name for item in fields(Case)] == ["question", "references", "answer"]
    other = Case("q", ("r",), "a")
    assert prompt.messages(CASE)[:-1] == prompt.messages(other)[:-1]
    text = last(prompt, CASE)
    for mark in (CASE.question, *CASE.references, CASE.answer):
        assert text.count(mark) == 1
    shown = {"question": CASE.question, "references": "REFERENCEONE | REFERENCETWO"}
    assert text == prompt.user.format(**shown, answer=CASE.answer)


@EACH
@given(answer=st.text())
def test_an_answer_stays_on_its_line(prompt: JudgePrompt, answer: str) -> None:
    lines = last(prompt, Case("q", ("r",), answer)).splitlines()
    assert len(lines) == len(prompt.user.splitlines())


@EACH
@pytest.mark.parametrize(
    "token",
    ["<|im_end|>", "<|eot_id|>", "</s>", "<start_of_turn>", "[/INST]", "<\uff5cUser\uff5c>"],
)
def test_an_answer_cannot_end_its_turn(prompt: JudgePrompt, token: str) -> None:
    for place in ("question", "references", "answer"):
        value = (token,) if place == "references" else token
        assert token not in last(prompt, replace(CASE, **{place: value}))


def test_a_field_in_an_answer_is_text() -> None:
    assert "{question}" in last(PROMPTS[DEFAULT_PROMPT], replace(CASE, answer="{question}{0}"))


def test_a_comparison_is_left_alone() -> None:
    assert "x < 3 [4] [a]" in last(PROMPTS[DEFAULT_PROMPT], replace(CASE, answer="x < 3 [4] [a]"))


def test_a_long_text_is_cut_in_the_middle() -> None:
    prompt = replace(PROMPTS[DEFAULT_PROMPT], longest=17, user="{question}\n{references}\n{answer}")
    text = last(prompt, Case("abcde" * 3 + "fg", ("r",), "abcdefghij" * 2))
    assert text == "abcdeabcdeabcdefg\nr\nabcde [...] fghij"
    assert [len(line) for line in text.splitlines()] == [17, 1, 17]


def test_examples_show_both_replies_in_their_first_spelling() -> None:
    case = Case("q", ("r",), "a")
    prompt = JudgePrompt(
        "p", "s", "{question}{references}{answer}", ((case, True), (case, False)), ("Yes", "yes")
    )
    turns = [(turn["role"], turn["content"]) for turn in prompt.messages(CASE)]
    assert turns[:5] == [
        ("system", "s"), ("user", "qra"), ("assistant", "Yes"), ("user", "qra"), ("assistant", "no"),
    ]  # fmt: skip


@EACH
def test_the_version_is_the_name_and_eight_digits(prompt: JudgePrompt) -> None:
    name, _, digits = prompt.version.rpartition("-")
    assert name == prompt.name
    assert len(digits) == 8 and int(digits, 16) >= 0
    assert PROMPTS[prompt.name] is prompt


def test_no_part_of_a_prompt_can_change_and_keep_its_version() -> None:
    prompt = PROMPTS[DEFAULT_PROMPT]
    example = (Case("q", ("r",), "a"), True)
    changed = [
        replace(prompt, name="other"),
        replace(prompt, system=prompt.system + " "),
        replace(prompt, user=prompt.user + " "),
        replace(prompt, examples=(*prompt.examples, example)),
        replace(prompt, yes=("yeah",)),
        replace(prompt, no=("nay",)),
        replace(prompt, longest=prompt.longest + 1),
    ]
    assert len({item.version.rpartition("-")[2] for item in (prompt, *changed)}) == 8
    assert {item.name for item in fields(JudgePrompt)} == {
        "name", "system", "user", "examples", "yes", "no", "longest",
    }  # fmt: skip


def test_neither_can_the_rules_for_showing_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    prompt = PROMPTS[DEFAULT_PROMPT]
    before = prompt.version
    monkeypatch.setattr("calibrant.judging.prompt._CUT", " ... ")
    assert prompt.version != before


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"user": "{question} {answer}"}, "has the fields answer, question"),
        ({"user": "{question} {references} {answer} {confidence}"}, "has the fields"),
        ({"user": ""}, "has the fields none"),
        ({"yes": ()}, "has no reply for a verdict"),
        ({"no": ("no", "")}, "has no reply for a verdict"),
        ({"no": ("yes, not",)}, "another reply that begins with 'yes'"),
        ({"yes": ("yes", "yes")}, "another reply that begins with 'yes'"),
        ({"longest": 7}, "shows 7 characters"),
    ],
)
def test_a_prompt_that_cannot_be(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(CalibrantError, match=complaint):
        replace(PROMPTS[DEFAULT_PROMPT], **change)


@EACH
def test_a_server_that_folds_case_and_spaces_can_tell_the_replies_apart(
    prompt: JudgePrompt,
) -> None:
    replies = (*prompt.yes, *prompt.no)
    assert len({reply.strip().casefold() for reply in replies}) == len(replies)
