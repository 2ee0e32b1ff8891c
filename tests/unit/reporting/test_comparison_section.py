"""Comparisons and transfer in the report: what is printed, and what the sentences claim."""

import numpy as np
import pytest

from calibrant.measures.compare_methods import compare_methods
from calibrant.measures.comparison_settings import CompareMethodsSettings, TransferSettings
from calibrant.measures.replicates import Execution
from calibrant.measures.transfer_gap import transfer_gap
from calibrant.reporting.comparison_section import comparison_section
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.transfer_section import transfer_section

ONE_THREAD = Execution(threads=1)


def answers(sure, share, count=300):
    """Answers whose grade varies with the confidence, of which a known share is right."""
    right = np.random.default_rng(7).permutation(count) < share * count
    return [(sure + (at % 3 - 1) / 20, bool(y)) for at, y in enumerate(right)]


@pytest.fixture(scope="module")
def predictions(made_up):
    """A start that claims too much, a method that does not, one that lost accuracy, a copy."""

    def of(method, dataset, sure, share, seed=17):
        return made_up.predictions(method, dataset, answers(sure, share), seed=seed)

    return {
        dataset: {
            "start": {17: of("start", dataset, 0.9, 0.6)},
            "rlcr": {s: of("rlcr", dataset, sure, 0.6, s) for s, sure in ((17, 0.6), (18, 0.62))},
            "lossy/1": {17: of("lossy/1", dataset, 0.9, 0.2)},
            "copy": {17: of("copy", dataset, 0.9, 0.6)},
        }
        for dataset in ("weather", "law")
    }


@pytest.fixture(scope="module")
def comparison(made_up, predictions):
    settings = CompareMethodsSettings(
        baseline="start", margin=0.02, power=0.8, methods=list(predictions["law"]), replicates=100,
        level=0.95, bins=10, missing_confidence="drop",
        trainings={name: name for name in predictions["law"]},
    )  # fmt: skip
    content = compare_methods(predictions["law"], settings, 3, ONE_THREAD)
    return made_up.document("comparison/law.json", content)


@pytest.fixture(scope="module")
def transfer(made_up, predictions):
    settings = TransferSettings(
        in_domain={"start": ["weather"], "rlcr": ["weather"]},
        held_out={"start": ["law"], "rlcr": ["law"]}, methods=["start", "rlcr"],
        sealed=["law"], replicates=100, level=0.95, bins=10, missing_confidence="drop",
        trainings={"start": "start", "rlcr": "rlcr"},
    )  # fmt: skip
    given = {(method, name): seeds for name, found in predictions.items()
             for method, seeds in found.items()}  # fmt: skip
    return made_up.document("transfer.json", transfer_gap(given, settings, 3, ONE_THREAD))


def said(sentence, numbers):
    return "".join(numbers[text].printed if kind == "num" else text for kind, text in sentence)


@pytest.fixture(scope="module")
def section(comparison):
    numbers = Numbers()
    return comparison_section([comparison], numbers), numbers


def sentences(section):
    found, numbers = section
    return {s[0][1]: said(s, numbers).replace("\xa0", " ") for s in found.datasets[0].sentences}


def test_a_better_calibration_is_said_with_its_interval(section):
    text = sentences(section)["rlcr"]
    assert text.startswith("rlcr lowers the calibration error: -0.")
    assert "its answers to these questions are as often right: +0.000" in text
    # Both are right on the same questions, so resampling bounds no loss.
    assert "loses less" not in text


def test_a_lost_accuracy_is_said(section):
    text = sentences(section)["lossy/1"]
    assert "lossy/1 raises the calibration error: +0." in text
    assert "its accuracy is lower: -0.400 [" in text


def test_nothing_is_claimed_of_a_copy(section):
    text = sentences(section)["copy"]
    assert text.startswith("copy: a change of the calibration error is not shown, +0.000")


def test_accuracy_kept_within_the_margin_is_said(made_up, predictions):
    def flipped(rows):
        # Of 3000 questions the method loses two and wins two.
        return [(c, y if at not in (4, 9, 40, 90) else not y) for at, (c, y) in enumerate(rows)]

    rows = answers(0.9, 0.6, 3000)
    found = {
        name: {17: made_up.predictions(name, "sums", given)}
        for name, given in (("start", rows), ("kept", flipped(rows)))
    }
    settings = CompareMethodsSettings(
        baseline="start", margin=0.02, power=0.8, methods=["start", "kept"], replicates=100,
        level=0.95, bins=10, missing_confidence="drop",
        trainings={"start": "start", "kept": "kept"},
    )  # fmt: skip
    document = made_up.document("kept.json", compare_methods(found, settings, 3, ONE_THREAD))
    numbers = Numbers()
    text = sentences((comparison_section([document], numbers), numbers))["kept"]
    assert "if its accuracy is lower, then by less than 0.02: " in text


def test_a_claim_stands_on_the_adjusted_p_value(made_up, comparison):
    import copy

    content = copy.deepcopy(comparison.content)
    content["rows"][0]["debiased_ece"]["adjusted_p_value"]["value"] = 0.06
    numbers = Numbers()
    found = comparison_section([made_up.document("doubtful.json", content)], numbers)
    assert sentences((found, numbers))["rlcr"].startswith("rlcr: a change of the calibration error")


def test_every_number_is_in_a_table_or_a_sentence(section):
    found, numbers = section
    compared = found.datasets[0]
    tables = [compared.differences, compared.tests]
    used = {text for table in tables for row in table.rows for kind, text in row if kind == "num"}
    used |= {text for s in compared.sentences for kind, text in s if kind == "num"}
    used |= {found.level, found.power, found.margin, found.tests, compared.shared}
    assert {item["id"] for item in numbers.document()["numbers"]} == used
    for table in tables:
        assert {len(row) for row in table.rows} == {len(table.heads)}
    assert compared.left_out is None
    assert len(compared.tests.rows) == 15


def test_our_own_words_hold_no_digit(section):
    found, _ = section
    compared = found.datasets[0]
    words = [text for s in compared.sentences for kind, text in s if kind == "text"]
    words += [*compared.differences.heads, *compared.tests.heads]
    assert not any(character.isdigit() for text in words for character in text)


def test_questions_left_out_are_listed(made_up, predictions):
    found = {name: predictions["law"][name] for name in ("start", "copy")}
    found["copy"] = {17: found["copy"][17][:200]}
    settings = CompareMethodsSettings(
        baseline="start", margin=0.02, power=0.8, methods=["start", "copy"], replicates=100,
        level=0.95, bins=10, missing_confidence="drop",
        trainings={"start": "start", "copy": "copy"},
    )  # fmt: skip
    document = made_up.document("left.json", compare_methods(found, settings, 3, ONE_THREAD))
    numbers = Numbers()
    compared = comparison_section([document], numbers).datasets[0]
    assert [row[0] for row in compared.left_out.rows] == [("quoted", "start")]
    assert numbers[compared.left_out.rows[0][1][1]].printed == "100"
    assert numbers[compared.shared].printed == "200"


def test_transfer_is_a_row_and_a_sentence_per_method(transfer):
    numbers = Numbers()
    found = transfer_section(transfer, numbers)
    assert [row[0][1] for row in found.table.rows] == ["start", "rlcr"]
    assert {len(row) for row in found.table.rows} == {len(found.table.heads)}
    text = said(found.sentences[0], numbers)
    assert text.startswith("start: the calibration error is not shown to differ on law and weather")


def test_a_worse_transfer_is_said(made_up, transfer):
    row = {**transfer.content["rows"][0]}
    figure = {"value": 0.2, "low": 0.1, "high": 0.3, "undefined": None}
    row["debiased_ece"] = {**row["debiased_ece"], "difference": figure}
    numbers = Numbers()
    document = made_up.document("worse.json", {**transfer.content, "rows": [row]})
    text = said(transfer_section(document, numbers).sentences[0], numbers).replace("\xa0", " ")
    assert text == (
        "start: the calibration error is higher on law than on weather: +0.200 [+0.100, +0.300]."
    )


def test_without_documents_there_is_no_section():
    assert comparison_section([], Numbers()) is None
    assert transfer_section(None, Numbers()) is None
