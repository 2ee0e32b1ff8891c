"""The figures of one method on one dataset, from rows that were counted by hand."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from calibrant.measures.predictions import headline_figures, measure_predictions
from calibrant.measures.settings import Measures
from calibrant.rows import Prediction
from calibrant.stage_settings.measure import MeasureSettings

SETTINGS = MeasureSettings(measures=Measures(replicates=100, bins=5), missing_confidence="drop")
BASE = Prediction(
    question_id="set/0", dataset="set", domain="toy", split="test", answer_type="choice",
    method="RLCR", seed=17, sample=0, completion="", answer="A", confidence=0.5,
    confidence_status="ok", correct=True, grade_reason="", grader="choice",
)  # fmt: skip

# Confidence read, grade, recorded confidence, recorded label.
ROWS: list[tuple[float | None, bool | None, float | None, bool | None]] = [
    (0.9, True, 0.9, True),
    (0.8, True, 0.8, False),
    (0.7, False, 0.7, True),
    (0.6, False, 0.6, False),
    (0.5, False, 0.05, False),
    (None, True, 0.4, True),
    (0.3, None, 0.3, True),
    (None, None, 0.2, False),
]


def rows(table=ROWS) -> list[Prediction]:
    return [
        replace(
            BASE, question_id=f"set/{index}", confidence=confidence, correct=correct,
            confidence_status="ok" if confidence is not None else "no_confidence",
            grade_reason="" if correct is not None else "not_an_option",
            recorded_confidence=recorded, recorded_correct=label,
        )
        for index, (confidence, correct, recorded, label) in enumerate(table)
    ]  # fmt: skip


def measured(predictions=None, seed: int = 3, **settings) -> dict[str, Any]:
    changed = SETTINGS.model_copy(update=settings)
    return measure_predictions(rows() if predictions is None else predictions, changed, seed)


def value(view: dict[str, Any], name: str) -> Any:
    return view["measures"][name]["value"]


def test_our_grades_and_the_recorded_labels_are_measured_apart() -> None:
    views = measured()["views"]
    assert set(views) == {"graded", "recorded"}
    # Six rows are graded, three of them right; five have a confidence, two of those right.
    assert value(views["graded"], "accuracy") == 0.5
    assert value(views["graded"], "mean_confidence") == pytest.approx(3.5 / 5)
    assert value(views["graded"], "brier") == pytest.approx(
        brier_score_loss([1, 1, 0, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.5])
    )
    labels = [row[3] for row in ROWS]
    stored = [row[2] for row in ROWS]
    assert value(views["recorded"], "accuracy") == 0.5
    assert value(views["recorded"], "brier") == pytest.approx(brier_score_loss(labels, stored))
    assert value(views["recorded"], "auroc") == pytest.approx(roc_auc_score(labels, stored))


def test_the_graded_view_is_measured_against_the_truth_where_all_graded_rows_have_one() -> None:
    known = [replace(row, true_probability=None if row.correct is None else 0.75) for row in rows()]
    views = measured(known)["views"]
    assert value(views["graded"], "expected_accuracy") == 0.75
    # Stated 0.9, 0.8, 0.7, 0.6 and 0.5.
    assert value(views["graded"], "truth_distance") == pytest.approx(0.65 / 5)
    assert value(views["graded"], "truth_bias") == pytest.approx(-0.25 / 5)
    assert "truth_bias" not in views["recorded"]["measures"]
    assert headline_figures(measured(known))["graded.truth_bias"] == pytest.approx(-0.05)
    known[0] = replace(known[0], true_probability=None)
    assert "truth_bias" not in measured(known)["views"]["graded"]["measures"]


def test_what_is_not_graded_or_has_no_confidence_is_counted() -> None:
    views = measured()["views"]
    graded, recorded = views["graded"]["counts"], views["recorded"]["counts"]
    assert (graded["rows"], graded["graded"], graded["n"], graded["missing"]) == (8, 6, 5, 1)
    assert (recorded["rows"], recorded["graded"], recorded["n"]) == (8, 8, 8)


def test_reasons_are_counted_by_kind() -> None:
    # The row without a confidence that is not graded either counts among the ungraded.
    assert measured()["unread"] == {
        "confidence": {"no_confidence": 1},
        "grade": {"not_an_option": 2},
    }
    table = rows()
    table[5] = replace(table[5], confidence_status="truncated")
    assert measured(table)["unread"]["confidence"] == {"truncated": 1}
    assert measured(rows(ROWS[:5]))["unread"] == {"confidence": {}, "grade": {}}


def test_agreement_is_counted_as_by_hand() -> None:
    # Decided: rows 0 to 5. Read: rows 0 to 4 and 6; row 4 was recorded as 0.05.
    assert measured()["agreement"] == {
        "rows": 8,
        "undecided": 2,
        "recorded_right_graded_right": 2,
        "recorded_right_graded_wrong": 1,
        "recorded_wrong_graded_right": 1,
        "recorded_wrong_graded_wrong": 2,
        "confidences_read": 6,
        "confidences_equal": 5,
    }


def test_only_rows_with_a_recorded_label_are_compared() -> None:
    table = [*ROWS[:2], (0.9, True, 0.9, None)]
    found = measured(rows(table))["agreement"]
    assert (found["rows"], found["confidences_read"]) == (2, 2)


def test_a_recorded_confidence_is_no_reading_of_ours() -> None:
    # A classifier: the confidence is taken from beside the text, so nothing was read.
    table = [replace(row, confidence=row.recorded_confidence, confidence_status="recorded")
             for row in rows()]  # fmt: skip
    document = measured(table)
    assert document["agreement"]["confidences_read"] == 0
    assert document["agreement"]["confidences_equal"] == 0
    assert document["unread"]["confidence"] == {}
    assert document["views"]["graded"]["counts"]["missing"] == 0
    # Our grades with the confidences of the classifier.
    graded = [(c, y) for _, y, c, _ in ROWS if y is not None]
    assert value(document["views"]["graded"], "brier") == pytest.approx(
        brier_score_loss([y for _, y in graded], [c for c, _ in graded])
    )


def test_without_recorded_labels_there_is_one_view_and_no_agreement() -> None:
    document = measured(rows([(c, y, None, None) for c, y, _, _ in ROWS]))
    assert set(document["views"]) == {"graded"}
    assert document["agreement"] is None


def test_an_ungraded_row_is_neither_right_nor_wrong() -> None:
    document = measured(rows([(0.9, True, None, None), (0.9, None, None, None)]))
    assert value(document["views"]["graded"], "accuracy") == 1.0
    assert document["views"]["graded"]["counts"]["ungraded"] == 1


def test_nothing_graded_leaves_all_measures_undefined() -> None:
    document = measured(rows([(0.9, None, None, None), (None, None, None, None)]))
    for figure in document["views"]["graded"]["measures"].values():
        assert figure["value"] is None
        assert figure["undefined"]
    assert headline_figures(document) == {}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("drop", 0.7), ("zero", 3.5 / 6), ("half", 4.0 / 6), ("worst", 3.5 / 6)],
)
def test_the_studys_policy_decides_what_a_missing_confidence_counts(policy, expected) -> None:
    # The graded row without a confidence is right: the worst it could have said is 0.
    view = measured(missing_confidence=policy)["views"]["graded"]
    assert value(view, "mean_confidence") == pytest.approx(expected)
    assert view["counts"]["missing"] == 1


def test_difficulty_is_a_table_from_the_easiest_grade() -> None:
    grades = [0.5, 0.0, 0.5, None, 1.0, 0.5, 1.0, 1.0]
    table = [replace(row, difficulty=grade) for row, grade in zip(rows(), grades, strict=True)]
    found = measured(table)["by_difficulty"]
    assert [(entry["difficulty"], entry["n"]) for entry in found] == [(0.0, 1), (0.5, 3), (1.0, 3)]
    assert [entry["accuracy"]["value"] for entry in found] == [1.0, 2 / 3, 0.0]
    # Among graded answers: 0.8 alone; 0.9, 0.7 and one without; 0.5, the other two ungraded.
    confidences = [entry["mean_confidence"]["value"] for entry in found]
    assert confidences == pytest.approx([0.8, 0.8, 0.5])
    middle = found[1]["accuracy"]
    assert middle["low"] <= middle["value"] <= middle["high"]
    assert measured()["by_difficulty"] == []
    nothing = measured([replace(rows()[7], difficulty=0.5)])["by_difficulty"]
    assert [entry["accuracy"]["value"] for entry in nothing] == [None]
    assert nothing[0]["accuracy"]["undefined"]


def test_a_measured_difficulty_is_rounded_to_tenths() -> None:
    table = [replace(rows()[0], difficulty=index / 40) for index in range(40)]
    found = measured(table)["by_difficulty"]
    assert [entry["difficulty"] for entry in found] == [number / 10 for number in range(11)]
    assert sum(entry["n"] for entry in found) == 40


def test_the_document_says_what_was_measured_and_how() -> None:
    table = [replace(row, domain=domain) for row, domain in zip(rows(), "bbabcaab", strict=True)]
    document = measured(table, seed=11)
    assert document["schema"] == "calibrant-measures/1"
    assert (document["method"], document["seed"], document["dataset"]) == ("RLCR", 17, "set")
    assert (document["split"], document["domains"]) == ("test", ["a", "b", "c"])
    for view in document["views"].values():
        assert view["settings"]["seed"] == 11
        assert (view["settings"]["bins"], view["settings"]["replicates"]) == (5, 100)
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_answers_to_one_question_are_drawn_together() -> None:
    # Two questions, each answered alike ten times: the bootstrap draws two things, not twenty.
    alike = [(0.9, True, None, None)] * 10 + [(0.9, False, None, None)] * 10
    apart = rows(alike)
    together = [replace(row, question_id=f"set/{index // 10}") for index, row in enumerate(apart)]
    spread = {}
    for name, table in (("apart", apart), ("together", together)):
        entry = measured(table)["views"]["graded"]["measures"]["accuracy"]
        spread[name] = entry["high"] - entry["low"]
    assert spread["together"] == 1.0
    assert spread["apart"] < 0.7


def test_the_same_rows_and_seed_give_the_same_document() -> None:
    assert measured() == measured()
    assert measured(seed=4) != measured()


def test_headline_figures_are_those_with_a_value() -> None:
    document = measured(rows([(0.9, True, 0.8, True), (None, True, 0.6, True)]))
    figures = headline_figures(document)
    assert figures["graded.accuracy"] == 1.0
    assert figures["graded.mean_confidence"] == 0.9
    assert figures["recorded.mean_confidence"] == pytest.approx(0.7)
    # All are right, so there is nothing to rank.
    assert "graded.auroc" not in figures
    assert "recorded.auroc" not in figures
