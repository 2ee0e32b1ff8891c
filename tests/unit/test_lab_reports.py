"""Reports of the laboratory: two disjoint halves that no deterministic grader can read."""

from typing import Any

import pytest

from calibrant.data.lab import lab_questions, lab_verdicts
from calibrant.data.lab_reports import reports
from calibrant.data.prepare import to_judgements
from calibrant.data.settings import LabDataset, LabVerdicts
from calibrant.grading.grade import grade
from calibrant.judging.need import needs_judge
from calibrant.rows import Question

OUTCOMES = ("yes", "no")


def half(outcome: str, for_judges: bool) -> list[str]:
    return reports("weather", outcome, for_judges=for_judges)


ALL = [text for outcome in OUTCOMES for kept in (True, False) for text in half(outcome, kept)]


def told(**more: Any):
    settings = LabDataset(wording="weather", references="report", size=400, **more)
    return lab_questions("told", settings, 3).questions


def test_no_report_is_there_twice() -> None:
    assert len(set(ALL)) == len(ALL)


def test_every_half_has_the_same_number_of_each_outcome() -> None:
    sizes = {len(half(outcome, kept)) for outcome in OUTCOMES for kept in (True, False)}
    assert len(sizes) == 1
    assert sizes.pop() * 4 == len(ALL)


def test_the_halves_are_the_same_in_every_call() -> None:
    assert half("yes", True) == half("yes", True)


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_no_grader_can_read_a_report(answer: str) -> None:
    for report in ALL:
        question = Question("q/1", "q", "weather", "test", "yes_no", "Wet?", (report,))
        found = grade(answer, question)
        assert (found.correct, found.reason) == (None, "unreadable_reference"), report
        assert needs_judge(found)


def test_reports_are_sentences() -> None:
    assert all(text[0].isupper() and text.endswith(".") and "{" not in text for text in ALL)


def test_both_outcomes_are_told_with_and_without_a_negation() -> None:
    for outcome in OUTCOMES:
        for kept in (True, False):
            texts = half(outcome, kept)
            denied = [
                text for text in texts if {"not", "never", "nothing"} & {*text.lower()[:-1].split()}
            ]
            assert 0 < len(denied) < len(texts)


def test_questions_refer_to_what_happened_and_never_to_a_report_for_judges() -> None:
    for_judges = {text for outcome in OUTCOMES for text in half(outcome, True)}
    rows = told()
    references = {row.references[0] for row in rows}
    assert not references & for_judges
    assert references <= {text for outcome in OUTCOMES for text in half(outcome, False)}


def test_equal_seeds_give_equal_questions() -> None:
    assert told() == told()


def test_true_probability_is_that_of_what_the_report_tells() -> None:
    rows = told(evidence=["sum"])
    wet = set(half("yes", False))
    for row in rows:
        share = sum(numbers(row.context or "")) / 10
        expected = share if row.references[0] in wet else 1 - share
        assert row.true_probability == pytest.approx(expected)


def numbers(context: str) -> tuple[int, int]:
    left, right = context.split(" + ")
    return int(left.split()[-1]), int(right.split()[0])


def test_verdicts_are_true_by_construction() -> None:
    loaded = lab_verdicts(LabVerdicts())
    rows = to_judgements("reports", loaded)
    assert len(rows) == len(loaded.judgements) == 2 * len(half("yes", True)) * 2
    wet = set(half("yes", True))
    for row in rows:
        happened = "yes" if row.references[0] in wet else "no"
        assert row.verdict == (row.answer == happened)
    assert {row.references[0] for row in rows} == {*half("yes", True), *half("no", True)}
    assert {(row.question, row.domain) for row in rows} == {("Will tomorrow be wet?", "weather")}


def test_only_the_weather_is_reported() -> None:
    with pytest.raises(ValueError, match="weather only"):
        LabDataset(wording="law", references="report", size=10)
