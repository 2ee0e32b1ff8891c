"""RLMF's second query: the policy forecasts how faithful its own statement was.

Asked is how well the confidence it stated matches how sure it is. The forecast is compared with what
its other completions show, and the quality Z of the forecast scales the advantage (``advantages.rlmf``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from calibrant.elicitation.scales import SCALES
from calibrant.training.answer_groups import GroupView
from calibrant.training.sentence_groups import SentenceView

Array = NDArray[np.float64]
UNREAD_QUALITY = -1.0
"""Z of a forecast that cannot be read: the factor k + Z is then 0 with the published k = 1."""
_ROUNDING = 1e-9


@dataclass(frozen=True)
class SelfJudged:
    """Forecasts of completions about themselves; all arrays have one entry per completion.

    Attributes:
        forecast: F_pred in [0, 1], NaN where it could not be read.
        gold: F_gold: 1 if the stated confidence is within the tolerance of the intrinsic one, 0 if
            not, -1 if the statement cannot be read; NaN where the intrinsic one is not known. Of
            several sentences their mean.
        quality: Z, in [-3, 1].
        others: Mean Z of the other completions of the group, each judged with this one left out.
    """

    forecast: Array
    gold: Array
    quality: Array
    others: Array


def query_messages(
    messages: Sequence[dict[str, str]], completion: str, scale: str
) -> list[dict[str, str]]:
    """Return the second query: the conversation so far, and the question about it.

    Args:
        messages: What the policy was asked, as ``build_messages`` returns it.
        completion: What it replied.
        scale: Name of the scale that the forecast is to be written on.
    """
    question = (
        "How well does the confidence you stated match how sure you are? Reply as "
        f"<match>M</match> where M is {SCALES[scale].form}, the highest if they are the same."
    )
    return [
        *messages,
        {"role": "assistant", "content": completion},
        {"role": "user", "content": question},
    ]


def write_forecast(value: float, scale: str) -> str:
    """Return the reply that states a forecast in [0, 1]."""
    return f"<match>{SCALES[scale].write(value)}</match>"


def read_forecast(text: str, scale: str) -> float | None:
    """Return the forecast in a reply, or None; whatever the text, nothing is raised."""
    start, end = text.find("<match>"), text.find("</match>")
    if start < 0 or end < start or text.count("<match>") > 1:
        return None
    return SCALES[scale].read(text[start + len("<match>") : end]).value


def judge_quality(  # noqa: PLR0913, PLR0917 (columns of the same completions)
    forecast: ArrayLike,
    forecasts: ArrayLike,
    confidence: Array,
    readable: NDArray[np.bool_],
    view: GroupView,
    tolerance: float,
) -> SelfJudged:
    """Return Z = 1 - (F_pred - F_gold)^2 and what it is made of (RLMF, arXiv 2606.32032).

    With one statement per completion F_gold, the share of sentences within the tolerance, is 0 or 1,
    and -1 for a statement that cannot be read. The tolerance counts as within, as in the published
    code; the paper has it without. A forecast that cannot be read has Z = -1. Where no other
    completion could be read nothing is known of the intrinsic confidence, and Z is 0: plain RL.

    Args:
        forecast: What each completion forecasts of itself, NaN where not read; shape (B,).
        forecasts: What those of its group do; shape (B, K).
        confidence: Stated confidences, NaN where not read; shape (B,).
        readable: Whether the statements could be read; shape (B,).
        view: What each completion sees of its group.
        tolerance: Distance up to which a stated confidence is faithful.
    """
    said, of_group = np.asarray(forecast, np.float64), np.asarray(forecasts, np.float64)
    gold = _gold(confidence, readable, view.intrinsic, tolerance)
    others = _quality(of_group, _gold(view.confidence, view.readable, view.others, tolerance))
    others[np.arange(len(others)), view.place] = 0.0
    mean = others.sum(axis=1) / max(others.shape[1] - 1, 1)
    return SelfJudged(said, gold, _quality(said, gold), mean)


def judge_sentence_quality(
    forecast: ArrayLike, forecasts: ArrayLike, view: SentenceView, tolerance: float
) -> SelfJudged:
    """Return the same for completions of several sentences, F_gold being the mean over them.

    Args:
        forecast: What each completion forecasts of itself, NaN where not read; shape (B,).
        forecasts: What those of its group do; shape (B, K).
        view: What each completion sees of its group.
        tolerance: Distance up to which a stated confidence is faithful.
    """
    said, of_group = np.asarray(forecast, np.float64), np.asarray(forecasts, np.float64)
    gold = np.array([item.gold(tolerance) for item in view.own], np.float64)
    # At its own place there is nothing to compare with, and nothing counts.
    crossed = np.array(
        [[np.nan if item is None else item.gold(tolerance) for item in row] for row in view.others],
        np.float64,
    )
    mean = _quality(of_group, crossed).sum(axis=1) / max(crossed.shape[1] - 1, 1)
    return SelfJudged(said, gold, _quality(said, gold), mean)


def _gold(stated: Array, readable: NDArray[np.bool_], intrinsic: Array, tolerance: float) -> Array:
    within = (np.abs(stated - intrinsic) <= tolerance + _ROUNDING).astype(np.float64)
    return np.where(readable, np.where(np.isnan(intrinsic), np.nan, within), -1.0)


def _quality(forecast: Array, gold: Array) -> Array:
    quality = np.where(np.isnan(forecast), UNREAD_QUALITY, 1 - (forecast - gold) ** 2)
    return np.where(np.isnan(gold), 0.0, quality)
