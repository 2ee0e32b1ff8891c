"""The published transcripts of RLCR on CommonsenseQA: what was stored is what we read.

Confidences were stored by RLCR's own reader. Its correctness labels came from a lenient judge; the
accuracies here are those of an independent regrade by letter and option text.
"""

import os
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pyarrow import ipc

from calibrant.elicitation.parse import parse_completion
from calibrant.elicitation.scales import SCALES
from calibrant.grading.grade import grade
from calibrant.rows import Question

FILE = (
    "damanimehul/RLCR/8904bedf1af827e0a1bcc3c907bf505d88540bd2/eval_outputs/Hotpot-models/"
    "commonsenseqa/data-00000-of-00001.arrow"
)
MIRROR = os.environ.get("CALIBRANT_MIRROR")
ROWS = 1221

pytestmark = pytest.mark.skipif(
    MIRROR is None, reason="CALIBRANT_MIRROR, the folder of mirrored public files, is not set"
)


@cache
def columns() -> dict[str, list[Any]]:
    with ipc.open_stream(Path(str(MIRROR)) / FILE) as stream:
        found: dict[str, list[Any]] = stream.read_all().to_pydict()
    assert len(found["problem"]) == ROWS
    return found


@cache
def questions() -> list[Question]:
    rows = zip(columns()["problem"], columns()["answerKey"], strict=True)
    built = []
    for problem, key in rows:
        options = tuple(re.findall(r"^[A-E]\) (.*)$", problem, re.MULTILINE))
        assert len(options) == 5
        built.append(
            Question("q", "csqa", "commonsense", "test", "choice", problem, (key,), None, options)
        )
    return built


@pytest.mark.parametrize("system", ["Base", "RLVR", "RLCR", "Answer-Prob"])
def test_every_stored_confidence_is_read_exactly(system: str) -> None:
    texts = columns()[f"{system}-output_0"]
    stored = columns()[f"{system}-confidence_levels"]
    for text, [confidence] in zip(texts, stored, strict=True):
        statement = parse_completion(text, SCALES["rlcr"], "recorded")
        assert (statement.confidence, statement.status) == (confidence, "ok")


def test_a_system_that_states_no_confidence_gets_none() -> None:
    statements = [
        parse_completion(text, SCALES["rlcr"], "recorded")
        for text in columns()["RLVR-Classifier-output_0"]
    ]
    assert Counter(statement.status for statement in statements) == {"no_confidence": ROWS}
    assert all(statement.answer for statement in statements)


@pytest.mark.parametrize(
    ("system", "statuses"),
    [
        # Two texts give two different answers; three confidences are sentences.
        ("Base", {"ok": 1216, "duplicate": 2, "not_a_number": 3}),
        ("RLVR", {"out_of_range": ROWS}),
        ("RLCR", {"ok": ROWS}),
        ("Answer-Prob", {"ok": ROWS}),
    ],
)
def test_the_unit_scale_refuses_what_the_published_reader_guesses(
    system: str, statuses: dict[str, int]
) -> None:
    texts = columns()[f"{system}-output_0"]
    found = Counter(parse_completion(text, SCALES["unit"], "recorded").status for text in texts)
    assert found == statuses


@pytest.mark.parametrize(
    ("system", "accuracy", "false_yes"),
    [("Base", 0.778, 0.49), ("RLVR", 0.826, 0.48), ("RLCR", 0.830, 0.50)],
)
def test_regraded_accuracy_is_that_of_the_independent_regrade(
    system: str, accuracy: float, false_yes: float
) -> None:
    texts = columns()[f"{system}-output_0"]
    stored = [bool(label) for [label] in columns()[f"{system}-evals"]]
    grades = [
        grade(parse_completion(text, SCALES["rlcr"], "recorded").answer, question)
        for text, question in zip(texts, questions(), strict=True)
    ]
    right = sum(given.correct is True for given in grades)
    ungraded = Counter(given.reason for given in grades if given.correct is None)
    assert right / ROWS == pytest.approx(accuracy, abs=0.01)
    assert right / (ROWS - ungraded.total()) == pytest.approx(accuracy, abs=0.01)
    assert ungraded.total() <= 9
    assert set(ungraded) <= {"not_an_option", "ambiguous"}
    wrong = [label for given, label in zip(grades, stored, strict=True) if given.correct is False]
    assert sum(wrong) / len(wrong) == pytest.approx(false_yes, abs=0.01)
    missed = [label for given, label in zip(grades, stored, strict=True) if given.correct]
    assert missed.count(False) <= 0.002 * len(missed)
