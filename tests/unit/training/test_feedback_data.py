"""Choosing questions by how the model rates itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.training.feedback_data import choose_feedback_data

RATINGS = {
    "a": 0.9, "b": 0.1, "c": 0.5, "d": None, "e": 0.4, "f": 1.0, "g": 0.0, "h": 0.6, "i": None,
}  # fmt: skip


def test_sets_by_hand() -> None:
    data = choose_feedback_data(RATINGS, per_end=2, seed=1)
    assert data.lowest == ("b", "g")
    assert data.highest == ("a", "f")
    assert data.metacognitive == ("a", "b", "f", "g")
    # Ranked g b e c h a f: of seven the middle four begin at the second.
    assert data.middle == ("b", "c", "e", "h")
    assert data.unread == ("d", "i")
    assert len(data.random) == 4 and set(data.random) <= set("abcefgh")


def test_an_unread_rating_is_never_among_the_lowest() -> None:
    data = choose_feedback_data({**RATINGS, "0": None}, per_end=3, seed=1)
    assert not set(data.unread) & {*data.metacognitive, *data.random, *data.middle}


IDS = st.text("abcdef", min_size=1, max_size=3)
ALL = st.dictionaries(IDS, st.sampled_from([None, 0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=40)


@given(ALL, st.integers(1, 6), st.integers(0, 99), st.randoms(use_true_random=False))
def test_sets_are_equal_in_size_and_repeat(ratings, per_end, seed, source) -> None:
    readable = {name: rating for name, rating in ratings.items() if rating is not None}
    if len(readable) < 2 * per_end:
        with pytest.raises(CalibrantError, match="rating"):
            choose_feedback_data(ratings, per_end, seed)
        return
    data = choose_feedback_data(ratings, per_end, seed)
    turned = dict(source.sample(list(ratings.items()), len(ratings)))
    assert choose_feedback_data(turned, per_end, seed) == data
    assert len(data.lowest) == len(data.highest) == per_end
    assert not set(data.lowest) & set(data.highest)
    for chosen in (data.metacognitive, data.random, data.middle):
        assert len(set(chosen)) == len(chosen) == 2 * per_end
        assert set(chosen) <= readable.keys()
    rest = readable.keys() - set(data.lowest)
    assert max(readable[n] for n in data.lowest) <= min(readable[n] for n in rest)
    rest = readable.keys() - set(data.highest)
    assert min(readable[n] for n in data.highest) >= max(readable[n] for n in rest)
    assert len(data.unread) + len(readable) == len(ratings)


def test_the_seed_decides_among_equal_ratings() -> None:
    ratings = {f"q{n}": 0.5 for n in range(30)}
    chosen = {choose_feedback_data(ratings, 5, seed).lowest for seed in range(8)}
    drawn = {choose_feedback_data(ratings, 5, seed).random for seed in range(8)}
    assert len(chosen) == len(drawn) == 8


def test_the_random_set_is_drawn_evenly() -> None:
    ratings = {f"q{n}": n / 9 for n in range(10)}
    times = dict.fromkeys(ratings, 0)
    for seed in range(1000):
        for name in choose_feedback_data(ratings, 1, seed).random:
            times[name] += 1
    # 200 expected of each; four standard deviations are 51.
    assert all(149 <= count <= 251 for count in times.values())


@pytest.mark.parametrize("rating", [85, -0.02, float("nan")])
def test_a_rating_out_of_range_is_refused(rating) -> None:
    with pytest.raises(CalibrantError, match="not a rating"):
        choose_feedback_data({"a": rating, "b": 0.5}, 1, 0)
    with pytest.raises(CalibrantError, match="needed"):
        choose_feedback_data({"a": 0.5, "b": 0.5}, 0, 0)
