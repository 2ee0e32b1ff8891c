"""Curves of training are read line by line, whatever a line lacks."""

import pytest

from calibrant.errors import CalibrantError
from calibrant.reporting.curves import finite, numbers_by_round, read_curve


def write(tmp_path, text, name="seed17.curve.jsonl"):
    path = tmp_path / "train/rlcr" / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_lines_are_found_by_kind_with_their_place(tmp_path):
    text = '{"kind": "train", "round": 1}\n{"kind": "validation"}\n{"kind": "train", "round": 2}\n'
    curve = read_curve(write(tmp_path, text))
    assert (curve.method, curve.seed) == ("rlcr", 17)
    assert [(at, line["round"]) for at, line in curve.of_kind("train")] == [(0, 1), (2, 2)]
    assert curve.of_kind("end") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"kind": "train"}\n{"kind": \n', "seed17.curve.jsonl, line 2: not valid JSON"),
        ("{}\n\n{}\n", "line 2: not valid JSON"),
        ("[1]\n", "line 1: is not a JSON object"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path, text, said):
    with pytest.raises(CalibrantError, match=said):
        read_curve(write(tmp_path, text))


def test_a_file_of_another_name_is_refused(tmp_path):
    with pytest.raises(CalibrantError, match=r"is not named seedN\.curve\.jsonl"):
        read_curve(write(tmp_path, "", name="curve.jsonl"))


def test_a_file_that_is_gone_is_named(tmp_path):
    with pytest.raises(CalibrantError, match="cannot read"):
        read_curve(tmp_path / "seed1.curve.jsonl")


@pytest.mark.parametrize("value", [None, True, "7", float("nan"), float("inf"), [1], {}])
def test_what_is_no_number_is_none(value):
    assert finite({"x": value}, "x") is None
    assert finite({}, "x") is None
    assert finite({"x": 0}, "x") == 0


def test_numbers_by_round_leave_out_what_is_no_number():
    lines = [
        {"kind": "train", "round": 1, "reward": 0.5, "kl": None, "note": "x"},
        {"kind": "train", "reward": 0.6},
        {"kind": "validation", "round": 4, "reward": 1},
        {"kind": "end", "round": 4, "seconds": 3},
        {"round": 5, "reward": 1},
    ]
    assert list(numbers_by_round(lines)) == [("train/reward", 1, 0.5), ("validation/reward", 4, 1)]
