"""RLMF's second query: the policy forecasts how faithful its own statement was.

Asked is how well the confidence it stated matches how sure it is. The forecast is compared with what
its other completions show, and the quality Z of the forecast scales the advantage (``advantages.rlmf``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from calibrant.elicitation.scales import SCALES
from calibrant.training.self_judgement_settings import SelfJudgement

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
            not, -1 if the statement cannot be read; NaN where the intrinsic one is not known.
        quality: Z, in [-3, 1].
    """

    forecast: Array
    gold: Array
    quality: Array


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
        f"<match>M</match> where M is {SCALES[scale].instruction}."
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
    replies: Sequence[str],
    stated: ArrayLike,
    readable: ArrayLike,
    intrinsic: ArrayLike,
    settings: SelfJudgement,
    scale: str,
) -> SelfJudged:
    """Return Z = 1 - (F_pred - F_gold)^2 and what it is made of (RLMF, arXiv 2606.32032).

    With one statement per completion F_gold, the share of sentences within the tolerance, is 0 or 1,
    and -1 for a statement that cannot be read. The tolerance counts as within, as in the published
    code; the paper has it without. A forecast that cannot be read has Z = -1. Where no other
    completion could be read nothing is known of the intrinsic confidence, and Z is 0: plain RL.

    Args:
        replies: What the policy replied to the second query.
        stated: Stated confidences, NaN where not read; shape (B,).
        readable: Whether the statement could be read; shape (B,).
        intrinsic: Intrinsic confidences, NaN where not known; shape (B,).
        settings: The tolerance.
        scale: Name of the scale.
    """
    sure, own = np.asarray(stated, np.float64), np.asarray(intrinsic, np.float64)
    formed = np.asarray(readable, bool)
    read = [read_forecast(reply, scale) for reply in replies]
    forecast = np.array([np.nan if value is None else value for value in read])
    within = (np.abs(sure - own) <= settings.tolerance + _ROUNDING).astype(np.float64)
    gold = np.where(formed, np.where(np.isnan(own), np.nan, within), -1.0)
    quality = np.where(np.isnan(forecast), UNREAD_QUALITY, 1 - (forecast - gold) ** 2)
    return SelfJudged(forecast, gold, np.where(np.isnan(gold), 0.0, quality))
