"""The report is one file that opens offline and prints nothing that cannot be traced."""

import base64
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from calibrant.files import write_json, write_text
from calibrant.reporting.evidence import Evidence, read_evidence
from calibrant.reporting.page import render_page


@pytest.fixture(scope="module")
def rendered(evidence, settings):
    return render_page(evidence, settings)


@pytest.fixture(scope="module")
def page(rendered):
    return rendered[0]


@pytest.fixture(scope="module")
def read(page, read_page):
    return read_page(page)


def at(document, pointer):
    """Follow a JSON pointer by the rules of RFC 6901."""
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        document = document[int(key) if isinstance(document, list) else key]
    return document


def test_every_number_is_printed_exactly_as_numbers_json_has_it(rendered, read, tmp_path):
    write_json(tmp_path / "numbers.json", rendered[1].document())
    listed = json.loads((tmp_path / "numbers.json").read_text(encoding="utf-8"))["numbers"]
    printed = read.with_attribute("data-num")
    assert len(listed) > 150
    assert {name for name, _ in printed} == {number["id"] for number in listed}
    forms = {number["id"]: number["printed"] for number in listed}
    assert [(name, forms[name]) for name, _ in printed] == printed


def test_every_id_leads_to_its_value_in_the_named_file(rendered):
    for number in rendered[1].document()["numbers"]:
        content = json.loads(Path(number["file"]).read_text(encoding="utf-8"))
        found = at(content, number["pointer"])
        entry = found if isinstance(found, dict) else {"value": found}
        assert entry["value"] == number["value"]
        assert (entry.get("low"), entry.get("high")) == (number["low"], number["high"])


def test_pointing_at_a_number_shows_its_place_and_why_it_has_no_value(rendered, read):
    titles = {
        attributes["data-num"]: attributes["title"]
        for _, attributes, _ in read.texts
        if "data-num" in attributes
    }
    for number in rendered[1].document()["numbers"]:
        place = f"{number['file']}#{number['pointer']}"
        reason = number["undefined"]
        assert titles[number["id"]] == (f"{reason} ({place})" if reason else place)
    assert titles["base/17/sums/graded/ece"].startswith("no graded answer with a confidence (")
    assert titles["base/17/Sums/graded/auroc"].startswith("all answers are right")
    assert titles["base/17/single/graded/ece"].startswith("no interval from a single question (")


def test_no_text_but_numbers_names_and_figures_holds_a_digit(page):
    # An own reading with regular expressions, next to that of the check.
    body = page[page.index("<body>") :]
    body = re.sub(r"<(a|span) (class=\"num\"[^>]* data-num|data-quoted)[^>]*>[^<]*</\1>", "", body)
    assert "data-num" not in body
    assert "<span data-" not in body
    text = re.sub(r"<[^>]*>", "", body)
    assert "What was found" in text
    assert not re.search(r"\d", text)


def test_every_view_and_table_is_on_the_page(read):
    heads = [text for tag, _, text in read.texts if tag in ("h2", "h3")]
    assert [text for tag, _, text in read.texts if tag == "h2"] == [
        "What was found", "Figures", "How often there was something to measure",
        "Confidence against accuracy", "By difficulty", "Against the published figures",
        "The data", "What training and evaluation share", "Systems",
    ]  # fmt: skip
    assert "What the published labels got wrong" in heads
    assert "RLCR on transcripts, labels as published" in heads
    assert Counter(tag for tag, _ in read.elements)["img"] == 2 * 6


def test_datasets_that_differ_in_case_have_tables_of_their_own(read):
    heads = [text for tag, _, text in read.texts if tag == "h3"]
    assert "Sums" in heads[: heads.index("RLCR on sums")]
    assert "sums" in heads[: heads.index("RLCR on sums")]
    rows = [text for tag, attributes, text in read.texts if (tag, attributes) == ("tr", {})]
    assert any(row.startswith("RLCR, labels as published") for row in rows)


def test_what_is_claimed_follows_from_the_interval_of_the_gap(made_up, settings, read_page):
    sure: list[tuple[float, bool]] = [(0.9, False), (0.8, False)] * 8
    modest: list[tuple[float, bool]] = [(0.1, True), (0.2, True)] * 8
    over: list[tuple[float, bool]] = [(0.55, True), (0.55, False)] * 8
    under: list[tuple[float, bool]] = [(0.45, True), (0.45, False)] * 8
    alone = [(0.9, False)]
    answers = {"sure": sure, "modest": modest, "over": over, "under": under, "alone": alone}
    measures = tuple(made_up.measures("base", name, rows) for name, rows in answers.items())
    evidence = Evidence(measures=measures, accounts=(), overlap=None, published=())
    read = read_page(render_page(evidence, settings)[0])
    said = [text for tag, _, text in read.texts if tag == "li"]
    assert "It claims more than it knows, by +0.850" in said[0]
    assert "It knows more than it claims: -0.850" in said[1]
    # The point alone would make a claim of these two.
    assert "No difference between the two is shown: +0.050 [-" in said[2]
    assert "No difference between the two is shown: -0.050 [-" in said[3]
    assert "Whether the two differ cannot be said." in said[4]


def test_no_confidence_at_all_is_said_and_not_filled_in(read):
    printed = dict(read.with_attribute("data-num"))
    base = "base/17/sums/graded"
    for name in ("mean_confidence", "gap", "ece", "brier", "log_loss", "auroc", "aurc"):
        assert printed[f"{base}/{name}"] == "not defined"
    assert printed[f"{base}/missing_share"] == "100.0%"
    assert printed[f"{base}/accuracy"].startswith("0.500 [")


@pytest.mark.parametrize(
    ("policy", "said"), [("drop", "are left out of the measures"), ("half", "count as: half")]
)
def test_the_page_says_how_missing_confidences_count(policy, said, evidence, settings):
    single = replace(evidence, measures=evidence.measures[3:4], published=())
    changed = settings.model_copy(update={"missing_confidence": policy})
    assert said in " ".join(render_page(single, changed)[0].split())


def test_a_study_in_which_nobody_answers_still_shows_its_data(evidence, settings, read_page):
    silent = Evidence(measures=(), accounts=evidence.accounts, overlap=None, published=())
    page, numbers = render_page(silent, settings.model_copy(update={"methods": {}}))
    read = read_page(page)
    assert [text for tag, _, text in read.texts if tag == "h2"] == ["The data", "Systems"]
    assert "No system answers in this study." in read.text
    assert {name.split("/")[0] for name, _ in read.with_attribute("data-num")} == {"data"}
    assert len(numbers) > 0


def test_the_page_opens_offline(page, read):
    assert page.startswith("<!doctype html>")
    tags = Counter(tag for tag, _ in read.elements)
    assert not {"script", "link", "iframe", "object", "embed", "base", "form"} & set(tags)
    links = [attributes["href"] for _, attributes in read.elements if "href" in attributes]
    assert {link.split("#")[0] for link in links} == {"lineage.html"}
    for tag, attributes in read.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in ("srcset", "action", "data", "poster", "http-equiv", "style")
            assert name != "src" or value.startswith("data:image/svg+xml;base64,"), tag
    [style] = [text for tag, _, text in read.texts if tag == "style"]
    assert "@import" not in style
    assert "url(" not in style


def test_the_figures_in_it_open_offline(read):
    images = [attributes["src"] for tag, attributes in read.elements if tag == "img"]
    assert len(set(images)) > 6
    for image in images:
        svg = base64.b64decode(image.partition("base64,")[2]).decode()
        assert "@import" not in svg
        assert set(re.findall(r"url\(([^)]{1,2})", svg)) <= {"#p", "#m", "#h"}
        for element in ElementTree.fromstring(svg).iter():
            assert element.tag.rpartition("}")[2] not in ("script", "image", "foreignObject")
            for name, value in element.attrib.items():
                assert not name.endswith("href") or value.startswith("#")


def test_two_renderings_have_the_same_bytes(evidence, settings, rendered, tmp_path):
    again, numbers = render_page(evidence, settings)
    for name, text in (("first", rendered[0]), ("second", again)):
        write_text(tmp_path / name, text)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    assert numbers.document() == rendered[1].document()


def test_the_same_files_give_the_same_page(evidence, settings, page):
    again = read_evidence(
        measures=[Path(document.path) for document in evidence.measures],
        accounts=[Path(document.path) for document in evidence.accounts],
        overlap=[Path(evidence.overlap.path)],
        published=[Path(document.path) for document in evidence.published],
    )
    assert render_page(again, settings)[0] == page
