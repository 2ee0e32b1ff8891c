"""The laboratory: how far stated confidences are from known probabilities."""

import pytest

from calibrant.reporting.lab_section import lab_section, median_line
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.seed_groups import seed_groups

TRUE = [0.7] * 20 + [0.2] * 10


def answers(sure):
    return [(sure, index % 2 == 0) for index in range(30)]


@pytest.fixture(scope="module")
def cards(made_up):
    names = {"weather": False, "law": True}
    return {name: made_up.card(name, held_out=held) for name, held in names.items()}


@pytest.fixture(scope="module")
def measures(made_up):
    def lab(method, dataset, sure, seed=17):
        return made_up.measures(method, dataset, answers(sure), true=TRUE, seed=seed)

    return [
        lab("base", "weather", 0.9),
        lab("base", "law", 0.9),
        *[lab("rlcr", "weather", sure, seed) for seed, sure in ((17, 0.6), (18, 0.7), (19, 0.5))],
        lab("rlcr", "law", 0.6, 17),
        # Not one answer of this seed could be graded, so nothing is known of it.
        made_up.measures("rlcr", "law", [(0.5, None)] * 30, seed=18),
        made_up.measures("rlcr", "sums", answers(0.5)),
    ]


@pytest.fixture(scope="module")
def section(measures, cards):
    numbers = Numbers()
    return lab_section(seed_groups(measures), cards, numbers), numbers


def shown(section):
    found, numbers = section
    return [[numbers[text].printed.replace("\xa0", " ") if kind == "num" else text
             for kind, text in row] for row in found.table.rows]  # fmt: skip


def test_rows_go_by_dataset_then_method_and_name_a_dataset_once(section):
    assert [row[:4] for row in shown(section)] == [
        ["weather", "no", "base", "1"],
        ["", "", "rlcr", "3"],
        ["law", "yes", "base", "1"],
        ["", "", "rlcr", "2"],
    ]


def test_the_figures_are_medians_over_seeds_with_their_range(section):
    rows = shown(section)
    # Stated 0.6, 0.7 and 0.5: |0.6 - 0.7| twenty times and |0.6 - 0.2| ten times, and so on.
    assert rows[1][4:] == [
        "0.200 (0.167 to 0.233)",
        "+0.067 (-0.033 to +0.167)",
        "-0.100 (-0.200 to +0.000)",
        "0.533",
    ]
    assert rows[0][4].startswith("0.367 [")
    assert rows[0][7].startswith("0.533 [")


def test_a_seed_without_a_graded_answer_is_counted_as_missing(section):
    assert shown(section)[3][4] == "0.200 (0.200 to 0.200; 1 of 2 seeds)"


def test_lines_are_medians_per_bin(section):
    lines = section[0].lines
    assert list(lines) == ["weather", "law"]
    assert list(lines["weather"]) == ["base", "rlcr"]
    assert lines["weather"]["rlcr"] == [pytest.approx((0.2, 0.6)), pytest.approx((0.7, 0.6))]


def test_bins_of_few_answers_are_left_out():
    def entry(n, true, stated):
        return {"n": n, "true": true, "stated": stated}

    curves = [
        [entry(5, 0.1, 0.2), entry(4, 0.5, 0.9), entry(0, None, None)],
        [entry(9, 0.3, 0.6), entry(6, 0.4, 0.1), entry(0, None, None)],
    ]
    assert median_line(curves) == [pytest.approx((0.2, 0.4)), (0.4, 0.1)]


def test_with_single_seeds_there_is_no_column_of_seeds(measures, cards):
    found = lab_section(seed_groups(measures[:2]), cards, Numbers())
    assert "seeds" not in found.table.heads
    assert len(found.table.heads) == len(found.table.rows[0]) == 7


def test_without_known_probabilities_there_is_no_section(measures, cards):
    assert lab_section(seed_groups(measures[-1:]), cards, Numbers()) is None
    assert lab_section([], cards, Numbers()) is None
