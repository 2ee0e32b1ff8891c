"""Calibrators on rows: which rows they see, and what they leave alone."""

from dataclasses import replace
from typing import Any

import pytest

from calibrant.baselines.calibrated_predictions import calibrated, fit_on
from calibrant.errors import CalibrantError
from calibrant.rows import Prediction


def row(number: int, confidence: float | None, correct: bool | None, **fields: Any) -> Prediction:
    made = Prediction(
        question_id=f"rain/{number}", dataset="rain", domain="weather", split="calibration",
        answer_type="yes_no", method="base", seed=17, sample=0, completion="text", answer="yes",
        confidence=confidence, confidence_status="ok" if confidence is not None else "truncated",
        correct=correct, grade_reason="" if correct is not None else "ambiguous",
        grader="yes_no", true_probability=0.7,
    )  # fmt: skip
    return replace(made, **fields)


KNOWN = [row(1, 0.9, True), row(2, 0.9, False), row(3, 0.4, False), row(4, 0.4, False)]


def test_rows_without_confidence_or_grade_are_left_out_and_counted() -> None:
    fitted = fit_on([*KNOWN, row(5, None, True), row(6, 0.9, None)], "isotonic")
    assert (fitted.rows, fitted.right, fitted.left_out) == (4, 1, 2)
    assert fitted == replace(fit_on(KNOWN, "isotonic"), left_out=2)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_row_of_another_split_is_refused_even_if_it_would_be_left_out(split: str) -> None:
    with pytest.raises(CalibrantError, match=f"base/rain: rain/9 is of the split {split}"):
        fit_on([*KNOWN, row(9, None, None, split=split)], "platt")


def test_too_few_usable_rows_are_refused() -> None:
    with pytest.raises(CalibrantError, match="1 graded answers"):
        fit_on([KNOWN[0], row(5, None, True)], "platt")


def test_confidences_are_mapped_in_place_and_all_else_is_kept() -> None:
    fitted = fit_on(KNOWN, "isotonic")
    given = [
        row(7, 0.9, None, split="test", sample=3, recorded_confidence=0.9, recorded_correct=True),
        row(8, None, True, split="test"),
        row(9, 0.4, True, split="test", confidence_status="recorded"),
    ]
    mapped = calibrated(given, fitted, "base-isotonic")
    assert mapped == [
        replace(
            given[0], method="base-isotonic", confidence=0.5,
            recorded_confidence=None, recorded_correct=None,
        ),
        replace(given[1], method="base-isotonic"),
        replace(given[2], method="base-isotonic", confidence=0.0),
    ]  # fmt: skip


def test_without_any_confidence_nothing_is_mapped() -> None:
    fitted = fit_on(KNOWN, "platt")
    assert calibrated([row(8, None, True)], fitted, "x") == [row(8, None, True, method="x")]
    assert calibrated([], fitted, "x") == []
