"""Only licences that are known to let anybody publish rows again do so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.data.catalog import load_catalog
from calibrant.release.licences import address, refusal

OPEN = ("MIT", "Apache-2.0", "CC BY 4.0", "CC-BY-SA-3.0", "cc by-nc 4.0", "CC0-1.0", "ODC-By-1.0")


@pytest.mark.parametrize(
    "licence", [*OPEN, "MIT (dataset card)", "MIT (RLCR), Apache-2.0 (Big-Math)"]
)
def test_an_open_licence_allows_rows(licence: str) -> None:
    assert refusal(licence) is None


@pytest.mark.parametrize(
    ("licence", "why"),
    [
        ("", "no licence is stated"),
        ("(see the home page)", "no licence is stated"),
        ("CC BY-ND 4.0", "forbids to publish changed copies"),
        ("CC BY-NC-ND 4.0", "forbids to publish changed copies"),
        ("research only", "not known to allow it"),
        ("CC BY", "not known to allow it"),
        ("MIT, research only", "'research only' is not known to allow it"),
    ],
)
def test_another_licence_does_not(licence: str, why: str) -> None:
    assert why in str(refusal(licence))


@given(st.lists(st.sampled_from(OPEN), max_size=3), st.sampled_from(["CC BY-ND 4.0", "other"]))
def test_one_closed_licence_among_open_ones_is_enough(others: list[str], closed: str) -> None:
    for place in range(len(others) + 1):
        names = [*others[:place], closed, *others[place:]]
        assert refusal(", ".join(names)) == refusal(closed)


def test_every_dataset_of_the_catalog_may_be_released() -> None:
    refused = {name: refusal(entry.licence) for name, entry in load_catalog().items()}
    assert {name: why for name, why in refused.items() if why} == {}


def test_a_licence_of_one_name_has_the_address_of_its_text() -> None:
    assert address("CC BY-SA 4.0") == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert address("mit") == "https://spdx.org/licenses/MIT"
    assert address("MIT, Apache-2.0") is None
    assert address("other") is None
