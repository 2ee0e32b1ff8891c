"""Which questions were trained on, on the page: every count and figure of the document."""

from dataclasses import replace

import pytest

from calibrant.reporting.evidence import Evidence, read_evidence
from calibrant.reporting.page import render_page
from calibrant.rows import Prediction, Question
from calibrant.stage_settings.selection import SelectSettings
from calibrant.training.selection import select_questions
from calibrant.training.selection_settings import Selection

HOSTILE = "<i>model 9"
NOTHING = Evidence(measures=(), accounts=(), overlap=None, published=())


def selection(made_up, *datasets: str):
    """Return the document of a selection: per dataset one always right, one mixed, one for a judge."""
    questions, predictions = [], []
    for dataset in datasets:
        for number, grades in enumerate(([True, True], [True, False], [None, None])):
            name = f"{dataset}/{number}"
            questions.append(Question(name, dataset, "d", "train", "short_text", "Q?", ("a",)))
            for sample, right in enumerate(grades):
                reason = "unreadable_reference" if right is None else ""
                predictions.append(
                    Prediction(
                        name, dataset, "d", "train", "short_text", "start", 3, sample, "", "a", 0.5,
                        "ok", right, reason, "short_text",
                    )
                )  # fmt: skip
    settings = SelectSettings(
        model=HOSTILE, learnt_from=list(datasets), selection=Selection(samples=2, temperature=0.7),
        scale="unit", replicates=100, level=0.95,
    )  # fmt: skip
    return made_up.document(
        "selection.json", select_questions(questions, predictions, settings, 3)[1]
    )


def rendered(made_up, document):
    return render_page(replace(NOTHING, selection=document), made_up.settings([]))


def test_the_counts_are_on_the_page(made_up, read_page):
    page, numbers = rendered(made_up, selection(made_up, "sums"))
    read = read_page(page)
    assert "Which questions were trained on" in [text for tag, _, text in read.texts if tag == "h2"]
    printed = dict(read.with_attribute("data-num"))
    counts = {"questions": "3", "sampled": "3", "always_right": "1", "always_wrong": "0",
              "ungradable": "0", "to_judge": "1", "kept": "2"}  # fmt: skip
    for name, text in counts.items():
        assert printed[f"selection/datasets/sums/{name}"] == text
    assert printed["selection/samples"] == "2"
    assert printed["selection/temperature"] == "0.7"
    assert printed["selection/bins/5/kept"] == "1"
    assert printed["selection/bins/0/kept"] == "0"
    assert printed["selection/datasets/sums/consistency"].startswith("0.750")
    assert numbers["selection/datasets/sums/auroc"].undefined is not None
    assert "selection/all/kept" not in numbers
    assert HOSTILE in [text for _, text in read.with_attribute("data-quoted")]
    assert HOSTILE not in page


def test_several_datasets_have_a_row_for_all(made_up):
    _, numbers = rendered(made_up, selection(made_up, "sums", "legs"))
    assert numbers["selection/all/kept"].value == 4
    assert numbers["selection/datasets/legs/kept"].value == 2


def test_without_a_selection_there_is_no_such_section(made_up):
    page, _ = rendered(made_up, None)
    assert "trained on</h2>" not in page


@pytest.mark.parametrize("several", [False, True])
def test_the_document_is_read_from_its_file(made_up, several):
    document = selection(made_up, *(["sums", "legs"] if several else ["sums"]))
    found = read_evidence(
        measures=[],
        accounts=[],
        overlap=[],
        published=[],
        selection=[made_up.folder / "selection.json"],
    )
    assert found.selection == document
