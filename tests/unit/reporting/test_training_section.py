"""How trainings went and ended."""

import pytest

from calibrant.reporting.numbers import Numbers
from calibrant.reporting.training_section import median_by_round, training_section


def line(at, **values):
    return {"kind": "train", "round": at, "rollouts": 100 * at, **values}


def end(rounds, seconds, **values):
    return {"kind": "end", "reason": "finished", "rounds": rounds, "rollouts": 100 * rounds,
            "best_round": rounds - 1, "seconds": seconds, **values}  # fmt: skip


@pytest.fixture(scope="module")
def curves(made_up):
    validation = {"kind": "validation", "round": 2, "rollouts": 200, "truth_distance": 0.25}
    return [
        made_up.curve("b", 18, [line(1, reward=0.1), line(2, reward=0.3), validation, end(2, 4.0)]),
        made_up.curve(
            "b", 17, [line(1, reward=0.5, accuracy=None), end(1, 3.0, reason="the format is gone")]
        ),
        made_up.curve("a", 17, [line(1, reward=0.7), {"kind": "end", "best_round": None}]),
        made_up.curve("c", 17, []),
    ]


@pytest.fixture(scope="module")
def section(curves):
    numbers = Numbers()
    return training_section(curves, numbers), numbers


def test_every_method_has_a_row_with_medians_over_seeds(section):
    found, numbers = section
    rows = [[numbers[text].printed.replace("\xa0", " ") if kind == "num" else text
             for kind, text in row] for row in found.table.rows]  # fmt: skip
    assert rows == [
        # 1000 * 4 / 200 and 1000 * 3 / 100.
        ["b", "2", "150 (100 to 200)", "1.5 (1 to 2)", "0.5 (0 to 1)", "25.0 (20.0 to 30.0)",
         "the format is gone (seed 17); finished (seed 18)"],
        ["a", "1", *["not recorded"] * 4, "not recorded"],
        ["c", "1", *["not recorded"] * 4, "not recorded"],
    ]  # fmt: skip
    assert len(found.table.heads) == 7


def test_a_number_leads_to_the_last_line_of_every_curve(section, curves):
    number = section[1]["train/b/rollouts"]
    assert (number.file, number.pointer) == (curves[1].document.path, "/1/rollouts")
    assert [(place.file, place.pointer) for place in number.others] == [
        (curves[0].document.path, "/3/rollouts")
    ]
    pace = section[1]["train/b/seconds_per_thousand"]
    assert (pace.pointer, pace.others[0].pointer) == ("/1", "/3")
    assert pace.computed == "median of 2 seeds of 1000 x seconds / rollouts"


def test_lines_are_medians_of_the_seeds_that_still_run(section):
    lines = section[0].lines
    assert list(lines) == ["train/reward", "validation/truth_distance"]
    assert lines["train/reward"] == {
        "b": [(100, pytest.approx(0.3)), (200, 0.3)],
        "a": [(100, 0.7)],
    }
    assert lines["validation/truth_distance"] == {"b": [(200, 0.25)]}


def test_lines_without_round_or_rollouts_are_left_out(made_up):
    curve = made_up.curve(
        "odd", 1,
        [{"kind": "train", "rollouts": 5, "reward": 1}, {"kind": "train", "round": 1, "reward": 1},
         {"kind": "train", "round": 1, "rollouts": 5, "reward": "much"}, line(3, reward=2)],
    )  # fmt: skip
    assert median_by_round([curve], "train", "reward") == [(300, 2)]


def test_nothing_trained_is_no_section():
    assert training_section([], Numbers()) is None
