"""Loaders on the real files: the exact numbers of rows kept, dropped and mended.

The files are pinned, so a number that changes here means that a loader reads them differently.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from calibrant.data.catalog import load_catalog
from calibrant.data.loaders.rlcr_transcripts import SYSTEMS, load_published, load_transcripts
from calibrant.data.loading import load_dataset
from calibrant.data.prepare import CLASHING, REPEATED
from calibrant.data.raw import Loaded
from calibrant.rows import OPTION_LETTERS

CATALOG = load_catalog()
Load = Callable[[str], Loaded]


@dataclass(frozen=True)
class Expected:
    """What a dataset holds."""

    parts: dict[str, int] = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)
    domains: dict[str, int] = field(default_factory=dict)
    dropped: int = 0


QUESTIONS = {
    "gsm8k": Expected({"train": 7473, "test": 1319}, {"number": 8792}, {"math": 8792}),
    "svamp": Expected({"test": 1000}, {"number": 1000}, {"math": 1000}),
    "math500": Expected({"test": 500}, {"number": 316, "math": 184}, {"math": 500}),
    "big_math_digits": Expected({"test": 963}, {"number": 963}, {"math": 963}, 37),
    "commonsenseqa": Expected(
        {"train": 9741, "test": 1221}, {"choice": 10962}, {"commonsense": 10962}
    ),
    "strategyqa": Expected(
        {"train": 2060, "test": 229}, {"yes_no": 2289}, {"commonsense": 2289}, 1
    ),
    "hotpotqa": Expected({"dev": 7405}, {"short_text": 6947, "yes_no": 458}, {"factual": 7405}),
    "nq_efficientqa": Expected({"dev": 1800}, {"short_text": 1800}, {"factual": 1800}),
    "nq_open": Expected({"dev": 3610}, {"short_text": 3610}, {"factual": 3610}),
    "triviaqa": Expected({"test": 1696}, {"short_text": 1696}, {"factual": 1696}, 304),
    "truthfulqa_open": Expected(
        {"test": 790}, {"open": 790}, {"truthfulness": 655, "legal": 64, "medical": 71}
    ),
    "truthfulqa_mc1": Expected(
        {"test": 790}, {"choice": 790}, {"truthfulness": 655, "legal": 64, "medical": 71}
    ),
    "medmcqa": Expected({"dev": 4168}, {"choice": 4168}, {"medical": 4168}, 15),
    "pubmedqa": Expected({"dev": 500, "test": 500}, {"yes_no_maybe": 1000}, {"medical": 1000}),
    "mmlu_medical": Expected({"val": 121}, {"choice": 121}, {"medical": 121}, 2),
    "mmlu_law": Expected({"val": 194}, {"choice": 194}, {"legal": 194}),
    "legalbench_cuad": Expected({"test": 882}, {"yes_no": 882}, {"legal": 882}, 10364),
    "rlcr_commonsenseqa": Expected({"test": 1221}, {"choice": 1221}, {"commonsense": 1221}),
}


@pytest.fixture(scope="module")
def files(mirror: Path) -> Callable[[str], dict[str, Path]]:
    """Return a function from a dataset to its files in the mirror."""

    def of(name: str) -> dict[str, Path]:
        return {source.file: mirror / source.path for source in CATALOG[name].sources}

    return of


@pytest.fixture(scope="module")
def load(files: Callable[[str], dict[str, Path]]) -> Load:
    """Return a function from a dataset to its rows, read once."""

    @cache
    def of(name: str) -> Loaded:
        return load_dataset(CATALOG[name], files(name), 17)

    return of


@pytest.mark.parametrize("name", QUESTIONS)
def test_numbers_of_questions(load: Load, name: str) -> None:
    loaded = load(name)
    expected = QUESTIONS[name]
    assert Counter(row.part for row in loaded.questions) == expected.parts
    assert Counter(row.answer_type for row in loaded.questions) == expected.types
    assert Counter(row.domain for row in loaded.questions) == expected.domains
    assert loaded.dropped.total() == expected.dropped
    assert set(expected.parts) == set(CATALOG[name].parts)
    assert not loaded.judgements


def test_every_question_dataset_is_counted() -> None:
    judged = {name for name, entry in CATALOG.items() if entry.kind == "judgements"}
    # No mirror holds them: their loader is tested on made-up rows.
    elsewhere = {
        name
        for name, entry in CATALOG.items()
        if any(source.published is not None for source in entry.sources)
    }
    assert set(QUESTIONS) | judged | elsewhere == set(CATALOG)


@pytest.mark.parametrize("name", QUESTIONS)
def test_references_and_options_fit_together(load: Load, name: str) -> None:
    for row in load(name).questions:
        assert row.references
        assert all(row.references)
        if row.answer_type == "choice":
            (letter,) = row.references
            assert letter in OPTION_LETTERS[: len(row.options)]
        else:
            assert not row.options


@pytest.mark.parametrize("name", QUESTIONS)
def test_identifiers_find_one_row(load: Load, name: str) -> None:
    identifiers = Counter(row.source_id for row in load(name).questions)
    assert None not in identifiers
    assert max(identifiers.values()) == 1


def test_gsm8k_answers_keep_their_thousands(load: Load) -> None:
    loaded = load("gsm8k")
    answers = [row.references[0] for row in loaded.questions]
    assert loaded.repaired.total() == 93
    assert sum(answer.startswith("-") for answer in answers) == 5
    assert all(float(answer) == int(float(answer)) for answer in answers)


def test_medmcqa_repeats_and_clashes(load: Load) -> None:
    dropped = {REPEATED: 12, CLASHING: 2, "all options are the same": 1}
    assert load("medmcqa").dropped == dropped


def test_legalbench_sample_is_balanced(load: Load) -> None:
    loaded = load("legalbench_cuad")
    sample = Counter((row.group, row.references[0]) for row in loaded.questions)
    assert len(sample) == 30
    # Most Favored Nation holds 45 different clauses only.
    assert set(sample.values()) == {30, 21}
    assert (loaded.dropped[REPEATED], loaded.dropped[CLASHING]) == (4162, 4)
    assert loaded.dropped.total() + len(loaded.questions) == 11246


def test_truthfulqa_mc1_is_shuffled(load: Load) -> None:
    rows = load("truthfulqa_mc1").questions
    # Each right option is first with probability one over the number of options.
    expected = sum(1 / len(row.options) for row in rows)
    first = sum(row.references == ("A",) for row in rows)
    assert abs(first - expected) < 3.5 * (expected * 0.8) ** 0.5


def test_verdicts_of_evouna(load: Load) -> None:
    loaded = load("judge_evouna_nq")
    systems = Counter(row.system for row in loaded.judgements)
    assert len(loaded.judgements) == 15094
    assert set(systems) == {"fid", "gpt35", "chatgpt", "gpt4", "newbing"}
    assert sorted(loaded.dropped.values()) == [6, 5 * 590]
    assert loaded.repaired.total() == 325


def test_verdicts_of_truthfulqa(load: Load) -> None:
    loaded = load("judge_truthfulqa")
    domains = Counter(row.domain for row in loaded.judgements)
    assert domains == {"truthfulness": 9174, "legal": 1033, "medical": 973}
    assert loaded.dropped.total() + len(loaded.judgements) == 22434


def test_recorded_transcripts_give_the_published_accuracy_and_mean_confidence(
    load: Load, files: Callable[[str], dict[str, Path]]
) -> None:
    transcripts = load_transcripts(files("rlcr_commonsenseqa"))
    published = load_published(files("rlcr_commonsenseqa"))
    asked = {row.source_id for row in load("rlcr_commonsenseqa").questions}
    assert set(published) == set(SYSTEMS)
    for system, figures in published.items():
        rows = [row for row in transcripts if row.system == system]
        assert {row.source_id for row in rows} == asked
        accuracy = sum(row.correct for row in rows) / len(rows)
        confidence = sum(row.confidence for row in rows) / len(rows)
        brier = sum((row.correct - row.confidence) ** 2 for row in rows) / len(rows)
        assert accuracy == pytest.approx(figures["accuracy"], abs=1e-12)
        assert confidence == pytest.approx(figures["mean_confidence"], abs=1e-12)
        assert brier == pytest.approx(figures["brier"], abs=1e-12)


def test_rlcr_questions_are_those_of_commonsenseqa(load: Load) -> None:
    official = {
        (row.question, row.options, row.references)
        for row in load("commonsenseqa").questions
        if row.part == "test"
    }
    recorded = load("rlcr_commonsenseqa").questions
    assert {(row.question, row.options, row.references) for row in recorded} == official
