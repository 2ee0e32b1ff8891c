"""Every published reference answer is right when it is given as the answer."""

import json
import os
from functools import cache
from pathlib import Path

import pytest

from calibrant.grading.grade import grade
from calibrant.grading.math_process import MATH_VERIFY
from calibrant.grading.numerals import read_number
from calibrant.rows import Question

MATH500 = (
    "hkust-nlp/simpleRL-reason/cf1c7858bfc145a27aa733e75d930d34f0d318a6/examples/simplelr_math_eval/"
    "data/math500/test.jsonl"
)
GSM8K = "openai/grade-school-math/3101c7d5072418e28b9008a6636bde82a006892c/grade_school_math/data/"
MIRROR = os.environ.get("CALIBRANT_MIRROR")

pytestmark = pytest.mark.skipif(
    MIRROR is None, reason="CALIBRANT_MIRROR, the folder of mirrored public files, is not set"
)


@cache
def answers(file: str) -> list[str]:
    lines = (Path(str(MIRROR)) / file).read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["answer"] for line in lines]


def right(answer: str, reference: str, kind: str) -> bool | None:
    question = Question("q", "golds", "math", "test", kind, "Solve.", (reference,))
    return grade(answer, question).correct


def test_every_math500_reference_is_right_as_mathematics() -> None:
    golds = answers(MATH500)
    assert len(golds) == 500
    for gold in golds:
        for form in (gold, f"${gold}$", f"\\boxed{{{gold}}}", f"The answer is ${gold}$."):
            assert right(form, gold, "math") is True, form


def test_math_verify_agrees_without_the_shortcut_for_equal_texts() -> None:
    for gold in answers(MATH500):
        body = gold.replace("\\$", "")
        assert MATH_VERIFY.compare(f"${body}$", f"${body}$") == "correct", gold


def test_every_math500_reference_that_is_a_number_is_right_as_a_number() -> None:
    numbers = [gold for gold in answers(MATH500) if read_number(gold).status == "ok"]
    assert len(numbers) == 401
    for gold in numbers:
        for form in (gold, f"${gold}$", f"\\boxed{{{gold}}}", f"The answer is ${gold}$."):
            assert right(form, gold, "number") is True, form
    plain = [gold for gold in answers(MATH500) if gold.lstrip("-").replace(".", "").isdigit()]
    assert set(plain) <= set(numbers)


@pytest.mark.parametrize(("part", "size"), [("train", 7473), ("test", 1319)])
def test_every_gsm8k_reference_is_right_as_a_number(part: str, size: int) -> None:
    golds = [answer.rpartition("####")[2].strip() for answer in answers(f"{GSM8K}{part}.jsonl")]
    assert len(golds) == size
    for gold in golds:
        value = int(gold.replace(",", ""))
        assert read_number(gold).value == value
        for form in (gold, str(value), f"${value:,}", f"{value}.00", f"The answer is {value}."):
            assert right(form, gold, "number") is True, form
        assert right(str(value + 1), gold, "number") is False


def test_different_math500_references_are_told_apart() -> None:
    golds = sorted(set(answers(MATH500)))
    accepted = {
        (one, other)
        for one, other in zip(golds, golds[7:] + golds[:7], strict=True)
        if right(one, other, "math")
    }
    assert accepted == set()
