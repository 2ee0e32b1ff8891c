"""The model is asked about its first answers, and sets of questions are chosen by what it says."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from calibrant.data.settings import DatasetUse
from calibrant.elicitation.prompts import build_messages
from calibrant.elicitation.settings import Elicitation
from calibrant.engines.interface import Reply, Request
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError
from calibrant.grading.predictions import grade_completions
from calibrant.rows import Completion, Prediction, Question
from calibrant.stage_settings.answers import GenerateSettings, GradeSettings
from calibrant.stage_settings.selection import ChooseSettings
from calibrant.training.question_choice import SETS, choose_questions
from calibrant.training.question_rating import rate_questions
from calibrant.training.rated_question import first_faithfulness, rated_questions

SCALE = "percent"
ASK = GenerateSettings(
    method="start", use=DatasetUse(dataset="training", split="train"),
    elicitation=Elicitation(scale=SCALE), generation=Generation(),
)  # fmt: skip


def question(number: int, dataset: str = "sums", kind: str = "number") -> Question:
    return Question(f"{dataset}/{number}", dataset, "math", "train", kind, f"Q{number}?", ("7",))


def said(name: str, text: str, sample: int = 0) -> Completion:
    return Completion(
        question_id=name, dataset=name.partition("/")[0], method="start", seed=3, sample=sample,
        prompt="", completion=text, finish_reason="stop",
    )  # fmt: skip


def answers(name: str, confidence: object, *given: str) -> list[Completion]:
    """Return the samples of a question, all with one confidence."""
    return [
        said(name, f"<answer>{one}</answer><confidence>{confidence}</confidence>", at)
        for at, one in enumerate(given)
    ]


def graded(asked: Sequence[Question], rows: Sequence[Completion]) -> list[Prediction]:
    return list(grade_completions(rows, asked, GradeSettings(scale=SCALE, confidence="stated")))


class Recorded:
    """Answers with recorded replies, last request first."""

    def __init__(self, replies: Sequence[str]) -> None:
        self.asked: list[Request] = []
        self._replies = replies

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        self.asked = list(requests)
        for at in reversed(range(len(self._replies))):
            yield Reply(at, f"prompt {at}", self._replies[at], "stop", 5)


ASKED = [question(number) for number in range(6)]
# Stated, the first answer and the others, the reply; then rating and faithfulness by hand.
WORKED = [
    (90, ("7", "7", "7.0", "8", "9"), "<match>80</match>", 0.8, 1 - abs(0.9 - 2 / 4)),
    (100, ("8", "7", "7", "7", "7"), "<match>10</match>", 0.1, 0.0),
    (50, ("8", "8.0", "8", "7", "5"), "<match>100</match>", 1.0, 1.0),
    (25, ("9", "9", "7", "7", "5"), "It matches.", None, 1.0),
    ("?", ("7", "7", "7", "7", "7"), "<match>50</match>", 0.5, None),
    (60, ("7", "7", "7", "7", "7"), "<match>30%</match>", 0.3, 0.6),
]  # fmt: skip
ROWS = [
    row
    for asked, (stated, given, *_) in zip(ASKED, WORKED, strict=True)
    for row in answers(asked.question_id, stated, *given)
]
REPLIES = [
    said(one.question_id, reply) for one, (_, _, reply, *_) in zip(ASKED, WORKED, strict=True)
]


def rate(engine: Recorded, rows: Sequence[Completion] = ROWS) -> list[Completion]:
    return rate_questions(ASKED, rows, ASK, 3, engine, lambda replies, total: replies)


def test_it_is_asked_about_its_first_answer_to_every_question() -> None:
    engine = Recorded([reply for _, _, reply, *_ in WORKED])
    rows = rate(engine, ROWS[::-1])
    assert [(row.question_id, row.completion, row.prompt) for row in rows] == [
        (one.question_id, reply, f"prompt {at}")
        for at, (one, (_, _, reply, *_)) in enumerate(zip(ASKED, WORKED, strict=True))
    ]
    for one, request, (stated, given, *_) in zip(ASKED, engine.asked, WORKED, strict=True):
        *before, answer, query = request.messages
        assert before == build_messages(one, ASK.elicitation)
        assert answer["role"] == "assistant"
        assert answer["content"] == (
            f"<answer>{given[0]}</answer><confidence>{stated}</confidence>"
        )
        assert "<match>M</match>" in query["content"]


def test_a_question_without_an_answer_and_a_request_without_a_reply_are_refused() -> None:
    rows = [row for row in ROWS if (row.question_id, row.sample) != ("sums/4", 0)]
    with pytest.raises(CalibrantError, match="sums/4 has no answer to rate"):
        rate(Recorded([""] * 6), rows)
    with pytest.raises(CalibrantError, match="answered 5 of 6"):
        rate(Recorded([""] * 5))


def test_rating_and_faithfulness_worked_out_by_hand() -> None:
    rated = rated_questions(ASKED, graded(ASKED, ROWS), REPLIES, SCALE)
    assert [item.rating for item in rated] == [rating for *_, rating, _ in WORKED]
    for item, (*_, faithful) in zip(rated, WORKED, strict=True):
        assert item.faithfulness == (None if faithful is None else pytest.approx(faithful))


def test_the_faithfulness_of_an_answer_is_unknown_without_others_or_without_a_judge() -> None:
    one, told = question(0), question(0, kind="open")
    alone = graded([one], answers("sums/0", 80, "7"))
    assert first_faithfulness(alone, one) is None
    unread = graded([one], [said("sums/0", "Well."), *answers("sums/0", 80, "7", "7")[1:]])
    assert first_faithfulness(unread, one) is None
    # Other answers that cannot be read are left out.
    rest = graded([one], [*answers("sums/0", 80, "7", "7"), said("sums/0", "Well.", 2)])
    assert first_faithfulness(rest, one) == pytest.approx(0.8)
    assert first_faithfulness(graded([told], answers("sums/0", 80, "7", "7")), told) is None
    assert first_faithfulness([], one) is None


@pytest.mark.parametrize("replies", [REPLIES[:-1], [*REPLIES, REPLIES[0]]], ids=["few", "twice"])
def test_replies_to_other_questions_are_refused(replies: list[Completion]) -> None:
    with pytest.raises(CalibrantError, match="not to the questions, one each"):
        rated_questions(ASKED, graded(ASKED, ROWS), replies, SCALE)


def settings(per_end: int) -> ChooseSettings:
    return ChooseSettings(model="tiny", per_end=per_end, scale=SCALE, replicates=200, level=0.9)


def test_the_sets_of_a_small_study_by_hand() -> None:
    sets, document = choose_questions(ASKED, graded(ASKED, ROWS), REPLIES, settings(1), 3)
    # Four have both; rated .8, .1, 1, .3; faithful .6, 0, 1, .6.
    assert sets["metacognitive"] == [ASKED[1], ASKED[2]]
    assert ASKED[1] in sets["active"] and sets["active"][-1] in (ASKED[1], ASKED[5])
    assert ASKED[2] not in sets["active"]
    assert set(sets) == set(SETS) and {len(rows) for rows in sets.values()} == {2}
    cell = document["all"]
    assert cell == document["datasets"]["sums"]
    assert (cell["rated"], cell["unread"], cell["unknown"]) == (6, 1, 1)
    sizes = {name: entry["size"] for name, entry in cell["sets"].items()}
    assert sizes == {"pool": 4, "lowest": 1, "highest": 1, "random": 2, "active": 2}
    pool = cell["sets"]["pool"]
    assert pool["rating"]["value"] == pytest.approx(np.mean([0.8, 0.1, 1.0, 0.3]))
    assert pool["rating"]["low"] < pool["rating"]["value"] < pool["rating"]["high"]
    assert pool["faithfulness"]["value"] == pytest.approx(np.mean([0.6, 0.0, 1.0, 0.6]))
    assert cell["sets"]["active"]["faithfulness"]["value"] == pytest.approx(0.3)
    lowest = cell["sets"]["lowest"]["rating"]
    assert (lowest["value"], lowest["low"]) == (pytest.approx(0.1), None)
    assert lowest["undefined"] == "no interval from a single question"
    counts = {int(row["low"] * 10): row["pool"] for row in cell["histogram"] if row["pool"]}
    assert counts == {1: 1, 3: 1, 8: 1, 9: 1}
    assert (document["model"], document["per_end"]) == ("tiny", 1)


def test_each_dataset_gives_as_many() -> None:
    both = [*ASKED, *(replace(one, question_id=f"legs/{at}", dataset="legs")
                      for at, one in enumerate(ASKED))]  # fmt: skip
    rows = [replace(row, question_id=one.question_id, dataset=one.dataset)
            for one in both for row in ROWS
            if row.question_id.endswith(one.question_id[-2:])]  # fmt: skip
    # The model rates itself lower in the second dataset, which changes nothing.
    replies = [
        said(one.question_id, f"<match>{5 * at + (50 if one.dataset == 'sums' else 0)}</match>")
        for at, one in enumerate([*ASKED, *ASKED])
        for one in [both[at]]
    ]
    sets, document = choose_questions(both, graded(both, rows), replies, settings(2), 3)
    for chosen in sets.values():
        assert [row.dataset for row in chosen] == ["sums"] * 4 + ["legs"] * 4
    assert document["all"]["sets"]["random"]["size"] == 8
    assert document["datasets"]["legs"]["sets"]["lowest"]["size"] == 2


def test_too_few_questions_name_the_dataset_and_the_setting() -> None:
    with pytest.raises(
        CalibrantError, match=r"selection\.self_rating\.per_end: sums: 4 of 6 .*6 are needed"
    ):
        choose_questions(ASKED, graded(ASKED, ROWS), REPLIES, settings(3), 3)
