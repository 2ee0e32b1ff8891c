"""Measuring a judge: fitted on one half, measured on the other, and refused below its floor."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibrant.errors import CalibrantError
from calibrant.files import canonical_json
from calibrant.judging.case import Case
from calibrant.judging.error_model import ErrorModel
from calibrant.judging.floor import JudgeBelowFloorError
from calibrant.judging.measure_judge import Access, Measured, item_of, measure_judge
from calibrant.judging.opening import open_judge
from calibrant.judging.panel_model import PanelModel
from calibrant.judging.probe_results import ProbeResults
from calibrant.judging.settings import JudgeFloor, PanelSettings, Probing
from calibrant.judging.store import VerdictStore
from calibrant.rows import Judgement
from calibrant.stage_settings.judging import JudgePart, MeasureJudgeSettings

SEED = 5
NAMES = ("Ada", "Boris", "Carmen", "Dmitri", "Edith", "Farid", "Greta", "Hugo")
WORDINGS = ("{}", "It was {}.", "I believe that {} won")


def row(number: int, wording: str, right: bool, domain: str) -> Judgement:
    name = f"{NAMES[number % 8]} Torvik{number}"
    told = wording.format(name if right else f"{NAMES[(number + 3) % 8]} Lund{number}")
    return Judgement(
        f"people/{number}-{wording}", "people", domain, f"Who won race {number}?", (name,), told,
        "system", "human", right,
    )  # fmt: skip


def verdicts(questions: int = 100, small: int = 0) -> list[Judgement]:
    """Return three answers to each question, of two domains, the second one ``small``."""
    generator = np.random.default_rng(1)
    return [
        row(number, wording, bool(generator.random() < 0.5), "law" if number < small else "sport")
        for number in range(questions)
        for wording in WORDINGS
    ]


def measured(rows: list[Judgement], store: Path, said: list[str] | None = None, **judge: Any):
    settings = PanelSettings(kind="panel", verdicts="people", **judge)
    part = JudgePart(name="panel", judge=settings, members={}, models=[])
    asked = MeasureJudgeSettings(part=part, replicates=100, level=0.9)
    return measure_judge(
        rows, asked, SEED, Access({}, store), [].append if said is None else said.append
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("verdicts")


@pytest.fixture(scope="module")
def found(folder: Path) -> Measured:
    return measured(verdicts(small=15), folder)


def test_all_answers_to_a_question_are_in_one_half(found: Measured, folder: Path) -> None:
    rows = verdicts(small=15)
    judged = {record.question for record in VerdictStore(folder).all()}
    of_them = [item for item in rows if item.question in judged]
    # Only the measuring half was judged, with every answer to its questions.
    assert found.validation["measured_on"] == len(of_them)
    assert found.validation["fitted_on"] == len(rows) - len(of_them)
    assert 0.3 < len(of_them) / len(rows) < 0.7


def test_no_verdict_of_the_measuring_half_reaches_the_fit(
    found: Measured, folder: Path, tmp_path: Path
) -> None:
    judged = {record.question for record in VerdictStore(folder).all()}
    turned = [
        replace(item, verdict=not item.verdict) if item.question in judged else item
        for item in verdicts(small=15)
    ]
    other = measured(turned, tmp_path, floor=None)
    assert other.judge == found.judge
    kappas = [each.validation["agreement"]["*"]["kappa"]["value"] for each in (found, other)]
    assert kappas[0] > 0.8
    assert kappas[1] < -0.5


def test_the_judge_that_is_described_is_the_one_that_was_measured(
    found: Measured, folder: Path
) -> None:
    settings = PanelSettings(kind="panel", verdicts="people")
    part = JudgePart(name="panel", judge=settings, members={}, models=[])
    judge = open_judge(part, {}, VerdictStore(folder), found.judge)
    assert judge.identity == found.judge["identity"]
    assert PanelModel.from_json(found.judge["panel"]).identity == judge.identity
    with pytest.raises(CalibrantError, match="not the one that was measured"):
        open_judge(part, {}, VerdictStore(folder), found.judge | {"identity": "other"})


def test_a_verdict_is_stored_once_and_a_second_run_asks_for_none(
    found: Measured, folder: Path
) -> None:
    before = VerdictStore(folder).stats()
    assert before.records == found.validation["measured_on"]
    again = measured(verdicts(small=15), folder)
    assert again == found
    assert VerdictStore(folder).stats().records == before.records


def test_the_errors_are_those_of_the_table_of_verdicts(found: Measured) -> None:
    table = found.validation["agreement"]["*"]["confusion"]
    sensitivity = table["true_positive"] / (table["true_positive"] + table["false_negative"])
    read = ErrorModel.from_json(found.validation["errors"])
    assert read.to_json() == found.validation["errors"]
    assert read.source.model_dump() == {
        "judge": "panel", "prompt_version": "panel()", "dataset": "people",
    }  # fmt: skip
    assert read.for_domain("sport").sensitivity.value == pytest.approx(sensitivity, abs=0.1)
    assert read.domains["*"].sensitivity.value == pytest.approx(sensitivity)
    # Ten questions or so are too few for errors of their own.
    assert read.for_domain("law").measured_in == "*"
    assert read.correct([True], ["law"])[0] >= 1


def test_what_was_found_is_json_without_infinities(found: Measured) -> None:
    assert canonical_json(found.validation)
    assert set(found.validation["agreement"]) == {"*", "law", "sport"}
    assert set(found.validation["rules"]) == {
        "exact match", "reference contained", "token F1 of half",
    }  # fmt: skip


def test_a_figure_that_is_missing_says_why_where_the_report_looks(found: Measured) -> None:
    law = found.validation["agreement"]["law"]["kappa"]
    assert law["value"] is None
    assert "fewer than 30" in law["undefined"]
    assert found.validation["agreement"]["*"]["kappa"]["undefined"] is None


def test_the_rules_of_plain_strings_are_measured_on_the_same_answers(found: Measured) -> None:
    rules = found.validation["rules"]
    assert {rule["rows"] for rule in rules.values()} == {found.validation["measured_on"]}
    # Every right answer holds the reference and no wrong one does.
    assert rules["reference contained"]["kappa"]["value"] == 1
    # One wording in three is the bare name.
    assert rules["exact match"]["sensitivity"]["value"] == pytest.approx(1 / 3, abs=0.12)
    assert rules["exact match"]["specificity"]["value"] == 1


def test_a_judge_below_its_floor_is_refused_with_a_table(tmp_path: Path) -> None:
    generator = np.random.default_rng(2)
    rows = [replace(item, verdict=bool(generator.random() < 0.5)) for item in verdicts()]
    with pytest.raises(JudgeBelowFloorError, match="judge panel on people") as caught:
        measured(rows, tmp_path)
    assert "kappa over all domains" in str(caught.value).splitlines()[0]
    assert caught.value.table.splitlines()[0].split()[:3] == ["domain", "n", "kappa"]
    assert caught.value.table in str(caught.value)
    # Without a floor it is measured, whatever it is worth.
    found = measured(rows, tmp_path, floor=None).validation
    assert found["floor"] is None
    assert abs(found["agreement"]["*"]["kappa"]["value"]) < 0.3


def test_a_judge_above_its_floor_shows_the_table_too(found: Measured) -> None:
    assert "floor: kappa 0.2" in found.validation["floor"]


def test_a_floor_that_is_out_of_reach_is_named(tmp_path: Path) -> None:
    with pytest.raises(JudgeBelowFloorError, match=r"below 0\.999"):
        measured(verdicts(), tmp_path, floor=JudgeFloor(kappa=0.999))


@pytest.mark.parametrize(("limit", "expected"), [(250, 249), (299, 297), (5000, 300)])
def test_a_limit_keeps_whole_groups(tmp_path: Path, limit: int, expected: int) -> None:
    found = measured(verdicts(), tmp_path, limit=limit, floor=None).validation
    assert found["fitted_on"] + found["measured_on"] == expected
    judged = Counter(map(item_of, stored_rows(tmp_path)))
    assert set(judged.values()) == {3}


def stored_rows(store: Path) -> list[Judgement]:
    """Return what was judged, as rows."""
    return [
        Judgement("", "people", "", record.question, record.references, record.answer, "", "human")
        for record in VerdictStore(store).all()
    ]


def test_answers_without_a_verdict_are_left_out_and_counted(
    found: Measured, tmp_path: Path
) -> None:
    rows = verdicts(small=15)
    undecided = [replace(item, answer=f"{item.answer}?", verdict=None) for item in rows[:7]]
    said: list[str] = []
    other = measured([*undecided, *rows], tmp_path, said)
    assert said[0] == "leaving out 7 answers without a verdict"
    assert other == found


def test_stated_confidence_is_not_shown(tmp_path: Path) -> None:
    rows = [replace(item, answer=f"{item.answer} Confidence: 97%") for item in verdicts()]
    measured(rows, tmp_path)
    shown = [item.answer for item in stored_rows(tmp_path)]
    assert shown
    assert not any("onfidence" in answer or "%" in answer for answer in shown)


def test_too_few_questions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrantError, match="too few to fit a panel on"):
        measured(verdicts(questions=40), tmp_path)


def test_probes_are_tried_when_asked_for(found: Measured, tmp_path: Path) -> None:
    assert found.validation["probes"] is None
    probed = measured(verdicts(), tmp_path, probes=Probing(cases=20, cases_per_attack=1))
    results = ProbeResults.from_json(probed.validation["probes"])
    assert results.judge == probed.judge["identity"]
    assert results.cases == 20
    assert results.level == 0.9
    assert results.seed == SEED
    assert 0 < results.called_correct < 20
    assert results.all_attacks.attack.trials == len(results.attacks)
    assert results.swapped_gold.trials == results.called_correct


def test_fitted_on_swapped_references_a_panel_looks_at_them(tmp_path: Path) -> None:
    # People called right what is hedged; most of it names the reference, and some does not.
    generator = np.random.default_rng(3)
    rows = []
    for item in verdicts(200):
        told = (
            item.references[0] if generator.random() < (0.7 if item.verdict else 0.1) else "Greta"
        )
        wording = "Perhaps {}" if item.verdict else "It was {}"
        rows.append(replace(item, answer=wording.format(told)))
    hedged = [item for item in rows if item.verdict and item.references[0] in item.answer]
    own = [Case(item.question, item.references, item.answer) for item in hedged]
    swapped = [replace(case, references=("Hugo Torvik0",)) for case in own]
    said = {}
    for setting in (0.0, 0.5):
        found = measured(rows, tmp_path / str(setting), floor=None, swapped=setting)
        panel = PanelModel.from_json(found.judge["panel"])
        said[setting] = [
            float(np.mean(panel.probability(cases) >= panel.threshold)) for cases in (own, swapped)
        ]
    assert said[0.0] == [1.0, 1.0]
    assert said[0.5][0] > 0.95
    assert said[0.5][1] < 0.05


def test_the_panel_that_is_described_looks_at_every_part_where_the_study_says_so(
    found: Measured, tmp_path: Path
) -> None:
    careful = measured(verdicts(small=15), tmp_path, every_part=True)
    assert careful.judge["panel"] == found.judge["panel"] | {"every_part": True}
    assert careful.judge["identity"] != found.judge["identity"]
