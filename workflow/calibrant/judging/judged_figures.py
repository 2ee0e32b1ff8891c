"""Stage ``correct_judged``: figures of answers that a judge graded, as given and corrected."""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.judging.error_corrected import CorrectedMeans, GradedByJudge, corrected_means
from calibrant.judging.error_model import ChosenErrors, ErrorModel, Errors
from calibrant.judging.need import BY_JUDGE
from calibrant.judging.noisy_sum import denoised_sum
from calibrant.measures.calibration import equal_width_bins
from calibrant.measures.sample import FloatArray, cluster_codes
from calibrant.rows import Prediction
from calibrant.stage_settings.judging import CorrectJudgedSettings

SCHEMA = "calibrant-judged/1"
MEASURES = ("accuracy", "gap", "brier", "ece")
_LEAST = {"gap": -1.0}
_OUTSIDE = "no interval: the correction leads out of the possible range"
_NO_WIDTH = "no interval: it has no width, since all answers count alike"
_NO_VARIANCE = 1e-24


class _Known(NamedTuple):
    """What is known of the judge.

    Attributes:
        chosen: The errors to correct with, by domain.
        measured: All that were measured, by domain.
        refusal: Why they cannot be corrected for, else None.
    """

    chosen: Mapping[str, ChosenErrors]
    measured: Mapping[str, Errors]
    refusal: str | None


def judged_figures(
    predictions: Sequence[Prediction],
    errors: ErrorModel,
    settings: CorrectJudgedSettings,
    seed: int,
) -> dict[str, Any]:
    """Return accuracy, gap, Brier score and ECE by the judge's verdicts, and corrected.

    Accuracy is over all graded answers, the others over those with a stated confidence: no policy
    fills one in, since what is filled in may depend on the grade.

    Args:
        predictions: All rows of one method, seed and dataset, judged.
        errors: The measured errors of the judge.
        settings: Level and bins.
        seed: Seed of the noise simulated for ECE.

    Returns:
        ``measures`` holds per measure ``judged`` and ``corrected``, each with ``value`` and
        ``undefined``; a judge whose errors cannot be corrected for leaves the reason. Corrected
        values have an interval, both cut at what the measure can be: -1 to 1 for the gap, 0 to 1
        for the others. ``unclipped`` is the value before that. Where nothing of the interval lies
        strictly inside, or it has no width, there is none and ``undefined`` says why. ``errors``
        says what was corrected with, per domain.
    """
    graded = [row for row in predictions if row.correct is not None]
    judged = [row for row in graded if row.grader.startswith(BY_JUDGE)]
    first, chosen, refusal = predictions[0], dict[str, ChosenErrors](), None
    try:
        for domain in sorted({row.domain for row in judged}):
            chosen[domain] = errors.above_chance(domain)
    except CalibrantError as error:
        refusal = str(error)
    return {
        "schema": SCHEMA,
        "method": first.method,
        "seed": first.seed,
        "dataset": first.dataset,
        "judge": errors.source.judge,
        "measured_on": errors.source.dataset,
        "counts": {"rows": len(predictions), "graded": len(graded), "judged": len(judged)},
        "errors": {domain: _described(item) for domain, item in chosen.items()},
        "measures": _measures(graded, _Known(chosen, errors.domains, refusal), settings, seed),
        "level": settings.level,
    }


def _described(errors: ChosenErrors) -> dict[str, Any]:
    shares = {"sensitivity": errors.sensitivity, "specificity": errors.specificity}
    return {"measured_in": errors.measured_in} | {
        name: {"value": share.value, "low": share.low, "high": share.high}
        for name, share in shares.items()
    }


def _measures(
    graded: Sequence[Prediction], known: _Known, settings: CorrectJudgedSettings, seed: int
) -> dict[str, Any]:
    stated = [row for row in graded if row.confidence is not None]
    found = {}
    for name in MEASURES:
        rows = graded if name == "accuracy" else stated
        if not rows:
            why = "no answer is graded" if not graded else "no graded answer has a confidence"
            found[name] = {"judged": _missing(why), "corrected": _missing(why)}
            continue
        answers = _columns(rows, known)
        constant, factor = _linear(name, answers, settings.bins)
        raw = (constant + factor * answers.said[:, None]).mean(axis=0)
        # The sum over bins for ECE, the one mean for the others.
        judged = float(np.abs(raw).sum() if name == "ece" else raw[0])
        found[name] = {
            "judged": {"value": judged, "undefined": None},
            "corrected": _missing(known.refusal)
            if known.refusal is not None
            else _corrected(name, corrected_means(constant, factor, answers), settings, seed),
        }
    return found


def _missing(reason: str) -> dict[str, Any]:
    return {"value": None, "unclipped": None, "low": None, "high": None, "undefined": reason}


def _columns(rows: Sequence[Prediction], known: _Known) -> GradedByJudge:
    numbers = {domain: number for number, domain in enumerate(known.chosen)}
    return GradedByJudge(
        confidence=np.array([row.confidence or 0.0 for row in rows]),
        said=np.array([float(bool(row.correct)) for row in rows]),
        judged=np.array([row.grader.startswith(BY_JUDGE) for row in rows]),
        domain=np.array([numbers.get(row.domain, -1) for row in rows], dtype=np.int64),
        errors=tuple(known.chosen.values()),
        cluster=cluster_codes([row.question_id for row in rows], len(rows)),
        measured=known.measured,
    )


def _linear(name: str, answers: GradedByJudge, bins: int) -> tuple[FloatArray, FloatArray]:
    """Return a measure as means of ``constant + factor * y``, both of shape (n, p)."""
    c = answers.confidence[:, None]
    one = np.ones_like(c)
    if name == "accuracy":
        return 0 * one, one
    if name == "gap":
        return c, -one
    if name == "brier":
        return c**2, 1 - 2 * c
    place = equal_width_bins(answers.confidence, bins)
    inside = (place[:, None] == np.unique(place)).astype(np.float64)
    return inside * c, -inside


def _corrected(
    name: str, means: CorrectedMeans, settings: CorrectJudgedSettings, seed: int
) -> dict[str, Any]:
    value = float(means.value[0])
    reach = NormalDist().inv_cdf((1 + settings.level) / 2) * float(np.sqrt(means.covariance[0, 0]))
    ends = (value - reach, value + reach)
    if name == "ece":
        total = denoised_sum(means.value, means.covariance, level=settings.level, seed=seed)
        value, ends = total.value, (total.low, total.high)
    cut, low, high = (min(1.0, max(_LEAST.get(name, 0.0), end)) for end in (value, *ends))
    found = {"value": cut, "unclipped": value}
    alike = float(np.trace(means.covariance)) < _NO_VARIANCE
    if alike or low == high:
        why = _NO_WIDTH if alike else _OUTSIDE
        return found | {"low": None, "high": None, "undefined": why}
    return found | {"low": low, "high": high, "undefined": None}
