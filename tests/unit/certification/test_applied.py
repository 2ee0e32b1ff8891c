"""A certified threshold applied to answers it was not certified on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from calibrant.certification.answers import read_answers
from calibrant.certification.applied import applied_certificate
from calibrant.certification.certificate import Certificate
from calibrant.certification.certify import Claim, certify
from calibrant.errors import CalibrantError
from calibrant.rows import Prediction, write_rows


def rows(n: int, domain: str, dataset: str, seed: int) -> list[Prediction]:
    """Return calibrated answers: half at 0.95, half at 0.6."""
    rng = np.random.default_rng(seed)
    sure = np.where(np.arange(n) % 2 == 0, 0.95, 0.6)
    right = rng.random(n) < sure
    return [
        Prediction(
            question_id=f"{dataset}/{at}", dataset=dataset, domain=domain, split="calibration",
            answer_type="yes_no", method="m", seed=1, sample=0, completion="", answer="yes",
            confidence=float(sure[at]), confidence_status="ok", correct=bool(right[at]),
            grade_reason="", grader="yes_no",
        )
        for at in range(n)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    path: Path = tmp_path_factory.mktemp("c") / "calibration.parquet"
    write_rows(path, rows(1200, "weather", "sky", 1), Prediction)
    answers = read_answers(path, by=None, correct=None, needs_labels=True)
    return certify(answers, Claim(0.1, 0.05))


def test_coverage_and_risk_are_those_of_the_answers_above_the_threshold(
    certificate: Certificate,
) -> None:
    test = rows(200, "weather", "sky", 2)
    found = applied_certificate(certificate, {"sky": test}, 0.95)
    assert found["threshold"] == 0.95
    (cell,) = found["cells"]
    wrong = sum(not row.correct for row in test if row.confidence == 0.95)
    assert (cell["certified"]["accepted"], cell["certified"]["errors"]) == (100, wrong)
    exact = binomtest(wrong, 100).proportion_ci(0.95, method="exact")
    risk = cell["certified"]["risk"]
    assert (risk["low"], risk["high"]) == pytest.approx((exact.low, exact.high))
    assert cell["certified"]["coverage"]["value"] == 0.5
    assert cell["all"]["coverage"]["value"] == 1.0


def test_another_domain_is_shown_and_not_covered(certificate: Certificate) -> None:
    found = applied_certificate(
        certificate,
        {"sky": rows(40, "weather", "sky", 3), "ward": rows(40, "medical", "ward", 4)},
        0.95,
    )
    assert [cell["covered"] for cell in found["cells"]] == [True, False]


@pytest.mark.parametrize("dataset", ["cloud", "ward"])
def test_another_dataset_is_not_covered_though_its_domain_is(
    certificate: Certificate, dataset: str
) -> None:
    test = rows(40, "weather", dataset, 3)
    assert not applied_certificate(certificate, {dataset: test}, 0.95)["cells"][0]["covered"]


def test_a_domain_that_was_not_certified_on_is_not_covered(certificate: Certificate) -> None:
    test = rows(40, "weather", "sky", 3)
    test[5] = replace(test[5], domain="medical")
    assert not applied_certificate(certificate, {"sky": test}, 0.95)["cells"][0]["covered"]


def test_one_counted_answer_that_a_judge_graded_is_not_covered(certificate: Certificate) -> None:
    test = rows(40, "weather", "sky", 3)
    judged = [*test[:-1], replace(test[-1], grader="judge panel")]
    # What the judge could not grade either counts for nothing.
    left_open = [*test[:-1], replace(judged[-1], correct=None, grade_reason="no_answer")]
    found = [
        applied_certificate(certificate, {"sky": answers}, 0.95)["cells"][0]["covered"]
        for answers in (test, judged, left_open)
    ]
    assert found == [True, False, True]


def test_where_no_answer_is_graded_nothing_is_covered(certificate: Certificate) -> None:
    test = [
        replace(row, correct=None, grade_reason="no_answer") for row in rows(5, "weather", "sky", 3)
    ]
    (cell,) = applied_certificate(certificate, {"sky": test}, 0.95)["cells"]
    assert (cell["questions"], cell["covered"]) == (0, False)


def test_a_certificate_that_names_no_dataset_covers_none(certificate: Certificate) -> None:
    scope = {column: seen for column, seen in certificate.scope.items() if column != "dataset"}
    nameless = certificate.model_copy(update={"scope": scope})
    test = rows(40, "weather", "sky", 3)
    assert not applied_certificate(nameless, {"sky": test}, 0.95)["cells"][0]["covered"]


def test_a_refused_certificate_accepts_nothing_and_says_so(certificate: Certificate) -> None:
    group = certificate.groups[0]
    refusal = {"reason": "no_threshold_passes", "text": "none"}
    refused = Certificate.model_validate(
        certificate.model_dump()
        | {"groups": (group.model_dump() | {"certified": None, "refusal": refusal},)}
    )
    (cell,) = applied_certificate(refused, {"sky": rows(40, "weather", "sky", 5)}, 0.95)["cells"]
    assert cell["certified"]["accepted"] == 0
    assert "nothing is certified" in cell["certified"]["risk"]["undefined"]
    assert cell["fixed"]["accepted"] == 20


def test_only_graded_answers_count_and_one_without_a_confidence_is_deferred(
    certificate: Certificate,
) -> None:
    test = rows(40, "weather", "sky", 6)
    test[0] = replace(test[0], correct=None, grade_reason="no_answer")
    test[2] = replace(test[2], confidence=None, confidence_status="no_confidence")
    (cell,) = applied_certificate(certificate, {"sky": test}, 0.95)["cells"]
    assert (cell["questions"], cell["certified"]["accepted"]) == (39, 18)
    # Not even the rule that takes everything takes an answer without a confidence.
    assert cell["all"]["accepted"] == 38


def test_thresholds_by_group_are_refused(certificate: Certificate) -> None:
    by = certificate.model_copy(update={"by": "domain"})
    with pytest.raises(CalibrantError, match="per group"):
        applied_certificate(by, {}, 0.95)
