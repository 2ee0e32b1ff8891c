"""The laboratory, training, and several seeds on the page."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from calibrant.reporting.evidence import Evidence
from calibrant.reporting.page import render_page

HOSTILE = "<b>½ 7 & \"'> {{ 7*7 }} $x_y$"
TRUE = [0.7] * 20 + [0.2] * 10


def lines(rounds, **last):
    rows = [
        {"kind": "train", "round": at, "rollouts": 64 * at, "reward": 0.1 * at,
         "confidence_mean": 0.5, "confidence_entropy": None}
        for at in range(1, rounds + 1)
    ]  # fmt: skip
    end = {"kind": "end", "reason": "finished", "rounds": rounds, "rollouts": 64 * rounds,
           "best_round": rounds, "seconds": 5.5 * rounds}  # fmt: skip
    return [*rows, {**end, **last}]


@pytest.fixture(scope="module")
def evidence(made_up):
    def lab(method, dataset, sure, seed=17):
        answers = [(sure, index % 2 == 0) for index in range(30)]
        return made_up.measures(method, dataset, answers, true=TRUE, seed=seed)

    methods = {"base": [0.9], HOSTILE: [0.9, 0.85, 0.8]}
    measures = [
        lab(method, dataset, sure, 17 + at)
        for method, stated in methods.items()
        for dataset in ("weather", "law")
        for at, sure in enumerate(stated)
    ]
    curves = [made_up.curve(HOSTILE, 17 + at, lines(3 + at)) for at in range(2)]
    curves.append(made_up.curve(HOSTILE, 19, lines(2, reason=HOSTILE)))
    return Evidence(
        measures=tuple(measures), accounts=(), overlap=None, published=(), curves=tuple(curves)
    )


@pytest.fixture(scope="module")
def settings(made_up):
    cards = [made_up.card("weather"), made_up.card("law", held_out=True)]
    return made_up.settings(cards)


@pytest.fixture(scope="module")
def rendered(evidence, settings):
    return render_page(evidence, settings)


@pytest.fixture(scope="module")
def read(rendered, read_page):
    return read_page(rendered[0])


def at(path: str, pointer: str):
    """Follow a JSON pointer; a file of JSON Lines is the array of its lines."""
    text = Path(path).read_text(encoding="utf-8")
    found = json.loads(text if not path.endswith("l") else f"[{','.join(text.splitlines())}]")
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        found = found[int(key) if isinstance(found, list) else key]
    return found


def test_the_sections_are_there_with_one_figure_each(read):
    heads = [text for tag, _, text in read.texts if tag == "h2"]
    assert heads[:3] == ["What was found", "The laboratory", "Figures"]
    assert "Training" in heads
    broad = [tag for tag, attrs in read.elements if attrs.get("class") == "broad"]
    assert broad == ["figure"] * 2
    assert "were never trained on with a reward" in " ".join(read.text.split())


def test_without_lab_and_curves_the_sections_are_not(made_up, settings, read_page):
    plain = made_up.measures("base", "sums", [(0.9, True), (0.4, False)])
    evidence = Evidence(measures=(plain,), accounts=(), overlap=None, published=())
    text = read_page(render_page(evidence, settings)[0]).text
    for words in ("The laboratory", "Training", "several seeds", "median"):
        assert words not in text


def test_every_number_is_the_median_of_its_places(rendered):
    computed = 0
    for number in rendered[1].document()["numbers"]:
        places = [number, *number["others"]]
        found = [at(place["file"], place["pointer"]) for place in places]
        values = [item["value"] if isinstance(item, dict) and "value" in item else item
                  for item in found]  # fmt: skip
        how = number["computed"] or ""
        if how == "number of seeds":
            assert number["value"] == len({place["file"] for place in places}) == len(places)
        elif "1000 x seconds / rollouts" in how:
            pace = [1000 * line["seconds"] / line["rollouts"] for line in values]
            assert number["value"] == pytest.approx(median(pace))
        elif how:
            assert how == f"median of {len(places)} seeds"
            assert number["value"] == median(values)
            computed += 1
        else:
            assert number["value"] == values[0]
    assert computed > 40


def test_pointing_at_a_median_says_so(read):
    titles = {attrs["data-num"]: attrs["title"] for _, attrs, _ in read.texts
              if "data-num" in attrs}  # fmt: skip
    title = titles[f"{HOSTILE}/seeds/law/graded/ece"]
    assert title.startswith("median of 3 seeds (")
    assert title.endswith("seed17/law.json#/views/graded/measures/ece and 2 more)")


def test_a_claim_with_several_seeds_says_with_every_seed(read):
    said = [" ".join(text.split()) for tag, _, text in read.texts if tag == "li"]
    hostile = next(text for text in said if text.startswith(HOSTILE))
    assert hostile.startswith(f"{HOSTILE} on weather (3 seeds): right in 0.500 of the graded")
    assert "It claims more than it knows with every seed, by +0.350 (+0.300 to +0.400)" in hostile


def test_names_and_reasons_are_shown_letter_by_letter(rendered, read):
    assert "<b>" not in rendered[0]
    quoted = [text for _, text in read.with_attribute("data-quoted")]
    assert f"finished (seeds 17, 18); {HOSTILE} (seed 19)" in quoted


def test_many_systems_are_folded_away(evidence, settings, made_up, read_page, read):
    # The further measures alone are folded away where there are few.
    assert Counter(tag for tag, _ in read.elements)["details"] == 1
    more = [made_up.measures("base", f"set {number}", [(0.9, True), (0.4, False)])
            for number in range(9)]  # fmt: skip
    page, _ = render_page(replace(evidence, measures=(*evidence.measures, *more)), settings)
    folded = read_page(page)
    summaries = [text for tag, _, text in folded.texts if tag == "summary"]
    assert summaries[:2] == ["law", "set 0"]
    assert f"{HOSTILE} on law" in summaries
    # One per dataset among the findings, one per pair among the figures, one for more measures.
    assert len(summaries) == 11 + 13 + 1


def test_two_renderings_have_the_same_bytes(evidence, settings, rendered):
    assert render_page(evidence, settings)[0] == rendered[0]


def test_a_curve_without_an_end_is_shown(made_up, settings, read_page):
    curve = made_up.curve("cut", 17, lines(2)[:-1])
    evidence = Evidence(measures=(), accounts=(), overlap=None, published=(), curves=(curve,))
    assert "not recorded" in read_page(render_page(evidence, settings)[0]).text
