"""Figures of judged answers, corrected with the judge's measured errors."""

import numpy as np
import pytest

from calibrant.judging.agreement_figures import Resampling
from calibrant.judging.error_corrected import GradedByJudge, corrected_labels, corrected_means
from calibrant.judging.error_model import ErrorModel, Source, fit_error_model
from calibrant.judging.judged_figures import judged_figures
from calibrant.judging.paired_verdicts import paired_verdicts
from calibrant.rows import Prediction
from calibrant.stage_settings.judging import CorrectJudgedSettings

SETTINGS = CorrectJudgedSettings(bins=10, level=0.95)


def errors_from(
    rng: np.random.Generator, n: int, sensitivity: float, specificity: float
) -> ErrorModel:
    """Measure a simulated judge on n answers, half of them right."""
    human = np.arange(n) % 2 == 0
    said = np.where(human, rng.random(n) < sensitivity, rng.random(n) >= specificity)
    source = Source(judge="simulated", prompt_version="-", dataset="made")
    pairs = paired_verdicts(human, said, [str(at) for at in range(n)])
    return fit_error_model(pairs, np.full(n, "law"), source, Resampling(1, 200, 0.95))


def answers(  # noqa: PLR0917
    rng: np.random.Generator,
    n: int,
    rate: float,
    sensitivity: float,
    specificity: float,
    gap: float,
) -> tuple[list[Prediction], np.ndarray]:
    """Return judged answers whose confidence is ``gap`` above their probability of being right."""
    p = np.clip(rng.choice([rate - 0.2, rate, rate + 0.2], n), 0, 1)
    true = rng.random(n) < p
    said = np.where(true, rng.random(n) < sensitivity, rng.random(n) >= specificity)
    c = np.clip(p + gap, 0, 1)
    rows = [
        Prediction(
            question_id=f"made/{at}", dataset="made", domain="law", split="test",
            answer_type="open", method="m", seed=1, sample=0, completion="", answer="a",
            confidence=float(c[at]), confidence_status="ok", correct=bool(said[at]),
            grade_reason="", grader="judge simulated",
        )
        for at in range(n)
    ]  # fmt: skip
    return rows, c


def test_corrected_labels_by_hand() -> None:
    errors = errors_from(np.random.default_rng(0), 4000, 0.9, 0.8).above_chance("law")
    a, b = errors.sensitivity.value, errors.specificity.value
    both = GradedByJudge(
        confidence=np.zeros(4),
        said=np.array([1.0, 0.0, 1.0, 0.0]),
        judged=np.array([True, True, False, False]),
        domain=np.zeros(4, dtype=np.int64),
        errors=(errors,),
        cluster=np.arange(4),
    )
    assert corrected_labels(both) == pytest.approx([b / (a + b - 1), (b - 1) / (a + b - 1), 1, 0])


def test_a_grade_that_no_judge_gave_has_the_variance_of_a_plain_mean() -> None:
    rng = np.random.default_rng(3)
    said = (rng.random(50) < 0.4).astype(float)
    plain = GradedByJudge(
        np.zeros(50), said, np.zeros(50, dtype=bool), np.full(50, -1), (), np.arange(50)
    )
    means = corrected_means(np.zeros((50, 1)), np.ones((50, 1)), plain)
    assert means.value[0] == pytest.approx(said.mean())
    assert means.covariance[0, 0] == pytest.approx(said.var(ddof=1) / 50)


def test_the_variance_of_the_errors_is_their_delta_method() -> None:
    """Numerical derivatives of the corrected mean in sensitivity and specificity."""
    rng = np.random.default_rng(4)
    chosen = errors_from(rng, 600, 0.85, 0.75).above_chance("law")
    said, c = (rng.random(200) < 0.6).astype(float), rng.random(200)

    def at(a: float, b: float) -> float:
        shifted = chosen._replace(
            sensitivity=chosen.sensitivity.model_copy(update={"value": a}),
            specificity=chosen.specificity.model_copy(update={"value": b}),
        )
        judged = GradedByJudge(
            c,
            said,
            np.ones(200, dtype=bool),
            np.zeros(200, dtype=np.int64),
            (shifted,),
            np.arange(200),
        )
        return float(corrected_means((c**2)[:, None], (1 - 2 * c)[:, None], judged).value[0])

    a, b, step = chosen.sensitivity.value, chosen.specificity.value, 1e-6
    by_a = (at(a + step, b) - at(a - step, b)) / (2 * step)
    by_b = (at(a, b + step) - at(a, b - step)) / (2 * step)

    def variance(value: float, worth: float) -> float:
        middle = (value * worth + 1) / (worth + 2)
        return middle * (1 - middle) / (worth + 2)

    judged = GradedByJudge(
        c, said, np.ones(200, dtype=bool), np.zeros(200, dtype=np.int64), (chosen,), np.arange(200)
    )
    rows = c**2 + (1 - 2 * c) * corrected_labels(judged)
    expected = rows.var(ddof=1) / 200
    expected += by_a**2 * variance(a, chosen.sensitivity.worth)
    expected += by_b**2 * variance(b, chosen.specificity.worth)
    found = corrected_means((c**2)[:, None], (1 - 2 * c)[:, None], judged).covariance[0, 0]
    assert found == pytest.approx(expected, rel=1e-6)


def test_corrected_intervals_cover_the_truth_where_the_judges_figures_miss_it() -> None:
    covered = dict.fromkeys(("accuracy", "gap", "brier", "ece"), 0)
    raw_misses = 0
    trials = 150
    for number in range(trials):
        rng = np.random.default_rng(number)
        errors = errors_from(rng, 600, 0.9, 0.75)
        rows, c = answers(rng, 1500, 0.6, 0.9, 0.75, 0.1)
        found = judged_figures(rows, errors, SETTINGS, 7)["measures"]
        p = c - 0.1
        truth = {
            "accuracy": 0.6,
            "gap": 0.1,
            "brier": float(np.mean(0.1**2 + p * (1 - p))),
            "ece": 0.1,
        }
        for name, value in truth.items():
            corrected = found[name]["corrected"]
            covered[name] += corrected["low"] <= value <= corrected["high"]
        raw_misses += abs(found["accuracy"]["judged"]["value"] - 0.6) > 0.02
    # 95 % +- three standard errors of 150 trials is 0.897.
    assert {name for name, count in covered.items() if count < 0.895 * trials} == set()
    assert raw_misses > 0.9 * trials


def test_a_judge_at_chance_leaves_its_own_figures_and_the_reason() -> None:
    rng = np.random.default_rng(5)
    errors = errors_from(rng, 200, 0.5, 0.5)
    rows, _ = answers(rng, 100, 0.6, 0.5, 0.5, 0.1)
    found = judged_figures(rows, errors, SETTINGS, 7)
    assert found["measures"]["accuracy"]["judged"]["value"] is not None
    assert found["measures"]["ece"]["corrected"]["value"] is None
    assert "cannot be corrected" in found["measures"]["ece"]["corrected"]["undefined"]


def test_answers_without_a_confidence_count_for_accuracy_alone() -> None:
    rng = np.random.default_rng(6)
    errors = errors_from(rng, 600, 0.9, 0.9)
    rows, _ = answers(rng, 100, 0.6, 0.9, 0.9, 0.1)
    from dataclasses import replace

    silent = [replace(row, confidence=None, confidence_status="no_confidence") for row in rows]
    found = judged_figures(silent, errors, SETTINGS, 7)["measures"]
    assert found["accuracy"]["corrected"]["value"] is not None
    assert found["brier"]["judged"]["undefined"] == "no graded answer has a confidence"
