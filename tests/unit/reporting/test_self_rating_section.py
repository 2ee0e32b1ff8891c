"""What the model said of its own answers, on the page: every count and figure of the document."""

from dataclasses import replace

import pytest

from calibrant.reporting.evidence import Evidence, read_evidence
from calibrant.reporting.page import render_page
from calibrant.rows import Completion, Prediction, Question
from calibrant.stage_settings.selection import ChooseSettings
from calibrant.training.question_choice import choose_questions

HOSTILE = "<i>model 9"
NOTHING = Evidence(measures=(), accounts=(), overlap=None, published=())
RATINGS = ("0.2", "0.9", "1", "0.4", "well")


def choice(made_up, *datasets: str):
    """Return the document of a choice: per dataset five questions, one of them rated unreadably."""
    questions, predictions, replies = [], [], []
    for dataset in datasets:
        for number, rating in enumerate(RATINGS):
            name = f"{dataset}/{number}"
            questions.append(Question(name, dataset, "d", "train", "short_text", "Q?", ("a",)))
            predictions += [
                Prediction(
                    name, dataset, "d", "train", "short_text", "start", 3, sample, "", "a",
                    number / 4, "ok", True, "", "short_text",
                )
                for sample in range(2)
            ]  # fmt: skip
            text = f"<match>{rating}</match>"
            replies.append(Completion(name, dataset, "start", 3, 0, "", text, "stop"))
    settings = ChooseSettings(model=HOSTILE, per_end=1, scale="unit", replicates=100, level=0.95)
    document = choose_questions(questions, predictions, replies, settings, 3)[1]
    return made_up.document("self_rating.json", document)


def rendered(made_up, document):
    return render_page(replace(NOTHING, self_rating=document), made_up.settings([]))


def test_the_counts_and_figures_are_on_the_page(made_up, read_page):
    page, numbers = rendered(made_up, choice(made_up, "sums"))
    read = read_page(page)
    printed = dict(read.with_attribute("data-num"))
    counts = {"rated": "5", "unread": "1", "unknown": "0", "pool/size": "4", "lowest/size": "1",
              "highest/size": "1", "random/size": "2", "active/size": "2"}  # fmt: skip
    for name, text in counts.items():
        assert printed[f"self_rating/sums/{name}"] == text
    assert printed["self_rating/per_end"] == "1"
    assert printed["self_rating/sums/pool/rating"].startswith("0.625")
    # Stated 0, 0.25, 0.5 and 0.75 where all answers agree.
    assert numbers["self_rating/sums/active/faithfulness"].value == pytest.approx(0.125)
    assert numbers["self_rating/sums/lowest/rating"].value == pytest.approx(0.2)
    assert printed["self_rating/bins/9/highest"] == "1"
    assert printed["self_rating/bins/2/lowest"] == "1"
    assert HOSTILE in [text for _, text in read.with_attribute("data-quoted")]
    assert HOSTILE not in page


def test_every_dataset_has_its_rows_and_the_bins_are_of_all(made_up):
    _, numbers = rendered(made_up, choice(made_up, "sums", "legs"))
    assert numbers["self_rating/legs/random/size"].value == 2
    assert numbers["self_rating/bins/9/highest"].value == 2


def test_without_a_self_rating_nothing_is_said_of_it(made_up):
    page, _ = rendered(made_up, None)
    assert "metacognitive" not in page


def test_the_document_is_read_from_its_file(made_up):
    document = choice(made_up, "sums")
    found = read_evidence(
        measures=[], accounts=[], overlap=[], published=[],
        self_rating=[made_up.folder / "self_rating.json"],
    )  # fmt: skip
    assert found.self_rating == document
