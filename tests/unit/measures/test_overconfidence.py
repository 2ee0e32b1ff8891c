"""Over- and under-confidence as the two halves of ECE."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrant.measures.bin_sums import Binning
from calibrant.measures.calibration import ece, ece_equal_mass
from calibrant.measures.overconfidence import over_confidence, under_confidence
from calibrant.measures.sample import scored_sample
from calibrant.measures.scores import gap
from calibrant.measures.weighting import tie_groups, unweighted

Value = Callable[..., float]


def test_worked_by_hand(value_of: Value) -> None:
    # Bins of width .1: (.2) is right, so .8 under; the tie .9 is half right, so 2 x .4 over.
    sure, right = [0.2, 0.9, 0.9], [1, 1, 0]
    assert value_of(over_confidence, sure, right) == pytest.approx(0.8 / 3)
    assert value_of(under_confidence, sure, right) == pytest.approx(0.8 / 3)
    assert value_of(partial(over_confidence, bins=1), sure, right) == 0
    assert value_of(over_confidence, [0.7], [0]) == pytest.approx(0.7)
    assert value_of(under_confidence, [0.7], [0]) == 0


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.sampled_from([0.0, 0.3, 0.7, 1.0]), st.floats(0, 1)), st.integers(0, 1)
        ),
        min_size=1,
        max_size=40,
    ),
    bins=st.integers(2, 15),
)
def test_the_halves_add_up_to_ece_and_differ_by_the_gap(
    rows: list[tuple[float, int]], bins: int
) -> None:
    weighted = unweighted(tie_groups(scored_sample([r[0] for r in rows], [r[1] for r in rows])))
    for binning, whole in ((Binning.EQUAL_WIDTH, ece), (Binning.EQUAL_MASS, ece_equal_mass)):
        over = over_confidence(weighted, bins, binning)[0]
        under = under_confidence(weighted, bins, binning)[0]
        assert over + under == pytest.approx(whole(weighted, bins)[0], abs=1e-14)
        assert over - under == pytest.approx(gap(weighted)[0], abs=1e-14)
        assert min(over, under) >= 0


@pytest.mark.parametrize("binning", list(Binning))
def test_certainty_that_is_always_wrong_or_always_denied(binning: Binning, value_of: Value) -> None:
    over = partial(over_confidence, binning=binning)
    under = partial(under_confidence, binning=binning)
    assert (value_of(over, [1, 1], [0, 0]), value_of(under, [1, 1], [0, 0])) == (1, 0)
    assert (value_of(over, [0, 0], [1, 1]), value_of(under, [0, 0], [1, 1])) == (0, 1)
