"""Accuracy against the baseline: whether a loss is ruled out, and McNemar's exact test."""

from typing import Any

from calibrant.measures.comparison import ComparisonSettings
from calibrant.measures.difference_figures import MeasuredMethod, figure, no_interval, no_value
from calibrant.measures.mcnemar import mcnemar_exact
from calibrant.measures.non_inferiority import non_inferiority


def non_inferiority_entry(
    method: MeasuredMethod, baseline: MeasuredMethod, settings: ComparisonSettings, margin: float
) -> dict[str, Any]:
    """Return whether the method loses less accuracy than the margin, and how much it may lose."""
    name = "accuracy"
    first, second = method.measured.point(name), baseline.measured.point(name)
    drawn = method.measured.over_seeds(name) - baseline.measured.over_seeds(name)
    reason: str | None
    if first is None or second is None:
        loss, reason = None, no_value(name, method, baseline)
    else:
        loss, reason = second - first, no_interval(name, method, baseline, drawn)
    empty = {"margin": margin, "loss": figure(loss, undefined=reason), "shown": False}
    reason = reason or _too_few_without_loss(method, baseline, settings.level, margin)
    if loss is None or reason:
        nothing = figure(None, undefined=reason)
        return {**empty, "most": nothing, "p_value": nothing, "power": nothing}
    found = non_inferiority(-loss, drawn, margin=margin, level=settings.level)
    said = found.reason or None
    return {
        "margin": margin,
        "loss": figure(loss),
        "shown": found.shown,
        "most": figure(found.most, undefined=said),
        "p_value": figure(found.p_value, undefined=said),
        "power": figure(found.power, undefined=said),
    }


def _too_few_without_loss(
    method: MeasuredMethod, baseline: MeasuredMethod, level: float, margin: float
) -> str | None:
    """Return why nothing is shown where no question was lost: no replicate loses one either.

    With a share m of questions lost, n questions show no loss with probability (1 - m)^n, which
    must be at most 1 - level.
    """
    first, second = _one_answer_each(method), _one_answer_each(baseline)
    if first is None or second is None:
        return None
    both = first.keys() & second.keys()
    lost = any(first[code] < second[code] for code in both)
    few = (1 - margin) ** len(both) > 1 - level
    return "no question was lost, but of so few that says little" if few and not lost else None


def mcnemar_entry(method: MeasuredMethod, baseline: MeasuredMethod) -> dict[str, Any]:
    """Return McNemar's exact test on the questions that both answered once and were graded."""
    first, second = _one_answer_each(method), _one_answer_each(baseline)
    if first is None or second is None:
        reason = "it takes one seed of each method and one answer per question"
        return {
            key: figure(None, undefined=reason)
            for key in ("only_method", "only_baseline", "p_value")
        }
    both = sorted(first.keys() & second.keys())
    found = mcnemar_exact([first[code] for code in both], [second[code] for code in both])
    return {
        "only_method": figure(found.only_first),
        "only_baseline": figure(found.only_second),
        "p_value": figure(found.p_value),
    }


def _one_answer_each(method: MeasuredMethod) -> dict[int, float] | None:
    sample = method.trainings[0].everyone
    found = dict(zip(sample.cluster.tolist(), sample.correct.tolist(), strict=True))
    return found if not method.several and len(found) == len(sample) else None
