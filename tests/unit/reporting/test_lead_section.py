"""The report begins with the gap between what was trained on and what was not."""

from collections.abc import Sequence
from typing import Any

import pytest

from calibrant.reporting.evidence import Evidence
from calibrant.reporting.lead_section import lead_section
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.page import render_page

MEASURES = ("accuracy", "brier", "gap", "smooth_ece", "debiased_ece")


def figure(value: float | None, low: float | None = None, high: float | None = None):
    return {"value": value, "low": low, "high": high, "undefined": None if low else "too few"}


def row(method: str, held_out: str, value: float | None, low: float | None, high: float | None):
    sides = {"in_domain": figure(0.05), "held_out": figure(None if value is None else 0.05 + value)}
    measured = {name: {**sides, "difference": figure(value, low, high)} for name in MEASURES}
    return {"method": method, "in_domain": "sky", "held_out": held_out, "seeds": 3, **measured}


def average(part: str, held_out: list[str], like: dict[str, Any]):
    return {**like, "part": part, "in_domain": [like["in_domain"]], "held_out": held_out}


def transfer(made_up, *rows: dict[str, Any], averages: Sequence[dict[str, Any]] = ()):
    content = {
        "schema": "calibrant-transfer/2", "rows": list(rows), "averages": list(averages),
        "settings": {"level": 0.95},
    }  # fmt: skip
    return made_up.document("comparisons/transfer.json", content)


def said(section, numbers: Numbers) -> str:
    parts = [numbers[text].printed if kind == "num" else text for kind, text in section.sentence]
    return "".join(parts).replace("\xa0", " ")


WORSE = row("rlcr", "truthfulqa_mc1", 0.2, 0.1, 0.3)
SAME = row("rlcr", "gsm8k", 0.01, -0.02, 0.04)
BETTER = row("rlcr", "law", -0.1, -0.2, -0.05)
UNKNOWN = row("rlcr", "law", 0.3, None, None)
START = row("start", "law", 0.4, 0.3, 0.5)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([WORSE, SAME], "Calibration did not transfer for rlcr from sky to truthfulqa_mc1: "
         "+0.200 [+0.100, +0.300]. Elsewhere no loss is shown."),
        ([WORSE], "Calibration did not transfer for rlcr from sky to truthfulqa_mc1: "
         "+0.200 [+0.100, +0.300]."),
        ([SAME, BETTER], "Nowhere is calibration shown to be worse on questions not trained on."),
        ([UNKNOWN], "Whether calibration transferred cannot be said: no difference has an interval."),
    ],
)  # fmt: skip
def test_the_sentence_says_what_the_intervals_say(made_up, rows, text) -> None:
    numbers = Numbers()
    assert said(lead_section(transfer(made_up, *rows), {"rlcr"}, numbers), numbers) == text


def test_the_table_is_of_trained_methods_and_names_every_dataset(made_up) -> None:
    numbers = Numbers()
    found = lead_section(transfer(made_up, WORSE, START, SAME), {"rlcr"}, numbers)
    assert [[text for kind, text in cells if kind == "quoted"] for cells in found.table.rows] == [
        ["rlcr", "sky", "truthfulqa_mc1"], ["rlcr", "sky", "gsm8k"],
    ]  # fmt: skip
    assert {len(cells) for cells in found.table.rows} == {len(found.table.heads)}
    printed = [numbers[text].printed for kind, text in found.table.rows[0] if kind == "num"]
    assert [text.replace("\xa0", " ") for text in printed] == [
        "3", "0.050", "0.250", "+0.200 [+0.100, +0.300]",
    ]  # fmt: skip


def test_averages_are_of_every_method_and_name_what_they_are_of(made_up) -> None:
    numbers = Numbers()
    averages = [
        average("sealed", ["law", "medicine"], START), average("others", ["gsm8k"], WORSE),
    ]  # fmt: skip
    found = lead_section(transfer(made_up, WORSE, averages=averages), {"rlcr"}, numbers).averages
    assert [[text for kind, text in cells if kind == "quoted"] for cells in found.rows] == [
        ["start", "sky", "held out: law, medicine"], ["rlcr", "sky", "not trained on: gsm8k"],
    ]  # fmt: skip
    assert {len(cells) for cells in found.rows} == {len(found.heads)}
    printed = [numbers[text].printed for kind, text in found.rows[0] if kind == "num"]
    assert [text.replace("\xa0", " ") for text in printed] == [
        "3", "0.050", "0.450", "+0.400 [+0.300, +0.500]",
    ]  # fmt: skip
    assert "transfer-average/start/sealed/debiased_ece" in numbers


def test_without_a_trained_method_there_is_no_such_section(made_up) -> None:
    assert lead_section(transfer(made_up, START), {"rlcr"}, Numbers()) is None
    assert lead_section(None, {"rlcr"}, Numbers()) is None


@pytest.fixture
def page_text(made_up, read_page):
    """Return a page on which RLCR answered a dataset, and its text."""

    def render(answers: Sequence[tuple[float | None, bool | None]]):
        lines = [{"kind": "end", "reason": "finished", "rounds": 1, "rollouts": 8, "best_round": 1,
                  "seconds": 1.5}]  # fmt: skip
        evidence = Evidence(
            measures=(made_up.measures("rlcr", "sky", answers),),
            accounts=(), overlap=None, published=(), curves=(made_up.curve("rlcr", 17, lines),),
            transfer=transfer(made_up, WORSE, START, averages=[average("sealed", ["law"], START)]),
        )  # fmt: skip
        page = read_page(render_page(evidence, made_up.settings([]))[0])
        return page, " ".join(page.text.split())

    return render


def test_the_page_begins_with_it(page_text) -> None:
    page, text = page_text([(0.7, True), (0.4, False)] * 5)
    heads = [text for tag, _, text in page.texts if tag == "h2"]
    assert heads[:2] == ["Does calibration hold where nothing was trained?", "What was found"]
    assert "of the graded answers (10 of 10)" in text
    assert "fewer than nine in ten" not in text


def test_it_names_whose_calibration_rests_on_too_few_answers(page_text) -> None:
    _, text = page_text([(0.7, True), (0.4, False)] * 4 + [(0.4, None), (None, True)])
    assert "fewer than nine in ten, with at least one seed, of rlcr on sky (8 of 10)." in text
    assert "of the graded answers (9 of 10)" in text
