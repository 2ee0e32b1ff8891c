"""One method against the baseline: every measure with what can be said about its difference."""

from typing import Any

import numpy as np

from calibrant.measures.accuracy_tests import mcnemar_entry, non_inferiority_entry
from calibrant.measures.comparison import ComparisonSettings, PairedDifference
from calibrant.measures.difference_figures import (
    NOT_TESTED,
    TESTED,
    Figure,
    MeasuredMethod,
    difference,
    figure,
    no_value,
    point_figure,
    relative_change,
    why_undefined,
)
from calibrant.measures.improvement import improvement, paired_improvement
from calibrant.measures.interquartile_mean import RunSummary, summarise_runs

MEASURES = ("accuracy", "brier", "auroc", "smooth_ece", "debiased_ece")
HIGHER_IS_BETTER = frozenset({"accuracy", "auroc"})
_ONE_SEED = "no method has several seeds"


def method_row(
    method: MeasuredMethod, baseline: MeasuredMethod, settings: ComparisonSettings, margin: float
) -> dict[str, Any]:
    """Return one row of the document: the method minus the baseline on every measure.

    Args:
        method: Compared with the baseline, on the same draws of questions.
        baseline: The other one.
        settings: Replicates of draws of trainings alone, seed, level and power.
        margin: Loss of accuracy that does not matter.
    """
    return {
        "method": method.name,
        "seeds": len(method.trainings),
        "baseline_seeds": len(baseline.trainings),
        "over": "seeds and questions" if method.several or baseline.several else "questions",
        **{name: _measure(name, method, baseline, settings) for name in MEASURES},
        "relative_smooth_ece": relative_change(method, baseline, settings.level),
        "non_inferiority": non_inferiority_entry(method, baseline, settings, margin),
        "mcnemar": mcnemar_entry(method, baseline),
    }


def interquartile_means(method: MeasuredMethod, settings: ComparisonSettings) -> dict[str, Figure]:
    """Return the interquartile mean over the seeds of a method, by measure."""
    if not method.several:
        return dict.fromkeys(MEASURES, figure(None, undefined="one seed"))
    means = {}
    for name in MEASURES:
        points = method.measured.points[name]
        if np.isnan(points).any():
            means[name] = figure(None, undefined=why_undefined(method.trainings, name))
        else:
            means[name] = _of_runs(summarise_runs(points[:, None], settings, method.number))
    return means


def _measure(
    name: str, method: MeasuredMethod, baseline: MeasuredMethod, settings: ComparisonSettings
) -> dict[str, Any]:
    one, other = method.measured, baseline.measured
    questions = difference(
        name, method, baseline, one.over_questions(name) - other.over_questions(name), settings
    )
    several = method.several or baseline.several
    seeds = None
    if several:
        drawn = one.over_seeds(name) - other.over_seeds(name)
        seeds = difference(name, method, baseline, drawn, settings)
    main = seeds or questions
    no_p = NOT_TESTED if name not in TESTED else main.reason or None
    return {
        "method": point_figure(name, method),
        "baseline": point_figure(name, baseline),
        "difference": _figure_of(main),
        "over_questions": _figure_of(questions),
        "over_seeds": _figure_of(seeds) if seeds else figure(None, undefined=_ONE_SEED),
        "p_value": figure(main.p_value, undefined=no_p),
        "detectable": figure(main.detectable, undefined=no_p),
        "improvement": _improvement(name, method, baseline, settings),
    }


def _figure_of(found: PairedDifference) -> Figure:
    return figure(found.value, found.low, found.high, found.reason or None)


def _of_runs(found: RunSummary) -> Figure:
    reason = "no interval: trainings show no spread" if found.low is None else None
    return figure(found.value, found.low, found.high, reason)


def _improvement(
    name: str, method: MeasuredMethod, baseline: MeasuredMethod, settings: ComparisonSettings
) -> Figure:
    """Return the probability that a training of the method beats one of the baseline.

    Methods that rest on the same trainings are compared training by training.
    """
    if not (method.several or baseline.several):
        return figure(None, undefined=_ONE_SEED)
    if method.measured.point(name) is None or baseline.measured.point(name) is None:
        return figure(None, undefined=no_value(name, method, baseline))
    runs, others = (item.measured.points[name][:, None] for item in (method, baseline))
    better = name in HIGHER_IS_BETTER
    if method.number == baseline.number:
        paired = paired_improvement(
            runs, others, settings, number=method.number, higher_is_better=better
        )
        return _of_runs(paired)
    return _of_runs(improvement(runs, others, settings, higher_is_better=better))
