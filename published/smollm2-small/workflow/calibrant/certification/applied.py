"""What a certified threshold does on answers that it was not certified on."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from calibrant.certification.binomial import two_sided
from calibrant.certification.calibration_rows import one_per_question
from calibrant.certification.certificate import Certificate
from calibrant.errors import CalibrantError
from calibrant.judging.need import BY_JUDGE
from calibrant.measures.further import FIXED_RULE
from calibrant.measures.sample import FloatArray
from calibrant.rows import Prediction

SCHEMA = "calibrant-applied/1"


def applied_certificate(
    certificate: Certificate, answers: Mapping[str, Sequence[Prediction]], level: float
) -> dict[str, Any]:
    """Return coverage and risk of the certified threshold and of the fixed rule, per dataset.

    One graded answer per question is counted, as in the certificate, so questions are independent
    and the intervals exact (Clopper and Pearson 1934). The certificate covers a dataset that it was
    certified on, domains included, if any answer counts and none was graded by a judge, whose errors
    the certificate knows nothing of. What the threshold does elsewhere is shown as a warning, not a
    claim.

    Args:
        certificate: With one threshold for all.
        answers: Answers of the same system to questions that were not calibrated on, by dataset.
        level: Level of the intervals, in (0, 1).

    Raises:
        CalibrantError: If the certificate has a threshold per group.
    """
    if certificate.by is not None:
        raise CalibrantError("holds a threshold per group", where="certificate")
    certified = certificate.groups[0].certified
    threshold = None if certified is None else certified.point.threshold
    cells = []
    for dataset, rows in answers.items():
        correct = np.array([np.nan if row.correct is None else float(row.correct) for row in rows])
        chosen = one_per_question([row.question_id for row in rows], correct)
        sure = np.array(
            [np.nan if rows[at].confidence is None else rows[at].confidence for at in chosen],
            dtype=np.float64,
        )
        cells.append(
            {
                "dataset": dataset,
                "covered": _is_covered(certificate, dataset, [rows[int(at)] for at in chosen]),
                "questions": len(chosen),
                "certified": _rule(sure, correct[chosen], threshold, level),
                "fixed": _rule(sure, correct[chosen], FIXED_RULE, level),
                "all": _rule(sure, correct[chosen], 0.0, level),
            }
        )
    return {
        "schema": SCHEMA,
        "alpha": certificate.alpha,
        "delta": certificate.delta,
        "threshold": threshold,
        "level": level,
        "cells": cells,
    }


def _is_covered(certificate: Certificate, dataset: str, counted: Sequence[Prediction]) -> bool:
    datasets, domains = (certificate.scope.get(column, {}) for column in ("dataset", "domain"))
    seen = dataset in datasets and all(row.domain in domains for row in counted)
    judged = any(row.grader.startswith(BY_JUDGE) for row in counted)
    return bool(counted) and seen and not judged


def _rule(
    sure: FloatArray, right: FloatArray, threshold: float | None, level: float
) -> dict[str, Any]:
    """Return coverage and risk of accepting from a threshold on; None accepts nothing."""
    accepted = np.zeros(len(sure), dtype=np.bool_) if threshold is None else sure >= threshold
    n, wrong = int(accepted.sum()), int((1 - right[accepted]).sum())
    if threshold is None:
        coverage = risk = _missing("nothing is certified, so all is deferred")
    else:
        coverage = _share(n, len(sure), level, "there is no question")
        risk = _share(wrong, n, level, "no answer is accepted")
    return {"accepted": n, "errors": wrong, "coverage": coverage, "risk": risk}


def _missing(reason: str) -> dict[str, Any]:
    return {"value": None, "low": None, "high": None, "undefined": reason}


def _share(hits: int, n: int, level: float, reason: str) -> dict[str, Any]:
    if n == 0:
        return _missing(reason)
    low, high = two_sided(hits, n, level)
    return {"value": hits / n, "low": low, "high": high, "undefined": None}
