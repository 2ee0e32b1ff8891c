"""Names and texts from data and settings are shown letter by letter, whatever they hold."""

import pytest

from calibrant.reporting.document import Document
from calibrant.reporting.evidence import Evidence
from calibrant.reporting.page import render_page

# No slash: it is also the name of a file.
HOSTILE = (
    "<script>alert(7)<!-- <img src=x onerror=alert(8)> \"'> &amp; &#53; {{ 7*7 }} {% raw %} "
    "{# 9 #} </span><b>½ <span data-num='a'>"
).replace("/", "∕")  # noqa: RUF001
CLOSING = HOSTILE.replace("∕", "/")  # noqa: RUF001


@pytest.fixture(scope="module")
def hostile_evidence(made_up):
    answers = [(0.9, True), (0.4, False), (None, None), (0.7, False)]
    recorded = [(0.9, True), (0.4, True), (0.5, False), (0.7, False)]
    rows = made_up.measures(
        "plain", "plain", answers, recorded=recorded, grades=(0.0, 1.0), unread=CLOSING,
        ungraded=CLOSING,
    ).content  # fmt: skip
    rows = {**rows, "method": HOSTILE, "dataset": HOSTILE}
    account = {
        "rows_in": 5, "rows_kept": 3, "kept": {"split": {"test": 3}, "verdict": {CLOSING: 1}},
        "dropped": {CLOSING: 2}, "repaired": {CLOSING: 1},
    }  # fmt: skip
    cell = {"training": CLOSING, "evaluation": CLOSING, "training_rows": 1, "evaluation_rows": 1,
            "exact": 0, "shingle": 0}  # fmt: skip
    published = {"method": CLOSING, "measure": "ece", "published": 0.1, "ours": 0.1,
                 "difference": 0.0}  # fmt: skip
    return Evidence(
        measures=(Document("m.json", rows),),
        accounts=(Document(f"accounts/{HOSTILE}.json", account),),
        overlap=Document(
            "overlap.json", {"cells": [cell], "dropped_by_dataset": {CLOSING: 0}}
        ),
        published=(Document(f"published/{HOSTILE}.json", {"cells": [published]}),),
    )  # fmt: skip


@pytest.fixture(scope="module")
def read(hostile_evidence, made_up, read_page):
    card = made_up.card(
        HOSTILE, title=CLOSING, domain=CLOSING, licence=CLOSING, origin=CLOSING, notes=CLOSING,
        faults=[CLOSING],
    )  # fmt: skip
    settings = made_up.settings(
        [card], title=CLOSING, description=CLOSING, methods={CLOSING: CLOSING}
    )
    page, numbers = render_page(hostile_evidence, settings)
    assert "<script" not in page
    assert "<b>" not in page
    return read_page(page), numbers


def test_hostile_text_adds_no_element_and_no_attribute(read):
    found, _ = read
    assert not {"script", "b"} & {tag for tag, _ in found.elements}
    allowed = {"src", "alt", "href", "class", "data-num", "data-quoted", "title", "lang", "charset",
               "name", "content"}  # fmt: skip
    assert {name for _, attributes in found.elements for name in attributes} <= allowed
    images = [attributes["src"] for tag, attributes in found.elements if tag == "img"]
    assert len(images) == 2 * 2
    assert all(image.startswith("data:image/svg+xml;base64,") for image in images)


def test_hostile_text_is_shown_as_it_is(read):
    found, _ = read
    quoted = [text for _, text in found.with_attribute("data-quoted")]
    spaced = CLOSING.replace("_", " ")
    for text in (
        HOSTILE, CLOSING, f"{HOSTILE} on {HOSTILE}", spaced, f"dropped: {CLOSING}",
        f"repaired: {CLOSING}", f"verdict {CLOSING}",
    ):  # fmt: skip
        assert text in quoted
    assert quoted.count(CLOSING) >= 10
    assert "49" not in found.text
    [title] = [text for tag, _, text in found.texts if tag == "title"]
    assert title == CLOSING


def test_hostile_ids_are_printed_and_found(read):
    found, numbers = read
    listed = {number["id"]: number["printed"] for number in numbers.document()["numbers"]}
    assert dict(found.with_attribute("data-num")) == listed
    assert f"data/{HOSTILE}/dropped/{CLOSING}" in listed
    assert f"{HOSTILE}/17/{HOSTILE}/unread/grade/{CLOSING}" in listed
