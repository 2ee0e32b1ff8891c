"""Only licences that are known to let anybody publish rows again do so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.data.catalog import load_catalog
from calibrant.release.licences import address, refusal

OPEN = ("MIT", "Apache-2.0", "CC BY 4.0", "CC-BY-SA-3.0", "cc by-nc 4.0", "CC0-1.0", "ODC-By-1.0")
FULL_NAMES = (
    "MIT License", "Apache License 2.0", "Apache License Version 2.0", "BSD 3-Clause License", "CC0",
    "CC0 1.0 Universal", "ODC-BY", "CC BY 4.0 International", "CC BY-SA 3.0 Unported License",
)  # fmt: skip
READ_PAST = ("MIT (dataset card)", "MIT (RLCR)", "Apache-2.0 (Big-Math)")
CATALOG = ("MIT (dataset card)", "MIT (RLCR), Apache-2.0 (Big-Math)")


@pytest.mark.parametrize("licence", [*OPEN, *FULL_NAMES, *CATALOG])
def test_an_open_licence_allows_rows(licence: str) -> None:
    assert refusal(licence) is None


@pytest.mark.parametrize(
    ("licence", "why"),
    [
        ("", "no licence is stated"),
        (" , ", "no licence is stated"),
        ("(see the home page)", "not known to allow it"),
        ("CC BY-ND 4.0", "forbids to publish changed copies"),
        ("CC BY-NC-ND 4.0", "forbids to publish changed copies"),
        ("research only", "not known to allow it"),
        ("CC BY", "not known to allow it"),
        ("MIT, research only", "'research only' is not known to allow it"),
        ("CC BY-NC-ND 4.0 International License", "forbids to publish changed copies"),
        ("International", "not known to allow it"),
        ("Apache License", "not known to allow it"),
        ("MIT License only for research", "not known to allow it"),
    ],
)
def test_another_licence_does_not(licence: str, why: str) -> None:
    assert why in str(refusal(licence))


@pytest.mark.parametrize(
    "licence",
    [
        "MIT (code; data CC BY-NC-ND 4.0)",
        "MIT (annotations only, texts may not be redistributed)",
        "MIT, (all rights reserved)",
        "MIT (all rights reserved)",
        "CC BY 4.0 (dataset card)",
        "Apache-2.0 (RLCR), MIT (Big-Math)",
        "MIT (dataset card) (code only)",
        "MIT; data on request",
    ],
)
def test_a_remark_that_may_close_a_licence_is_not_read_past(licence: str) -> None:
    assert "not known to allow it" in str(refusal(licence))


@given(st.sampled_from([*OPEN, *FULL_NAMES]), st.text(min_size=1))
def test_no_text_in_brackets_is_read_past_but_that_of_the_catalog(name: str, remark: str) -> None:
    licence = f"{name} ({remark})"
    assert licence in READ_PAST or refusal(licence) is not None


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
    assert address("CC0") == address("CC0 1.0 Universal") == address("CC0-1.0")
    assert address("MIT (dataset card)") == "https://spdx.org/licenses/MIT"
    assert address("MIT (code only)") is None
    assert address("MIT, Apache-2.0") is None
    assert address("other") is None
