"""Figures of judged answers, corrected with the judge's measured errors."""

from dataclasses import replace

import numpy as np
import pytest

from calibrant.errors import CalibrantError
from calibrant.judging.agreement import POOLED
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
    silent = [replace(row, confidence=None, confidence_status="no_confidence") for row in rows]
    found = judged_figures(silent, errors, SETTINGS, 7)["measures"]
    assert found["accuracy"]["corrected"]["value"] is not None
    assert found["brier"]["judged"]["undefined"] == "no graded answer has a confidence"


def two_domains(rng: np.random.Generator) -> ErrorModel:
    """Measure a judge right in 85 % of cases on 200 answers of one domain and 20 of another."""
    domains = np.array(["law"] * 200 + ["medicine"] * 20)
    human = np.arange(220) % 2 == 0
    said = np.where(rng.random(220) < 0.85, human, ~human)
    source = Source(judge="simulated", prompt_version="-", dataset="made")
    pairs = paired_verdicts(human, said, [str(at) for at in range(220)])
    return fit_error_model(pairs, domains, source, Resampling(1, 50, 0.95))


def test_intervals_cover_where_one_domain_has_errors_of_its_own_and_another_those_of_all() -> None:
    trials, covered = 200, 0
    for number in range(trials):
        rng = np.random.default_rng(number)
        errors = two_domains(rng)
        law, _ = answers(rng, 2000, 0.6, 0.85, 0.85, 0.1)
        medicine, _ = answers(rng, 2000, 0.6, 0.85, 0.85, 0.1)
        rows = law + [
            replace(row, domain="medicine", question_id=f"more/{row.question_id}")
            for row in medicine
        ]
        # Accuracy alone is asked for here, and ECE costs most.
        silent = [replace(row, confidence=None, confidence_status="no_confidence") for row in rows]
        found = judged_figures(silent, errors, SETTINGS, 7)
        assert [found["errors"][name]["measured_in"] for name in ("law", "medicine")] == [
            "law",
            "*",
        ]
        accuracy = found["measures"]["accuracy"]["corrected"]
        covered += accuracy["low"] <= 0.6 <= accuracy["high"]
    # 95 % - three standard errors of 200 trials.
    assert covered >= 0.904 * trials


def test_errors_of_all_domains_share_the_noise_of_those_they_are_made_of() -> None:
    """Numerical derivatives in the shares of two disjoint samples, of which one is also pooled."""
    rng = np.random.default_rng(8)
    model = two_domains(rng)
    own, pooled, rest = model.domains["law"], model.domains[POOLED], model.domains["medicine"]
    assert own.sensitivity and own.specificity and pooled.sensitivity and pooled.specificity
    assert rest.sensitivity and rest.specificity
    shares = [own.sensitivity, own.specificity, rest.sensitivity, rest.specificity]
    said, domain = (rng.random(300) < 0.6).astype(float), np.arange(300) % 2
    chosen = (model.for_domain("law"), model.for_domain("medicine"))

    def value(at: np.ndarray) -> float:
        pooled_at = (at[:2] * 100 + at[2:] * 10) / 110
        a, b = (np.array([at[kind], pooled_at[kind]])[domain] for kind in (0, 1))
        return float(np.mean((said + b - 1) / (a + b - 1)))

    judged = GradedByJudge(
        np.zeros(300), said, np.ones(300, dtype=bool), domain, chosen, np.arange(300), model.domains
    )
    means = corrected_means(np.zeros((300, 1)), np.ones((300, 1)), judged)
    here = np.array([share.value for share in shares])
    assert means.value[0] == pytest.approx(value(here))
    expected = corrected_labels(judged).var(ddof=1) / 300
    # What is not of the own domain has its part of what all answers are worth.
    of_all = [pooled.sensitivity.worth * 10 / 110, pooled.specificity.worth * 10 / 110]
    worths = [own.sensitivity.worth, own.specificity.worth, *of_all]
    for step, share, worth in zip(1e-6 * np.eye(4), here, worths, strict=True):
        slope = (value(here + step) - value(here - step)) / 2e-6
        middle = (share * worth + 1) / (worth + 2)
        expected += slope**2 * middle * (1 - middle) / (worth + 2)
    assert means.covariance[0, 0] == pytest.approx(expected, rel=1e-6)
    apart = replace(judged, measured={})
    with pytest.raises(CalibrantError, match="no counts of domain"):
        corrected_means(np.zeros((300, 1)), np.ones((300, 1)), apart)
    other = {"law": pooled, POOLED: own}
    with pytest.raises(CalibrantError, match="do not contain"):
        corrected_means(np.zeros((300, 1)), np.ones((300, 1)), replace(judged, measured=other))


def graded(right: int, n: int, *, grader: str = "judge simulated") -> list[Prediction]:
    """Return n answers of confidence 0.7 of which the first are right."""
    rows, _ = answers(np.random.default_rng(9), n, 0.5, 0.9, 0.8, 0.0)
    return [
        replace(row, confidence=0.7, correct=at < right, grader=grader)
        for at, row in enumerate(rows)
    ]


def test_a_correction_that_leads_beyond_the_range_is_cut_together_with_its_interval() -> None:
    errors = errors_from(np.random.default_rng(10), 4000, 0.9, 0.8)
    chosen = errors.for_domain("law")
    a, b = chosen.sensitivity.value, chosen.specificity.value
    found = judged_figures(graded(19, 20), errors, SETTINGS, 7)["measures"]
    accuracy = found["accuracy"]["corrected"]
    assert accuracy["unclipped"] == pytest.approx((0.95 + b - 1) / (a + b - 1))
    assert accuracy["unclipped"] > 1
    assert (accuracy["value"], accuracy["high"]) == (1.0, 1.0)
    assert 0.8 < accuracy["low"] < 1
    assert accuracy["undefined"] is None
    gap = found["gap"]["corrected"]
    assert gap["value"] == gap["unclipped"] == pytest.approx(0.7 - accuracy["unclipped"])


@pytest.mark.parametrize(("right", "end"), [(200, 1.0), (0, 0.0)])
def test_a_correction_wholly_beyond_the_range_has_no_interval(right: int, end: float) -> None:
    errors = errors_from(np.random.default_rng(11), 4000, 0.9, 0.8)
    found = judged_figures(graded(right, 200), errors, SETTINGS, 7)["measures"]
    accuracy = found["accuracy"]["corrected"]
    assert (accuracy["value"], accuracy["low"], accuracy["high"]) == (end, None, None)
    assert abs(accuracy["unclipped"] - end) > 0.1
    assert accuracy["undefined"] == "no interval: the correction leads out of the possible range"


@pytest.mark.parametrize("right", range(0, 21, 2))
def test_a_value_lies_in_its_interval_and_the_interval_has_a_width(right: int) -> None:
    errors = errors_from(np.random.default_rng(12), 400, 0.85, 0.8)
    found = judged_figures(graded(right, 20), errors, SETTINGS, 7)["measures"]
    for name, figure in found.items():
        corrected = figure["corrected"]
        least = -1 if name == "gap" else 0
        assert least <= corrected["value"] <= 1
        if corrected["undefined"] is None:
            assert least <= corrected["low"] <= corrected["value"] <= corrected["high"] <= 1
            assert corrected["low"] < corrected["high"]


def test_answers_all_alike_that_no_judge_graded_have_no_interval() -> None:
    errors = errors_from(np.random.default_rng(13), 400, 0.9, 0.8)
    found = judged_figures(graded(20, 20, grader="text"), errors, SETTINGS, 7)["measures"]
    for figure in found.values():
        corrected = figure["corrected"]
        assert corrected["value"] == pytest.approx(figure["judged"]["value"])
        assert (corrected["low"], corrected["high"]) == (None, None)
        assert "no width" in corrected["undefined"]
