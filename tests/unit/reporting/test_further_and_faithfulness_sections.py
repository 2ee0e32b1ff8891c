"""Tables of the second line of measures and of faithfulness."""

import pytest

from calibrant.reporting.faithfulness_section import faithfulness_section
from calibrant.reporting.further_section import further_section
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.seed_groups import seed_groups


def shown(table, numbers):
    return [[numbers[text].printed.replace("\xa0", " ") if kind == "num" else text
             for kind, text in row] for row in table.rows]  # fmt: skip


def test_every_method_and_dataset_has_a_row_in_each_table(made_up):
    answers = [(0.9, at % 3 > 0) for at in range(30)]
    documents = [
        made_up.measures("base", "weather", answers),
        made_up.measures("rlcr", "weather", answers, seed=17),
        made_up.measures("rlcr", "weather", [(0.7, at % 3 > 0) for at in range(30)], seed=18),
    ]
    numbers = Numbers()
    section = further_section(seed_groups(documents), numbers)
    for table in (section.calibration, section.ranking, section.cost):
        assert [row[0] for row in shown(table, numbers)] == ["base on weather", "rlcr on weather"]
        assert {len(row) for row in table.rows} == {len(table.heads)}
    # At a price of 5 all are answered, a third wrong; the median of two seeds lies between.
    costs = shown(section.cost, numbers)
    assert costs[0][1].startswith("1.667 [")
    assert costs[1][1] == "1.333 (1.000 to 1.667)"


def test_nothing_measured_is_no_section():
    assert further_section([], Numbers()) is None
    assert faithfulness_section([], Numbers()) is None


def test_faithfulness_stands_with_the_number_of_answers_and_the_published_forms(made_up):
    figure = {"value": 0.9, "low": 0.8, "high": 0.95, "undefined": None}
    figures = dict.fromkeys(
        ("mfg", "cmfg", "cmfg_star", "support_width", "cmfg_published", "cmfg_star_published"),
        figure,
    )
    content = {"method": "again", "seed": 17, "dataset": "weather", "figures": figures,
               "attainable": {
                   name: {**figure, "value": 0.95} for name in ("mfg", "cmfg", "cmfg_star")
               },
               "samples": {"fewest": 8, "most": 8}, "intrinsic_mean": 0.75}  # fmt: skip
    numbers = Numbers()
    table = faithfulness_section([made_up.document("again.json", content)], numbers)
    (row,) = shown(table, numbers)
    assert row[:3] == ["again on weather", "8", "0.750"]
    measured, attainable = "0.900 [0.800, 0.950]", "0.950 [0.800, 0.950]"
    assert row[3:] == [measured, attainable] * 3 + [measured] * 3
    assert len(row) == len(table.heads)
    assert [head for head in table.heads if head.startswith("attainable")] == [
        "attainable MFG", "attainable cMFG", "attainable cMFG*"
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["mfg", "cmfg_star"])
def test_ids_begin_with_method_seed_and_dataset(made_up, name):
    figure = {"value": 0.9, "low": None, "high": None, "undefined": "no interval"}
    names = ("mfg", "cmfg", "cmfg_star", "support_width", "cmfg_published", "cmfg_star_published")
    content = {"method": "again", "seed": 17, "dataset": "sky", "figures": dict.fromkeys(names, figure),
               "attainable": {key: {**figure, "value": None} for key in names[:3]},
               "samples": {"fewest": 8, "most": 8}, "intrinsic_mean": 0.75}  # fmt: skip
    numbers = Numbers()
    faithfulness_section([made_up.document("again.json", content)], numbers)
    assert f"again/17/sky/faithfulness/{name}" in numbers
    assert numbers[f"again/17/sky/faithfulness/attainable/{name}"].printed == "not defined"
