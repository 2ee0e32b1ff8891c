"""Forecasts of one's own faithfulness on the page."""

import pytest

from calibrant.measures.forecast_rows import Forecast
from calibrant.measures.self_judged_figures import measure_self_judgement
from calibrant.reporting.evidence import Evidence
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.page import render_page
from calibrant.reporting.self_judged_section import self_judged_section
from calibrant.stage_settings.self_judgement import SelfJudgedSettings

SETTINGS = SelfJudgedSettings(tolerance=0.1, bins=5, replicates=100, level=0.95)
HOSTILE = "<b>½ 7 & \"'> {{ 7*7 }}"


@pytest.fixture
def document(made_up):
    def make(method="again", seed=17, said=0.8, unread=10):
        rows = [
            Forecast(f"sky/{at}", "weather", method, seed, "", None if at < unread else said,
                     0.5, 0.5 if at % 4 else 0.0)
            for at in range(40)
        ]  # fmt: skip
        content = measure_self_judgement(rows, SETTINGS, 3)
        return made_up.document(f"measures/{method}/{seed}.json", content)

    return make


def shown(table, numbers):
    return [
        [numbers[text].printed.replace("\xa0", " ") if kind == "num" else text
         for kind, text in row]
        for row in table.rows
    ]  # fmt: skip


def test_forecasts_stand_above_the_best_constant_and_the_noise_floor(document):
    numbers = Numbers()
    section = self_judged_section([document()], numbers)
    forecasts, constant, floor = shown(section.table, numbers)
    assert {len(row) for row in section.table.rows} == {len(section.table.heads)}
    assert forecasts[0] == "again on weather"
    assert forecasts[1].startswith("25.0% [") and forecasts[2] == "30"
    # 23 of the 30 with a forecast are faithful, and 30 of all 40.
    assert forecasts[3].startswith("0.800 [") and forecasts[4].startswith("0.750 [")
    assert constant[:4] == ["best constant", "", "", f"{23 / 30:.3f}"]
    assert constant[4] == "" and constant[7] == "0.500"
    assert floor[0] == "noise floor" and [at for at, text in enumerate(floor) if text] == [0, 6]
    assert "again/17/weather/self_judgement/brier" in numbers
    assert numbers["again/17/weather/self_judgement/unread"].pointer == "/unread"


def test_several_seeds_are_one_row_with_their_range(document):
    numbers = Numbers()
    section = self_judged_section([document(seed=17), document(seed=18, said=0.6)], numbers)
    assert section.several and len(section.figures) == 1
    assert shown(section.table, numbers)[0][3] == "0.700 (0.600 to 0.800)"


def test_nothing_read_has_a_row_and_no_diagram(document):
    numbers = Numbers()
    section = self_judged_section([document(unread=40)], numbers)
    row = shown(section.table, numbers)[0]
    assert row[1].startswith("100.0%") and row[2] == "0" and row[5] == "not defined"
    assert section.figures == []


def test_nobody_asked_is_no_section():
    assert self_judged_section([], Numbers()) is None


def test_the_page_draws_them_and_prints_no_digit_of_its_own(made_up, document):
    answers = [(0.8, at % 3 > 0) for at in range(30)]
    evidence = Evidence(
        measures=(made_up.measures("base", "weather", answers),),
        accounts=(), overlap=None, published=(),
        self_judged=(document(), document(method=HOSTILE)),
    )  # fmt: skip
    page, _ = render_page(evidence, made_up.settings([made_up.card("weather")]))
    assert page.count('alt="Reliability diagram of the forecasts') == 2
    assert 'data-num="again/17/weather/self_judgement/auroc"' in page
    assert "Does it know how faithful it is?" in page and "<b>½" not in page
    bare, _ = render_page(
        Evidence(evidence.measures, (), None, ()), made_up.settings([made_up.card("weather")])
    )
    assert "how faithful it is" not in bare
