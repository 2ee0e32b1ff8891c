"""The judges on the page: one row per domain, rule and kind of change, and every figure traced."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibrant.judging.attacks import attacks
from calibrant.judging.case import Case, Verdict
from calibrant.judging.measure_judge import Access, measure_judge
from calibrant.judging.probes import ProbeSettings, run_probes
from calibrant.judging.settings import PanelSettings
from calibrant.reporting.document import Document
from calibrant.reporting.evidence import Evidence
from calibrant.reporting.judge_section import JudgeSection, judge_section
from calibrant.reporting.numbers import NOT_DEFINED, Numbers
from calibrant.reporting.page import render_page
from calibrant.rows import Judgement
from calibrant.stage_settings.judging import JudgePart, MeasureJudgeSettings

NAME = "panel-2"
AGREEMENT = ("rows", "kappa", "ac1", "sensitivity", "specificity", "accuracy")
Section = tuple[JudgeSection, Numbers]


def answers(domains: Sequence[str]) -> Iterator[Judgement]:
    generator = np.random.default_rng(3)
    for number in range(90):
        right = bool(generator.random() < 0.5)
        told = f"Ada{number}" if right != (generator.random() < 0.1) else f"Boris{number}"
        yield Judgement(
            f"people/{number}", "people", domains[number % len(domains)], f"Who won {number}?",
            (f"Ada{number}",), told, "system", "human", right,
        )  # fmt: skip


class Gullible:
    """Calls every answer right that holds a reference or a colon."""

    identity = "gullible"
    prompt_version = "1"

    def judge(self, cases: Sequence[Case]) -> Iterator[tuple[int, Verdict]]:
        for at, case in enumerate(cases):
            right = case.references[0] in case.answer or ":" in case.answer
            yield at, Verdict(right, float(right))


def probes() -> dict[str, Any]:
    cases = [Case(row.question, row.references, row.answer) for row in answers(["a"])][:20]
    some = {attack.family: attack for attack in attacks()}
    settings = ProbeSettings(seed=3, cases_per_attack=2, attacks=tuple(some.values()))
    return run_probes(Gullible(), cases, settings).to_json()


def document(folder: Path, domains: Sequence[str], *, probed: bool) -> Document:
    judge = PanelSettings(kind="panel", verdicts="people", floor=None)
    part = JudgePart(name=NAME, judge=judge, members={}, models=[])
    settings = MeasureJudgeSettings(part=part, replicates=100, level=0.95)
    access = Access({}, folder / "verdicts")
    found = measure_judge(list(answers(domains)), settings, 5, access, lambda _: None).validation
    path = folder / "validation.json"
    path.write_text(json.dumps(found | {"probes": probes() if probed else None}), encoding="utf-8")
    return Document(path.as_posix(), json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Return a judge measured in two domains, each too small for figures, and probed."""
    return document(tmp_path_factory.mktemp("several"), ["law", "sport/1~2"], probed=True)


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Return a judge measured in one domain, and not probed."""
    return document(tmp_path_factory.mktemp("single"), ["law"], probed=False)


def section_of(*documents: Document) -> Section:
    numbers = Numbers()
    found = judge_section(documents, numbers)
    assert found is not None
    return found, numbers


def texts(rows: Sequence[Sequence[tuple[str, str]]], columns: int) -> list[list[str]]:
    return [[text for _, text in row[:columns]] for row in rows]


RULES = [
    ["", "rule: exact match", "all"],
    ["", "rule: reference contained", "all"],
    ["", "rule: token F1 of half", "all"],
]


def test_all_domains_come_first_then_each_then_the_rules(several: Document) -> None:
    rows = section_of(several)[0].agreement.rows
    domains = [[NAME, "people", "all"], ["", "", "law"], ["", "", "sport/1~2"]]
    assert texts(rows, 3) == [*domains, *RULES]


def test_a_single_domain_is_shown_once(single: Document) -> None:
    rows = section_of(single)[0].agreement.rows
    assert texts(rows, 3) == [[NAME, "people", "law"], *RULES]


def test_every_row_has_a_cell_under_every_head(several: Document) -> None:
    section, _ = section_of(several)
    assert section.probes is not None
    for table in (section.agreement, section.probes):
        assert {len(row) for row in table.rows} == {len(table.heads)}


def followed(path: str, pointer: str) -> Any:
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    for token in pointer.split("/")[1:]:
        found = found[token.replace("~1", "/").replace("~0", "~")]
    return found


def test_every_number_stands_where_its_pointer_says(several: Document) -> None:
    _, numbers = section_of(several)
    listed = numbers.document()["numbers"]
    assert len(listed) > 60
    for number in listed:
        found = followed(number["file"], number["pointer"])
        entry = found if isinstance(found, dict) else {"value": found}
        shown = (number["value"], number["low"], number["high"])
        assert shown == (entry["value"], entry.get("low"), entry.get("high")), number["id"]


def test_the_cells_of_a_row_are_those_of_its_domain_and_its_heads(several: Document) -> None:
    section, numbers = section_of(several)
    content = several.content
    sources = [
        *[content["agreement"][name] for name in ("*", "law", "sport/1~2")],
        *content["rules"].values(),
    ]
    for row, source in zip(section.agreement.rows, sources, strict=True):
        for (kind, name), key in zip(row[3:], AGREEMENT, strict=True):
            entry = source[key] if isinstance(source[key], dict) else {"value": source[key]}
            assert kind == "num"
            assert numbers[name].value == entry["value"]
    assert section.agreement.heads[3:] == (
        "answers", "kappa", "AC1", "sensitivity", "specificity", "agreement",
    )  # fmt: skip


def test_a_figure_that_nobody_claims_says_why(several: Document) -> None:
    _, numbers = section_of(several)
    # Two domains share some forty-five measured answers, so one of them is small.
    missing = numbers[f"judges/{NAME}/law/kappa"]
    assert missing.printed == NOT_DEFINED
    assert "fewer than 30" in (missing.undefined or "")


def test_probes_are_listed_with_what_they_flip(several: Document) -> None:
    section, numbers = section_of(several)
    found = several.content["probes"]
    assert section.probes is not None
    rows = {row[1][1]: row for row in section.probes.rows}
    assert list(rows)[: len(found["probes"])] == [key.replace("_", " ") for key in found["probes"]]
    assert {f"attack: {family.replace('_', ' ')}" for family in found["families"]} <= set(rows)

    def values(label: str) -> list[float | None]:
        return [numbers[name].value for kind, name in rows[label][2:] if kind == "num"]

    hedged = found["probes"]["hedged"]["flips"]
    assert values("hedged") == [hedged["trials"], hedged["value"]]
    swapped = found["swapped_gold"]
    label = "references of another question, still called right"
    assert values(label) == [swapped["trials"], swapped["value"]]
    for label, entry in (
        ("all attacks", found["all_attacks"]),
        ("the worst attack", found["worst"]),
    ):
        attack, beyond = entry["attack"], entry["beyond"]
        assert values(label) == [attack["trials"], attack["value"], beyond["value"]]


def test_a_judge_that_calls_nothing_wrong_has_no_worst_attack(several: Document) -> None:
    content = several.content | {"probes": several.content["probes"] | {"worst": None}}
    section, _ = section_of(Document(several.path, content))
    assert section.probes is not None
    assert "the worst attack" not in [row[1][1] for row in section.probes.rows]


def test_without_probes_there_is_no_table_of_them(single: Document) -> None:
    assert section_of(single)[0].probes is None


def test_without_judges_there_is_no_section() -> None:
    assert judge_section([], Numbers()) is None


@pytest.mark.parametrize("kind", ["several", "single"])
def test_the_page_prints_no_digit_without_an_id(
    kind: str, request: pytest.FixtureRequest, made_up: Any
) -> None:
    judges = (request.getfixturevalue(kind),)
    evidence = Evidence(measures=(), accounts=(), overlap=None, published=(), judges=judges)
    page, numbers = render_page(evidence, made_up.settings([]))
    assert "The judges" in page
    assert ("What flips verdicts" in page) == (kind == "several")
    assert page.count("data-num") >= len(numbers)
