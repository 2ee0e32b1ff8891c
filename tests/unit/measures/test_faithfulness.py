"""Faithfulness of stated confidences: tables worked by hand, and properties."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.measures.faithful_sample import faithful_responses, response_faithfulness
from calibrant.measures.faithfulness import (
    cmfg,
    cmfg_published,
    cmfg_star,
    empty_bins,
    mfg,
    support_width,
)
from calibrant.measures.faithfulness_figures import faithfulness_figures
from calibrant.measures.published_cmfg_star import published_cmfg_star
from calibrant.measures.sample import ScoredSample
from calibrant.measures.weighting import tie_groups, unweighted, weigh_rows


def taken(measure, intrinsic, faithful, weights=None) -> float:
    n = len(intrinsic)
    sample = ScoredSample(np.asarray(intrinsic, float), np.asarray(faithful, float), np.arange(n))
    row = np.ones(n) if weights is None else np.asarray(weights, float)
    return float(measure(weigh_rows(tie_groups(sample), row[None, :]))[0])


@pytest.mark.parametrize(
    ("stated", "intrinsic", "expected"),
    [
        ([0.7], [0.7], 1),
        ([1], [0], 0),
        ([0], [1], 0),
        ([0.9, 0.5], [0.7, 0.6], 0.85),
        ([0.2, 0.4, 1.0], [0.5, 0.4, 0.4], 0.7),
    ],
)
def test_response_faithfulness_by_hand(stated, intrinsic, expected) -> None:
    assert response_faithfulness(stated, intrinsic) == pytest.approx(expected)


@pytest.mark.parametrize("stated", [[], [0.5, 0.5], [1.5], [math.nan]])
def test_response_faithfulness_refuses_what_it_cannot_take(stated) -> None:
    with pytest.raises(CalibrantError):
        response_faithfulness(stated, [0.5] if stated else [])


# Intrinsic, F, then MFG, cMFG, cMFG as published, empty bins.
EQUAL_WIDTH = [
    # One item.
    ([0.45], [0.8], 0.8, 0.8, 0.08, 9),
    # c = 0 lies in the first bin.
    ([0.0], [0.6], 0.6, 0.6, 0.06, 9),
    # c = 1 lies in the last bin; as published, in none.
    ([1.0], [0.6], 0.6, 0.6, 0.0, 9),
    ([0.95, 1.0], [0.5, 0.9], 0.7, 0.7, 0.05, 9),
    # An edge belongs to the bin above it: 0.1 and 0.15 share one.
    ([0.1, 0.15, 0.05], [0.2, 0.4, 0.9], 0.5, 0.6, 0.12, 8),
    # Bins count the same, however full: (0.4 + 1.0) / 2.
    ([0.25, 0.25, 0.25, 0.75], [0.4, 0.4, 0.4, 1.0], 0.55, 0.7, 0.14, 8),
    # Every bin holds one: mended and published agree.
    ([k / 10 + 0.05 for k in range(10)], [k / 10 for k in range(10)], 0.45, 0.45, 0.45, 0),
]


@pytest.mark.parametrize("row", EQUAL_WIDTH)
def test_mfg_and_cmfg_by_hand(row) -> None:
    intrinsic, faithful, plain, binned, old, empty = row
    assert taken(mfg, intrinsic, faithful) == pytest.approx(plain)
    assert taken(cmfg, intrinsic, faithful) == pytest.approx(binned)
    assert taken(cmfg_published, intrinsic, faithful) == pytest.approx(old)
    assert taken(empty_bins, intrinsic, faithful) == empty


# Intrinsic, F, cMFG*, W.
EQUAL_COUNT = [
    # One item, and all ties: no width, so the plain mean.
    ([0.3], [0.9], 0.9, 0),
    ([0.3, 0.3, 0.3], [0.9, 0.6, 0.0], 0.5, 0),
    # Two: edges 0, 0.5, 1, so half each.
    ([0.0, 1.0], [0.2, 0.8], 0.5, 1),
    # Three: edges 0, 0.1, 0.6, 1; widths 0.1, 0.5, 0.4.
    ([0.0, 0.2, 1.0], [1.0, 0.4, 0.5], 0.1 + 0.2 + 0.2, 1),
    # Two ties of three and one of a single: means 0.3, 0.6; edges 0.2, 0.5, 0.8.
    ([0.2, 0.2, 0.2, 0.8], [0.1, 0.3, 0.5, 0.6], 0.45, 0.6),
    # A narrow support is not punished, and W says so: edges 0.5, 0.505, 0.51.
    ([0.5, 0.51], [1.0, 1.0], 1.0, 0.01),
]


@pytest.mark.parametrize(("intrinsic", "faithful", "value", "width"), EQUAL_COUNT)
def test_cmfg_star_by_hand(intrinsic, faithful, value, width) -> None:
    assert taken(cmfg_star, intrinsic, faithful) == pytest.approx(value)
    assert taken(support_width, intrinsic, faithful) == pytest.approx(width)


def test_twenty_distinct_confidences_make_ten_bins_of_two() -> None:
    # Bins {0, .05}, {.1, .15}, ...; widths .075, eight of .1, .075; F is the number of the bin.
    intrinsic = [k / 20 for k in range(20)]
    faithful = [k // 2 / 10 for k in range(20)]
    expected = (0.075 * (0 + 0.9) + 0.1 * sum(k / 10 for k in range(1, 9))) / 0.95
    assert taken(cmfg_star, intrinsic, faithful) == pytest.approx(expected)
    assert published_cmfg_star(faithful, intrinsic).value == pytest.approx(expected)


def test_published_variance_by_hand() -> None:
    # Eleven rows: a bin of two, then nine of one, which take its variance, 0.02.
    intrinsic = [0.0, 0.1, *[0.2 + 0.1 * k for k in range(9)]]
    faithful = [0.4, 0.6, *[0.5] * 9]
    figure = published_cmfg_star(faithful, intrinsic)
    widths = [0.15, *[0.1] * 8, 0.05]
    expected = widths[0] ** 2 * 0.02 / 2 + sum(w**2 * 0.02 for w in widths[1:])
    assert figure.value == pytest.approx(0.5)
    assert figure.variance == pytest.approx(expected)
    assert figure.support == pytest.approx(1)


def test_published_cmfg_star_without_width_or_spread() -> None:
    flat = published_cmfg_star([0.2, 0.8], [0.5, 0.5])
    assert (flat.value, flat.variance, flat.support) == (0.5, None, 0)
    assert published_cmfg_star([0.2, 0.8], [0.5, 0.6]).variance is None
    with pytest.raises(ValueError, match="at least one"):
        published_cmfg_star([], [])


def test_the_order_of_ties_changes_the_published_form_only() -> None:
    intrinsic = [0.0] * 10 + [1.0] * 10 + [0.5]
    faithful = [0.1, 0.9] * 10 + [0.5]
    turned = [*reversed(faithful[:20]), 0.5]
    old = published_cmfg_star(faithful, intrinsic).value
    assert old != pytest.approx(published_cmfg_star(turned, intrinsic).value)
    assert taken(cmfg_star, intrinsic, faithful) == taken(cmfg_star, intrinsic, turned)


ROWS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 10)), min_size=1, max_size=30)


@given(ROWS, st.randoms(use_true_random=False))
def test_order_and_whole_multiples_of_weights_change_nothing(rows, source) -> None:
    shuffled = source.sample(rows, len(rows))
    for measure in (mfg, cmfg, cmfg_star, support_width, cmfg_published):
        value = taken(measure, [c / 20 for c, _ in rows], [f / 10 for _, f in rows])
        other = [c / 20 for c, _ in shuffled], [f / 10 for _, f in shuffled]
        assert taken(measure, *other) == pytest.approx(value, abs=1e-12)
        assert taken(measure, *other, [3] * len(rows)) == pytest.approx(value, abs=1e-12)
        assert 0 <= value <= 1 + 1e-12


@given(ROWS, st.data())
def test_a_weight_is_a_number_of_copies(rows, data) -> None:
    counts = data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows)))
    copies = [row for row, count in zip(rows, counts, strict=True) for _ in range(count)]
    for measure in (mfg, cmfg, cmfg_star, cmfg_published, support_width):
        value = taken(measure, [c / 20 for c, _ in rows], [f / 10 for _, f in rows], counts)
        if not copies:
            assert math.isnan(value)
        else:
            again = taken(measure, [c / 20 for c, _ in copies], [f / 10 for _, f in copies])
            assert value == pytest.approx(again, abs=1e-12)


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_without_ties_and_in_tens_the_mended_form_is_the_published_one(tens, seed) -> None:
    source = np.random.default_rng(seed)
    intrinsic = source.permutation(1000)[: 10 * tens] / 1000
    faithful = source.random(10 * tens)
    mine = taken(cmfg_star, intrinsic, faithful)
    assert mine == pytest.approx(published_cmfg_star(faithful, intrinsic).value)


@given(ROWS)
def test_perfectly_faithful_is_one_everywhere(rows) -> None:
    own = [c / 20 for c, _ in rows]
    groups = tie_groups(faithful_responses(own, own, list(range(len(own)))).sample())
    for measure in (mfg, cmfg, cmfg_star):
        assert measure(unweighted(groups))[0] == pytest.approx(1)


def test_sentences_are_put_together_by_response() -> None:
    items = faithful_responses(
        [0.9, 0.5, 0.2, math.nan, 1.0],
        [0.7, 0.6, 0.2, 0.5, 0.5],
        ["q1", "q1", "q2", "q2", "q2"],
        ["a", "a", "b", "c", "c"],
    )
    assert items.faithful == pytest.approx([0.85, 1.0])
    assert items.intrinsic == pytest.approx([0.65, 0.2])
    assert items.cluster.tolist() == [0, 1]
    assert items.left_out == 1


def test_a_mean_on_an_edge_lies_in_the_bin_above_it() -> None:
    # (0.1 + 0.2 + 0.3 + 0.6) / 4 and (0.2 + 0.4) / 2 are 0.3, whatever their last bits.
    items = faithful_responses(
        [0.0] * 6, [0.1, 0.2, 0.3, 0.6, 0.2, 0.4], ["q"] * 6, [0, 0, 0, 0, 1, 1]
    )
    assert items.intrinsic.tolist() == [0.3, 0.3]


def test_a_response_to_two_questions_is_refused() -> None:
    with pytest.raises(CalibrantError, match="two questions"):
        faithful_responses([0.5, 0.5], [0.5, 0.5], ["q1", "q2"], ["a", "a"])
    with pytest.raises(CalibrantError, match="intrinsic"):
        faithful_responses([0.5], [1.5], ["q1"])


def test_figures_are_plain_and_repeat() -> None:
    source = np.random.default_rng(3)
    own = source.integers(0, 21, 60) / 20
    said = np.clip(own + source.normal(0, 0.1, 60), 0, 1)
    asked = np.repeat(np.arange(20), 3)
    figures = faithfulness_figures(said, own, asked, published=True, replicates=200)
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert figures == faithfulness_figures(said, own, asked, published=True, replicates=200)
    assert (figures["responses"], figures["questions"], figures["left_out"]) == (60, 20, 0)
    assert figures["mfg"]["value"] == pytest.approx(1 - np.abs(said - own).mean())
    for name in ("mfg", "cmfg", "cmfg_star"):
        figure = figures[name]
        assert figure["undefined"] is None
        assert figure["low"] < figure["value"] < figure["high"]
    star = figures["cmfg_star_published"]
    assert star["low"] < star["value"] < star["high"]


def test_the_interval_grows_when_answers_to_a_question_are_alike() -> None:
    source = np.random.default_rng(4)
    faithful = np.repeat(source.random(30), 5)
    own = np.full(150, 1.0)
    whole = faithfulness_figures(faithful, own, np.repeat(np.arange(30), 5), replicates=300)
    single = faithfulness_figures(faithful, own, np.arange(150), replicates=300)

    def length(figures) -> float:
        return figures["mfg"]["high"] - figures["mfg"]["low"]

    # Five equal answers are worth one: the interval is sqrt(5) = 2.2 times as long.
    assert length(whole) / length(single) == pytest.approx(5**0.5, rel=0.2)


def test_figures_say_why_something_is_absent() -> None:
    nothing = faithfulness_figures([math.nan], [0.5], ["q"], published=True)
    assert nothing["left_out"] == 1 and nothing["empty_bins"] is None
    names = ("mfg", "cmfg", "cmfg_star", "support_width", "cmfg_published", "cmfg_star_published")
    for name in names:
        assert nothing[name]["value"] is None and nothing[name]["undefined"]
    one = faithfulness_figures([0.5, 0.7], [0.5, 0.7], ["q", "q"], published=True)
    for name in names:
        assert one[name]["value"] is not None
        assert one[name]["low"] is None and one[name]["undefined"]
