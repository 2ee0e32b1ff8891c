"""No set of attempts can pass a cap together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.engines.server_budget import Budget
from calibrant.engines.server_settings import Server
from calibrant.errors import CalibrantError


def budget(**settings: Any) -> Budget:
    prices = {"price_per_million_input": 3.0, "price_per_million_output": 15.0}
    address = "http://127.0.0.1:8000/v1"
    return Budget(Server(address=address, model="made-up", **prices | settings))


def test_the_price_is_that_of_tokens_read_and_written() -> None:
    assert budget().cost(1_000_000, 0) == 3
    assert budget().cost(2000, 100) == pytest.approx(0.006 + 0.0015)


def test_room_is_made_when_an_attempt_cost_less_than_it_could() -> None:
    one = budget(max_cost=10.0)
    assert one.reserve(6.0)
    assert not one.reserve(6.0)
    one.settle(6.0, 1.0)
    assert one.reserve(6.0)
    assert one.spent == 1


def test_no_room_and_nothing_under_way_is_an_error_with_spent_and_cap() -> None:
    one = budget(max_cost=10.0)
    assert one.reserve(6.0)
    one.settle(6.0, 5.5)
    with pytest.raises(CalibrantError, match=r"5\.5 was spent, the cap max_cost is 10.* cost 6"):
        one.reserve(6.0)
    assert one.reserve(4.5)


def test_attempts_are_counted_and_capped() -> None:
    one = budget(max_requests=2)
    assert one.reserve(0.0) and one.reserve(0.0)
    with pytest.raises(CalibrantError, match="2 attempts were made, the cap max_requests is 2"):
        one.reserve(0.0)
    assert one.attempts == 2


def test_without_caps_there_is_always_room() -> None:
    one = budget()
    assert all(one.reserve(1e9) for _ in range(100))


@given(st.lists(st.tuples(st.floats(0.01, 3), st.floats(0, 1), st.booleans()), max_size=60))
def test_what_is_spent_never_passes_the_cap(steps: list[tuple[float, float, bool]]) -> None:
    """Attempts start and end in any order; each costs a share of the most it can."""
    one = budget(max_cost=10.0)
    under_way: list[tuple[float, float]] = []
    for most, share, ends in steps:
        if ends and under_way:
            one.settle(*under_way.pop(0))
            continue
        try:
            if one.reserve(most):
                under_way.append((most, most * share))
        except CalibrantError:
            assert not under_way and one.spent + most > 10
    for pair in under_way:
        one.settle(*pair)
    assert one.spent <= 10 + 1e-9
    # Nothing stays reserved.
    if one.spent < 9.9:
        assert one.reserve(9.9 - one.spent)
