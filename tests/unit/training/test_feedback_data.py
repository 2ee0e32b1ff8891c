"""Choosing questions by how the model rates itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.training.feedback_data import FeedbackData, choose_feedback_data

RATINGS = {
    "a": 0.9, "b": 0.1, "c": 0.5, "d": None, "e": 0.4, "f": 1.0, "g": 0.0, "h": 0.6, "i": None,
}  # fmt: skip
FAITHFUL = {
    "a": 0.2, "b": 0.9, "c": 0.3, "d": 0.1, "e": 1.0, "f": 0.25, "g": 0.8, "h": 0.4, "i": None,
}  # fmt: skip


def test_sets_by_hand() -> None:
    data = choose_feedback_data(RATINGS, FAITHFUL, per_end=2, seed=1)
    assert data.lowest == ("b", "g")
    assert data.highest == ("a", "f")
    assert data.metacognitive == ("a", "b", "f", "g")
    # The least faithful is d, which has no rating and is in no set.
    assert data.active == ("a", "c", "f", "h")
    assert data.unread == ("d", "i")
    assert data.unknown == ()
    assert len(data.random) == 4 and set(data.random) <= set("abcefgh")


def test_an_unread_rating_is_never_among_the_lowest() -> None:
    data = choose_feedback_data({**RATINGS, "0": None}, {**FAITHFUL, "0": 0.0}, per_end=3, seed=1)
    assert data.unread == ("0", "d", "i")
    assert not set(data.unread) & {*data.metacognitive, *data.random, *data.active}


def test_without_a_known_faithfulness_a_question_is_in_no_set() -> None:
    data = choose_feedback_data(RATINGS, {**FAITHFUL, "g": None}, per_end=2, seed=1)
    assert data.unknown == ("g",)
    # Its rating of 0 would have been the lowest.
    assert data.lowest == ("b", "e")
    assert "g" not in {*data.random, *data.active}


IDS = st.text("abcdef", min_size=1, max_size=3)
ALL = st.dictionaries(IDS, st.sampled_from([None, 0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=40)


@given(ALL, st.integers(1, 6), st.integers(0, 99), st.randoms(use_true_random=False))
def test_sets_are_equal_in_size_and_repeat(ratings, per_end, seed, source) -> None:
    gold = {name: source.choice([None, 0.0, 0.5, 0.75, 1.0]) for name in ratings}
    pool = {name for name in ratings if ratings[name] is not None and gold[name] is not None}
    if len(pool) < 2 * per_end:
        with pytest.raises(CalibrantError, match="rating"):
            choose_feedback_data(ratings, gold, per_end, seed)
        return
    data = choose_feedback_data(ratings, gold, per_end, seed)
    turned = [dict(source.sample(list(one.items()), len(one))) for one in (ratings, gold)]
    assert choose_feedback_data(*turned, per_end, seed) == data
    assert len(data.lowest) == len(data.highest) == per_end
    assert not set(data.lowest) & set(data.highest)
    for chosen in (data.metacognitive, data.random, data.active):
        assert len(set(chosen)) == len(chosen) == 2 * per_end
        assert set(chosen) <= pool
    for lower, values in ((data.lowest, ratings), (data.active, gold)):
        rest = pool - set(lower)
        assert max(values[n] for n in lower) <= min((values[n] for n in rest), default=1)
    rest = pool - set(data.highest)
    assert min(ratings[n] for n in data.highest) >= max(ratings[n] for n in rest)
    assert len(data.unread) + len(data.unknown) + len(pool) == len(ratings)


def test_the_seed_decides_among_equal_values() -> None:
    ratings = {f"q{n}": 0.5 for n in range(30)}
    made = [choose_feedback_data(ratings, ratings, 5, seed) for seed in range(8)]
    for name in ("lowest", "random", "active"):
        assert len({getattr(data, name) for data in made}) == 8


def test_the_random_set_is_drawn_evenly() -> None:
    ratings = {f"q{n}": n / 9 for n in range(10)}
    times = dict.fromkeys(ratings, 0)
    for seed in range(1000):
        for name in choose_feedback_data(ratings, ratings, 1, seed).random:
            times[name] += 1
    # 200 expected of each; four standard deviations are 51.
    assert all(149 <= count <= 251 for count in times.values())


@pytest.mark.parametrize("value", [85, -0.02, float("nan")])
def test_a_value_out_of_range_is_refused(value) -> None:
    good = {"a": 0.5, "b": 0.5}
    with pytest.raises(CalibrantError, match="not a rating"):
        choose_feedback_data({"a": value, "b": 0.5}, good, 1, 0)
    with pytest.raises(CalibrantError, match="not a faithfulness"):
        choose_feedback_data(good, {"a": value, "b": 0.5}, 1, 0)


def test_nothing_to_choose_and_other_questions_are_refused() -> None:
    good = {"a": 0.5, "b": 0.5}
    with pytest.raises(CalibrantError, match="needed"):
        choose_feedback_data(good, good, 0, 0)
    with pytest.raises(CalibrantError, match="the same questions"):
        choose_feedback_data(good, {"a": 0.5, "c": 0.5}, 1, 0)


@pytest.mark.parametrize(
    "change",
    [{"random": ("a",)}, {"active": ("a", "a")}, {"lowest": ("a", "c")}, {"highest": ("a",)}],
    ids=str,
)
def test_sets_of_unequal_size_cannot_be_made(change) -> None:
    sound = {"lowest": ("a",), "highest": ("b",), "random": ("a", "c"), "active": ("b", "c"),
             "unread": (), "unknown": ()}  # fmt: skip
    assert FeedbackData(**sound).metacognitive == ("a", "b")
    with pytest.raises(ValueError, match="equal size"):
        FeedbackData(**sound | change)
