"""The map of hedges: whole, without contradictions, and the same in both directions."""

import copy
from itertools import pairwise

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.wording.hedges import (
    HEDGES_FILE,
    build_map,
    confidence_of,
    hedge_for,
    hedge_map,
)

STYLES = ["plain", "clinical", "legal", "casual"]
GRID = [k / 100 for k in range(101)]


def test_the_styles_are_those_promised() -> None:
    assert list(hedge_map()) == STYLES


@pytest.mark.parametrize("style", STYLES)
def test_a_style_covers_all_confidences_once(style) -> None:
    hedges = hedge_map()[style]
    assert len(hedges) >= 10
    assert hedges[0].low == 0 and hedges[-1].high == 1
    for first, second in pairwise(hedges):
        assert first.high == second.low
        assert first.point < second.point
    assert all(h.high - h.low <= 0.1 + 1e-9 and h.low <= h.point <= h.high for h in hedges)
    assert len({h.words for h in hedges}) == len(hedges)


@pytest.mark.parametrize("style", STYLES)
def test_number_to_hedge_to_number_on_a_grid(style) -> None:
    read = [confidence_of(f"{hedge_for(c, style).words} it rains.") for c in GRID]
    assert all(abs(c - r) <= 0.05 + 1e-9 for c, r in zip(GRID, read, strict=True))
    assert read == sorted(read)


@given(st.floats(0, 1), st.sampled_from(STYLES))
def test_number_to_hedge_to_number_anywhere(confidence, style) -> None:
    hedge = hedge_for(confidence, style)
    assert hedge.low <= confidence <= hedge.high
    assert abs(confidence_of(hedge.words) - confidence) <= 0.05 + 1e-9


@pytest.mark.parametrize("style", STYLES)
def test_hedge_to_number_to_hedge(style) -> None:
    for hedge in hedge_map()[style]:
        assert confidence_of(hedge.words) == hedge.point
        assert hedge_for(hedge.point, style) == hedge


def test_ends_are_covered() -> None:
    assert hedge_for(0).words == "It is almost impossible that"
    assert hedge_for(1).words == "It is almost certain that"


def test_the_reader_reads_openings_only() -> None:
    assert confidence_of("  it is likely that it rains") == 0.875
    assert confidence_of("I\u2019m confident that it rains") == 0.875
    assert confidence_of("It is likely thatch burns") is None
    assert confidence_of("Bob says it is likely that it rains") is None
    assert confidence_of("") is None


@pytest.mark.parametrize(
    ("confidence", "style", "said"),
    [(-0.01, "plain", "0, 1"), (float("nan"), "plain", "0, 1"), (0.5, "leagl", "legal")],
)
def test_what_has_no_hedge_is_refused(confidence, style, said) -> None:
    with pytest.raises(CalibrantError) as error:
        hedge_for(confidence, style)
    assert said in str(error.value)


def edited(**changes):
    document = yaml.safe_load(HEDGES_FILE.read_text(encoding="utf-8"))
    for key, change in changes.items():
        change(document[key])
    return document


@pytest.mark.parametrize(
    "document",
    [
        edited(bands=lambda bands: bands.pop(3)),
        edited(bands=lambda bands: bands.pop()),
        edited(bands=lambda bands: bands[4].__setitem__(2, 0.5)),
        edited(bands=lambda bands: bands[4].__setitem__(2, 0.28)),
        edited(styles=lambda styles: styles["plain"].pop()),
        edited(styles=lambda styles: styles["plain"].__setitem__(2, styles["plain"][9])),
        edited(styles=lambda styles: styles["legal"].__setitem__(2, styles["plain"][9])),
    ],
)
def test_a_map_with_a_gap_or_a_contradiction_is_refused(document) -> None:
    with pytest.raises(CalibrantError):
        build_map(copy.deepcopy(document))
