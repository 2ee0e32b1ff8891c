"""All first-line measures of one set of answers, as one JSON-able dictionary."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from calibrant.measures.bootstrap import (
    Interval,
    Panel,
    bootstrap_values,
    percentile_interval,
    point_estimates,
)
from calibrant.measures.calibration import ece, ece_equal_mass
from calibrant.measures.companions import constant_baseline, count_rows, noise_floor
from calibrant.measures.curves import histogram, reliability, risk_coverage
from calibrant.measures.figure_entry import FROM_ONE_QUESTION, MOST_LEFT_OUT, figure_entry
from calibrant.measures.further import further_figures
from calibrant.measures.missing_policy import MissingPolicy
from calibrant.measures.ranking import aurc, auroc
from calibrant.measures.replicates import DEFAULT_EXECUTION, Execution
from calibrant.measures.sample import (
    IntArray,
    ScoredSample,
    apply_missing_policy,
    check_probabilities,
    cluster_codes,
    scored_sample,
)
from calibrant.measures.sample_settings import SampleSettings
from calibrant.measures.scores import (
    LOG_LOSS_CLIP,
    accuracy,
    brier,
    gap,
    log_loss,
    mean_confidence,
)
from calibrant.measures.truth import KnownTruth, stated_against_true, truth_figures
from calibrant.measures.weighting import Measure, tie_groups
from calibrant.measures.wilson import effective_rows, wilson_interval

_NO_SPREAD = "no interval: resampling shows no spread, since all answers, or nearly all, are alike"


def measures_of_confidence(bins: int) -> dict[str, Measure]:
    """Return the measures that need a confidence, by the name they are published under."""
    return {
        "mean_confidence": mean_confidence,
        "gap": gap,
        "brier": brier,
        "log_loss": log_loss,
        "ece": partial(ece, bins=bins),
        "ece_equal_mass": partial(ece_equal_mass, bins=bins),
        "auroc": auroc,
        "aurc": aurc,
    }


def measure_sample(  # noqa: PLR0913 (the settings of a study, by name)
    confidence: ArrayLike,
    correct: ArrayLike,
    cluster: ArrayLike | None = None,
    *,
    true_probability: ArrayLike | None = None,
    policy: MissingPolicy,
    bins: int,
    replicates: int,
    level: float,
    seed: int,
    further: bool = False,
    execution: Execution = DEFAULT_EXECUTION,
) -> dict[str, Any]:
    """Measure a set of answers.

    Ungraded answers are left out of everything and counted. Accuracy is over all graded answers;
    the other measures, the gap included, are over those with a confidence after the policy.

    Args:
        confidence: In [0, 1], NaN where missing, shape (n,).
        correct: 0 or 1, NaN where ungraded, shape (n,).
        cluster: A label of the question per answer, shape (n,); None: every answer its own.
        true_probability: Known probability of every answer of being right, in [0, 1], NaN where not
            known, shape (n,). Measured against where every graded answer has one.
        policy: See ``SampleSettings``, as for bins, replicates, level and seed.
        bins: Bins of ECE.
        replicates: Bootstrap replicates.
        level: Level of the intervals.
        seed: Seed of everything random.
        further: Also give the second line of measures.
        execution: Threads and progress; changes no figure.

    Returns:
        ``measures`` (by name: value, low, high, undefined, left_out; nulls have their reason in
        ``undefined``, and left_out counts replicates without a value), ``counts``, ``constant``,
        ``noise_floor``, ``curves`` (reliability, histogram, risk_coverage) and ``settings``. There
        is no NaN in it. If asked for, ``further`` holds what ``further_figures`` returns. Where the
        truth is known, ``measures`` also holds those of ``truth.truth_samples`` and ``curves``
        stated_against_true.

    Raises:
        CalibrantError: If a setting or a row is out of range.
    """
    settings = SampleSettings(policy, bins, replicates, level, seed)
    stated = np.asarray(confidence, dtype=np.float64)
    grades = np.asarray(correct, dtype=np.float64)
    codes = cluster_codes(cluster, len(grades))
    graded = np.flatnonzero(~np.isnan(grades))
    filled = apply_missing_policy(stated[graded], grades[graded], policy)
    # One numbering of questions for both panels, so that they share their draws.
    questions = cluster_codes(codes[graded], len(graded))
    # Accuracy does not look at the confidence; one value for all makes one group to sum over.
    everyone = scored_sample(np.zeros(len(graded)), grades[graded], questions)
    with_confidence = np.flatnonzero(~np.isnan(filled))
    sample = scored_sample(filled[with_confidence], grades[graded][with_confidence])
    sample = ScoredSample(sample.confidence, sample.correct, questions[with_confidence])
    truth = _known_truth(true_probability, graded, with_confidence, everyone, sample)
    return {
        **(_further(sample, settings, execution) if further else {}),
        "measures": {
            **_estimates(everyone, sample, settings, execution),
            **_truth_estimates(truth, settings, execution),
        },
        "counts": count_rows(stated, grades, codes, len(sample)),
        "constant": constant_baseline(sample),
        "noise_floor": noise_floor(sample, bins, seed=seed, execution=execution),
        "curves": {
            "reliability": reliability(sample, bins=bins, level=level),
            "histogram": histogram(sample),
            "risk_coverage": risk_coverage(sample, level=level),
            **({"stated_against_true": stated_against_true(truth.stated)} if truth else {}),
        },
        "settings": {**asdict(settings), "log_loss_clip": LOG_LOSS_CLIP},
    }


def _further(
    sample: ScoredSample, settings: SampleSettings, execution: Execution
) -> dict[str, Any]:
    figures = further_figures(
        sample,
        replicates=settings.replicates,
        level=settings.level,
        seed=settings.seed,
        execution=execution,
    )
    return {"further": figures}


def _known_truth(
    true_probability: ArrayLike | None,
    graded: IntArray,
    with_confidence: IntArray,
    everyone: ScoredSample,
    sample: ScoredSample,
) -> KnownTruth | None:
    """Return the samples with true probabilities, or None where one is not known."""
    if true_probability is None or len(graded) == 0:
        return None
    true = np.asarray(true_probability, dtype=np.float64)[graded]
    if np.isnan(true).any():
        return None
    check_probabilities(true, "true_probability")
    return KnownTruth(
        everyone=replace(everyone, correct=true),
        stated=replace(sample, correct=true[with_confidence]),
    )


def _truth_estimates(
    truth: KnownTruth | None, settings: SampleSettings, execution: Execution
) -> dict[str, Any]:
    if truth is None:
        return {}
    return truth_figures(
        truth,
        replicates=settings.replicates,
        level=settings.level,
        seed=settings.seed,
        execution=execution,
    )


def _estimates(
    everyone: ScoredSample,
    sample: ScoredSample,
    settings: SampleSettings,
    execution: Execution,
) -> dict[str, Any]:
    panels = [
        Panel(tie_groups(everyone), {"accuracy": accuracy}),
        Panel(tie_groups(sample), measures_of_confidence(settings.bins)),
    ]
    values = point_estimates(panels)
    clusters = len(np.unique(everyone.cluster))
    intervals: dict[str, Interval] = {}
    if clusters > 1:
        replicated = bootstrap_values(
            panels,
            clusters,
            replicates=settings.replicates,
            seed=settings.seed,
            execution=execution,
        )
        intervals = {name: percentile_interval(replicated[name], settings.level) for name in values}
        intervals = _honest(intervals, values, everyone, sample, settings)
    return {
        name: _entry(name, value, intervals.get(name), everyone if name == "accuracy" else sample)
        for name, value in values.items()
    }


def _honest(
    intervals: dict[str, Interval],
    values: Mapping[str, float | None],
    everyone: ScoredSample,
    sample: ScoredSample,
    settings: SampleSettings,
) -> dict[str, Interval]:
    """Replace or remove the intervals that resampling cannot give.

    Every replicate of answers that are all right, or all wrong, is as right or as wrong; that is no
    certainty. Accuracy then gets Wilson's interval, the gap what follows from it and the interval
    of the mean confidence, and the other measures of outcomes none. None either is given from a
    single question, or where too many replicates left the measure undefined.
    """
    kept = dict(intervals)
    if values["accuracy"] in (0.0, 1.0):
        kept["accuracy"] = _wilson(everyone, settings.level)
    unknown = {
        name for name, it in kept.items() if it.left_out > MOST_LEFT_OUT * settings.replicates
    }
    if len(sample) and len(np.unique(sample.correct)) == 1:
        ends, stated = _wilson(sample, settings.level), intervals["mean_confidence"]
        unknown |= kept.keys() - {"accuracy", "mean_confidence", "gap"}
        if None not in (ends.low, ends.high, stated.low, stated.high):
            kept["gap"] = Interval(stated.low - ends.high, stated.high - ends.low, 0)  # type: ignore[operator]
    if len(np.unique(sample.cluster)) < 2:
        unknown |= kept.keys() - {"accuracy"}
    return kept | {name: Interval(None, None, intervals[name].left_out) for name in unknown}


def _wilson(sample: ScoredSample, level: float) -> Interval:
    worth = float(effective_rows(sample.cluster)[-1])
    return Interval(
        *wilson_interval(float(sample.correct.mean()) * worth, worth, level), left_out=0
    )


def _entry(
    name: str, value: float | None, interval: Interval | None, sample: ScoredSample
) -> dict[str, Any]:
    if value is None:
        left_out = interval.left_out if interval else 0
        reason = _why_undefined(name, sample)
        return figure_entry(None, Interval(None, None, left_out), reason)
    if interval is None or interval.low is None:
        single = interval is None or len(np.unique(sample.cluster)) < 2
        left_out = interval.left_out if interval else 0
        reason = FROM_ONE_QUESTION if single else _NO_SPREAD
        return figure_entry(value, Interval(None, None, left_out), reason)
    return figure_entry(value, interval, None)


def _why_undefined(name: str, sample: ScoredSample) -> str:
    if len(sample) == 0:
        return "no graded answer" if name == "accuracy" else "no graded answer with a confidence"
    state = "right" if sample.correct[0] else "wrong"
    return f"all answers are {state}, so there is nothing to rank"
