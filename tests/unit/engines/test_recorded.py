"""Recorded transcripts become the answers of one system, each to its own question."""

import pytest

from calibrant.data.raw import RawTranscript
from calibrant.data.settings import DatasetUse
from calibrant.engines.recorded import recorded_completions
from calibrant.errors import CalibrantError
from calibrant.recorded_settings import RecordedMethod
from calibrant.rows import Completion, Question
from calibrant.stage_settings.sources import TranscriptSettings


def question(source_id: str | None, split: str = "test") -> Question:
    return Question(
        f"set/{source_id}", "set", "toy", split, "choice", f"Question {source_id}?", ("A",),
        options=("x", "y"), source_id=source_id,
    )  # fmt: skip


def transcript(source_id: str, system: str = "RLCR", **fields) -> RawTranscript:
    values = {"completion": f"{system} on {source_id}", "confidence": 0.75, "correct": True}
    return RawTranscript(source_id, system, **{**values, **fields})


def settings(system: str = "RLCR", **use) -> TranscriptSettings:
    return TranscriptSettings(
        method="theirs",
        use=DatasetUse(dataset="set", **use),
        recorded=RecordedMethod(kind="recorded", system=system),
    )


BOTH = [
    transcript(source_id, system) for source_id in ("3", "1", "2") for system in ("Base", "RLCR")
]


def test_every_field_of_a_transcript_travels() -> None:
    rows = [transcript("1", completion="<answer>A</answer>", confidence=0.25, correct=False)]
    assert recorded_completions(rows, [question("1")], settings(), seed=17) == [
        Completion(
            question_id="set/1", dataset="set", method="theirs", seed=17, sample=0, prompt="",
            completion="<answer>A</answer>", finish_reason="recorded", tokens=None,
            recorded_confidence=0.25, recorded_correct=False,
        )
    ]  # fmt: skip


def test_what_was_not_recorded_stays_absent() -> None:
    rows = [transcript("1", confidence=None, correct=None)]
    [row] = recorded_completions(rows, [question("1")], settings(), seed=17)
    assert row.recorded_confidence is row.recorded_correct is None


@pytest.mark.parametrize("system", ["Base", "RLCR"])
def test_one_system_is_read_in_the_order_of_the_questions(system: str) -> None:
    rows = recorded_completions(
        BOTH, [question(name) for name in "213"], settings(system), seed=17
    )  # fmt: skip
    assert [row.completion for row in rows] == [f"{system} on {name}" for name in "213"]


def test_split_and_limit_choose_the_questions() -> None:
    questions = [question("1", "calibration"), question("2"), question("3")]
    assert [
        row.question_id for row in recorded_completions(BOTH, questions, settings(), seed=17)
    ] == ["set/2", "set/3"]
    limited = recorded_completions(BOTH, questions, settings(limit=1), seed=17)
    assert [row.question_id for row in limited] == ["set/2"]
    other = recorded_completions(BOTH, questions, settings(split="calibration"), seed=17)
    assert [row.question_id for row in other] == ["set/1"]


def test_an_unknown_system_is_answered_with_those_there_are() -> None:
    with pytest.raises(CalibrantError) as caught:
        recorded_completions(BOTH, [question("1")], settings("RLRC"), seed=17)
    assert str(caught.value) == (
        "methods.theirs.system: there is no system 'RLRC' in set. There are: Base, RLCR"
    )


@pytest.mark.parametrize("source_id", ["4", None])
def test_a_question_without_a_transcript_is_named(source_id: str | None) -> None:
    with pytest.raises(CalibrantError, match=f"RLCR has no transcript for question {source_id}"):
        recorded_completions(BOTH, [question("1"), question(source_id)], settings(), seed=17)


def test_a_question_that_only_another_system_answered_has_none() -> None:
    rows = [transcript("1"), transcript("2", "Base")]
    with pytest.raises(CalibrantError, match="RLCR has no transcript for question 2"):
        recorded_completions(rows, [question("1"), question("2")], settings(), seed=17)


def test_two_transcripts_of_one_question_are_refused() -> None:
    rows = [transcript("1"), transcript("2"), transcript("2", completion="another")]
    with pytest.raises(CalibrantError, match="more than one transcript for question 2"):
        recorded_completions(rows, [question("1"), question("2")], settings(), seed=17)


def test_a_split_without_questions_is_an_error() -> None:
    with pytest.raises(CalibrantError, match="the test split of set holds no question"):
        recorded_completions(BOTH, [question("1", "calibration")], settings(), seed=17)
