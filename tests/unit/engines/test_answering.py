"""Every selected question is asked as the study says, and every answer finds its question."""

import random
from collections.abc import Iterator, Sequence

import pytest

from calibrant.data.settings import DatasetUse
from calibrant.elicitation.prompts import build_messages
from calibrant.elicitation.settings import Elicitation
from calibrant.engines.answering import answer_questions, open_model, select_questions
from calibrant.engines.interface import Reply, Request
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError
from calibrant.files import sha256_bytes, write_json
from calibrant.rows import Completion, Question
from calibrant.stage_settings.answers import GenerateSettings


class ScriptedEngine:
    """Answers each request with the last message it saw, in an order of its own."""

    def __init__(self, order: Sequence[int] | None = None, silent: Sequence[int] = ()) -> None:
        self.asked: list[Request] = []
        self._order = order
        self._silent = silent

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        self.asked = list(requests)
        for index in self._order if self._order is not None else range(len(requests)):
            if index not in self._silent:
                said = requests[index].messages[-1]["content"]
                yield Reply(
                    index, f"prompt {index}", f"answer to {said!r}, {index}", "stop", index + 1
                )


def questions(*texts: str, split: str = "test") -> list[Question]:
    return [
        Question(f"set/{split} {text}", "set", "toy", split, "number", text, ("1",))
        for text in texts
    ]


def settings(*, samples: int = 1, split: str = "test", limit: int | None = None, **elicitation):
    return GenerateSettings(
        method="base",
        use=DatasetUse(dataset="set", split=split, limit=limit),
        elicitation=Elicitation(**elicitation),
        generation=Generation(samples=samples),
    )


def quietly(replies, total):
    return replies


def answer(rows, engine, seed: int = 7, **fields) -> list[Completion]:
    return answer_questions(rows, settings(**fields), seed, engine, quietly)


def test_every_field_of_an_answer_travels() -> None:
    [row] = answer(questions("Six?"), ScriptedEngine())
    said = build_messages(questions("Six?")[0], Elicitation())[-1]["content"]
    assert row == Completion(
        question_id="set/test Six?", dataset="set", method="base", seed=7, sample=0,
        prompt="prompt 0", completion=f"answer to {said!r}, 0", finish_reason="stop", tokens=1,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_answers_come_in_the_order_of_the_questions_whoever_finishes_first(seed: int) -> None:
    rows = questions(*[f"Q{i}?" for i in range(9)])
    order = random.Random(seed).sample(range(18), 18)
    shuffled = answer(rows, ScriptedEngine(order), samples=2)
    assert shuffled == answer(rows, ScriptedEngine(), samples=2)
    assert [(row.question_id, row.sample) for row in shuffled] == [
        (question.question_id, sample) for question in rows for sample in (0, 1)
    ]
    for row in shuffled:
        assert row.question_id.removeprefix("set/test ") in row.completion


@pytest.mark.parametrize("silent", [[0], [5], [1, 2]])
def test_a_missing_answer_is_an_error(silent: list[int]) -> None:
    rows = questions(*[f"Q{i}?" for i in range(6)])
    with pytest.raises(CalibrantError, match=f"the engine answered {6 - len(silent)} of 6 req"):
        answer(rows, ScriptedEngine(silent=silent))


def test_the_same_answer_twice_does_not_stand_for_another() -> None:
    with pytest.raises(CalibrantError, match="the engine answered 1 of 2 requests"):
        answer(questions("A?", "B?"), ScriptedEngine(order=[0, 0]))


def test_questions_are_asked_as_the_study_says() -> None:
    engine = ScriptedEngine()
    rows = questions("A?", "B?")
    answer(rows, engine, scale="digit", examples=1, format="think_answer_confidence")
    asked = Elicitation(scale="digit", examples=1, format="think_answer_confidence")
    assert [list(request.messages) for request in engine.asked] == [
        build_messages(row, asked) for row in rows
    ]
    for request in engine.asked:
        assert all(isinstance(message["content"], str) for message in request.messages)


def seeds_of(rows, seed: int = 7, **fields) -> dict[tuple[str, int], int]:
    engine = ScriptedEngine()
    completions = answer(rows, engine, seed, **fields)
    return {
        (row.question_id, row.sample): request.seed
        for row, request in zip(completions, engine.asked, strict=True)
    }


def test_every_request_has_a_seed_of_its_own() -> None:
    rows = questions(*[f"Q{i}?" for i in range(40)])
    seeds = seeds_of(rows, samples=5)
    assert len(set(seeds.values())) == 200
    # What torch, numpy and vLLM take as a seed.
    assert all(0 <= seed < 2**63 for seed in seeds.values())
    other = seeds_of(rows, seed=8, samples=5)
    assert not set(seeds.values()) & set(other.values())


def test_a_seed_does_not_depend_on_the_neighbours() -> None:
    rows = questions(*[f"Q{i}?" for i in range(6)])
    seeds = seeds_of(rows, samples=3)
    assert seeds_of(rows, samples=3) == seeds
    alone = seeds_of(rows[4:5], samples=2)
    assert alone == {key: seeds[key] for key in alone}
    reverse = seeds_of(rows[::-1], samples=3)
    assert reverse == seeds


def test_seeds_stay_what_they_are() -> None:
    # A changed rule would change every sampled answer of every study. By hand:
    # printf '7\x1fset/test A?\x1f0' | sha256sum | cut -c1-15
    assert seeds_of(questions("A?")) == {("set/test A?", 0): int("3654ac4f5d9fa40", 16)}


def test_progress_is_told_the_number_of_answers_and_passes_each_on() -> None:
    seen = []

    def follow(replies, total):
        for number, reply in enumerate(replies, start=1):
            seen.append((number, total))
            yield reply

    rows = questions("A?", "B?")
    completions = answer_questions(rows, settings(samples=3), 7, ScriptedEngine(), follow)
    assert len(completions) == 6
    assert seen == [(number, 6) for number in range(1, 7)]


MIXED = [
    question
    for first, second in zip("ACEG", "BDFH", strict=True)
    for question in (*questions(first), *questions(second, split="calibration"))
]


@pytest.mark.parametrize(
    ("split", "limit", "chosen"),
    [
        ("test", None, "ACEG"),
        ("calibration", None, "BDFH"),
        ("test", 1, "A"),
        ("calibration", 3, "BDF"),
        ("test", 99, "ACEG"),
    ],
)
def test_the_first_questions_of_the_split_are_asked(split, limit, chosen) -> None:
    use = DatasetUse(dataset="set", split=split, limit=limit)
    assert "".join(row.question for row in select_questions(MIXED, use)) == chosen
    answered = answer(MIXED, ScriptedEngine(), split=split, limit=limit)
    assert [row.question_id for row in answered] == [f"set/{split} {text}" for text in chosen]


@pytest.mark.parametrize("rows", [[], questions("A?", split="train")])
def test_a_split_without_questions_is_an_error_before_anybody_is_asked(rows) -> None:
    engine = ScriptedEngine()
    with pytest.raises(CalibrantError, match="the test split of set holds no question"):
        answer(rows, engine)
    assert engine.asked == []


def test_a_model_whose_files_have_changed_is_not_opened(tmp_path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"changed")
    entry = {"path": "model.safetensors", "sha256": sha256_bytes(b"made"), "bytes": 4}
    write_json(tmp_path / "manifest.json", {"files": [entry]})
    with pytest.raises(CalibrantError, match="is not the file the manifest describes"):
        open_model(tmp_path / "manifest.json", settings())
