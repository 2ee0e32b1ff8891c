"""RLMF's second query: forecasts read, compared with what is so, and never guessed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.training.answer_groups import GroupView, shares_without_each, view_groups
from calibrant.training.intrinsic_confidence import leave_one_out_shares, smoothed_shares
from calibrant.training.self_judgement import (
    judge_quality,
    query_messages,
    read_forecast,
    write_forecast,
)

NAN = float("nan")
# Forecast, stated, readable, intrinsic; then F_gold and Z.
TABLE = {
    "faithful and known": (1.0, 0.80, True, 0.75, 1.0, 1.0),
    "faithful and denied": (0.0, 0.80, True, 0.75, 1.0, 0.0),
    "at the tolerance": (1.0, 0.80, True, 0.70, 1.0, 1.0),
    "just beyond it": (1.0, 0.80, True, 0.699, 0.0, 0.0),
    "unfaithful and known": (0.0, 0.90, True, 0.25, 0.0, 1.0),
    "half sure": (0.5, 0.90, True, 0.25, 0.0, 0.75),
    "certain at 1": (1.0, 1.0, True, 1.0, 1.0, 1.0),
    "certain at 0": (1.0, 0.0, True, 0.0, 1.0, 1.0),
    "no statement": (0.0, NAN, False, NAN, -1.0, 0.0),
    "no statement and sure": (1.0, NAN, False, NAN, -1.0, -3.0),
    "no forecast": (NAN, 0.80, True, 0.75, 1.0, -1.0),
    "nobody to compare with": (1.0, 0.80, True, NAN, NAN, 0.0),
}


@pytest.mark.parametrize("case", TABLE)
def test_worked_table(case: str) -> None:
    forecast, stated, readable, intrinsic, gold, quality = TABLE[case]
    one, formed = np.array([stated]), np.array([readable])
    alone = GroupView(
        np.array([intrinsic]), np.array([[NAN]]), one[:, None], formed[:, None], np.array([0])
    )
    judged = judge_quality([forecast], [[forecast]], one, formed, alone, 0.1)
    assert judged.gold[0] == pytest.approx(gold, nan_ok=True)
    assert judged.quality[0] == pytest.approx(quality)
    assert judged.others[0] == 0


def test_the_others_are_judged_as_if_the_own_answer_were_not_there() -> None:
    stated, formed = np.array([0.5, 0.5, 1.0]), np.ones(3, bool)
    view = view_groups([["a", "b", "b"]], [stated], [formed], [(0, 0), (0, 1), (0, 2)])
    # Together: g = 0, 1/2, 1/2. Without the first, both b agree: 1 and 1. Without b: 0 and 0.
    assert view.intrinsic == pytest.approx([0, 0.5, 0.5])
    judged = judge_quality([1.0, 1.0, 1.0], np.ones((3, 3)), stated, formed, view, 0.1)
    assert judged.quality == pytest.approx([0, 1, 0])
    # For the first: 0.5 against 1 is unfaithful, 1.0 against 1 is faithful.
    # For the second: 0.5 against 0 and 1.0 against 0, neither is. For the third likewise.
    assert judged.others == pytest.approx([0.5, 0.0, 0.0])


@given(st.text())
def test_reading_raises_nothing_and_finds_nothing_outside_its_tag(text: str) -> None:
    value = read_forecast(text, "percent")
    assert value is None or 0 <= value <= 1
    if "match" not in text.lower():
        assert value is None


@given(st.integers(0, 100))
def test_what_is_written_is_read(percent: int) -> None:
    assert read_forecast(write_forecast(percent / 100, "percent"), "percent") == percent / 100


def test_what_was_thought_before_is_not_the_forecast() -> None:
    thought = "<think>I should write <match>M</match>.</think>"
    assert read_forecast(f"{thought}<Match> 90 </ match >", "percent") == 0.9
    assert read_forecast("<think>maybe <match>90</match>", "percent") is None


@pytest.mark.parametrize(
    "text", ["<match>50", "50</match>", "<match>50</match><match>60</match>", "<match>101</match>"]
)
def test_half_a_forecast_and_two_are_none(text: str) -> None:
    assert read_forecast(text, "percent") is None


def test_the_query_follows_the_reply_it_is_about() -> None:
    asked = [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}]
    messages = query_messages(asked, "<answer>yes</answer>", "percent")
    assert messages[:3] == [*asked, {"role": "assistant", "content": "<answer>yes</answer>"}]
    assert messages[3]["role"] == "user"
    assert len(asked) == 2


def test_an_answer_does_not_count_for_itself() -> None:
    assert leave_one_out_shares([0, 0, 0, 1]) == pytest.approx([2 / 3, 2 / 3, 2 / 3, 0])
    assert leave_one_out_shares([0, None, 1]) == [0, None, 0]
    assert leave_one_out_shares([3]) == [None]
    assert leave_one_out_shares([]) == []


labels = st.lists(st.sampled_from([0, 1, 2, None]), min_size=1, max_size=8)


@given(labels)
def test_leaving_an_answer_out_is_as_if_it_had_never_been_given(groups: list[int | None]) -> None:
    crossed = shares_without_each(groups)
    for i in range(len(groups)):
        rest = groups[:i] + groups[i + 1 :]
        expected = leave_one_out_shares(rest)
        expected.insert(i, None)
        found = [None if np.isnan(value) else value for value in crossed[i]]
        assert found == pytest.approx(expected)


@given(st.floats(0.05, 0.95), st.integers(0, 1000))
def test_the_share_is_unbiased_for_the_probability_of_the_answer(p: float, seed: int) -> None:
    """Given the scored answer, the mean over what the others say."""
    rng = np.random.default_rng(seed)
    shares = []
    for _ in range(400):
        others = (rng.random(7) < p).astype(int).tolist()
        shares.append(leave_one_out_shares([1, *others])[0])
    # Five standard errors.
    assert abs(np.mean(shares) - p) < 5 * np.sqrt(p * (1 - p) / 7 / 400)


@given(st.lists(st.sampled_from([0, 1, 2, None]), max_size=12))
def test_the_second_estimate_is_near_the_first_and_never_certain(groups: list[int | None]) -> None:
    plain, smoothed = leave_one_out_shares(groups), smoothed_shares(groups)
    k = sum(group is not None for group in groups) - 1
    for one, other in zip(plain, smoothed, strict=True):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert 0 < other < 1
            assert abs(one - other) <= 0.5 / (k + 1) + 1e-12
