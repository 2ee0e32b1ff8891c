"""The faithfulness of a set of responses as figures: value, interval, and why either is absent."""

from statistics import NormalDist
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
from calibrant.measures.faithful_sample import FaithfulResponses, faithful_responses
from calibrant.measures.faithfulness import (
    cmfg,
    cmfg_published,
    cmfg_star,
    empty_bins,
    mfg,
    support_width,
)
from calibrant.measures.figure_entry import FROM_ONE_QUESTION, figure_entry
from calibrant.measures.published_cmfg_star import published_cmfg_star
from calibrant.measures.replicates import DEFAULT_EXECUTION, Execution
from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import Measure, tie_groups, unweighted

NO_RESPONSE = "no response has both confidences"
RANGE = "no interval: the range of a replicate is never wider than that of the sample"
NO_VARIANCE = "no interval: no variance, since no bin holds two responses or all confidences agree"


def faithfulness_figures(  # noqa: PLR0913 (the settings of a study, by name)
    stated: ArrayLike,
    intrinsic: ArrayLike,
    question: ArrayLike,
    response: ArrayLike | None = None,
    *,
    published: bool = False,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    execution: Execution = DEFAULT_EXECUTION,
) -> dict[str, Any]:
    """Return MFG, cMFG and cMFG* with percentile intervals over whole questions.

    Args:
        stated: Stated confidence of every sentence, in [0, 1] or NaN, shape (s,).
        intrinsic: Intrinsic confidence of every sentence, in [0, 1] or NaN, shape (s,).
        question: A label per sentence: the question answered.
        response: A label per sentence: its response; None means one sentence per response.
        published: Also give ``cmfg_published``, and ``cmfg_star_published`` with the normal
            interval of the published variance, which takes responses for independent.
        replicates: Bootstrap replicates.
        level: Level of the intervals, in (0, 1).
        seed: Seed of the bootstrap.
        execution: Threads and progress; changes no figure.

    Returns:
        ``responses``, ``left_out`` (a confidence missing) and ``questions`` as counts;
        ``empty_bins`` of cMFG, 0..10, or None without responses; and by name (``mfg``, ``cmfg``,
        ``cmfg_star``, ``support_width``) value, low, high, left_out (replicates), undefined.

    Raises:
        CalibrantError: If the columns do not fit together (``faithful_responses``).
    """
    items = faithful_responses(stated, intrinsic, question, response)
    questions = len(np.unique(items.cluster))
    counts = {"responses": len(items), "left_out": items.left_out, "questions": questions}
    measures: dict[str, Measure] = {"mfg": mfg, "cmfg": cmfg, "cmfg_star": cmfg_star}
    if published:
        measures["cmfg_published"] = cmfg_published
    if not len(items):
        names = [*measures, "support_width", *(["cmfg_star_published"] if published else [])]
        nothing = figure_entry(None, Interval(None, None, 0), NO_RESPONSE)
        return {**counts, "empty_bins": None, **{name: dict(nothing) for name in names}}
    panel = Panel(tie_groups(items.sample()), measures)
    replicated: dict[str, FloatArray] = {}
    if questions > 1:
        replicated = bootstrap_values(
            [panel], questions, replicates=replicates, seed=seed, execution=execution
        )
    values = point_estimates([panel])
    figures = {name: _entry(values[name], replicated.get(name), level) for name in measures}
    once = unweighted(panel.groups)
    figures["support_width"] = figure_entry(
        float(support_width(once)[0]), Interval(None, None, 0), RANGE
    )
    if published:
        figures["cmfg_star_published"] = _published_entry(items, level)
    return {**counts, "empty_bins": int(empty_bins(once)[0]), **figures}


def _entry(value: float | None, values: FloatArray | None, level: float) -> dict[str, Any]:
    if values is None:
        return figure_entry(value, Interval(None, None, 0), FROM_ONE_QUESTION)
    return figure_entry(value, percentile_interval(values, level), None)


def _published_entry(items: FaithfulResponses, level: float) -> dict[str, Any]:
    figure = published_cmfg_star(items.faithful, items.intrinsic)
    if figure.variance is None:
        return figure_entry(figure.value, Interval(None, None, 0), NO_VARIANCE)
    reach = NormalDist().inv_cdf((1 + level) / 2) * figure.variance**0.5
    return figure_entry(figure.value, Interval(figure.value - reach, figure.value + reach, 0), None)
