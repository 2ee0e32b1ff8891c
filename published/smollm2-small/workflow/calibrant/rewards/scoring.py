"""The scoring rules: S1(c) for a right answer and S0(c) for a wrong one.

A rule is proper when the expected score p S1(c) + (1-p) S0(c) is largest at c = p, that is when
S1'(c) = (1-c) w(c) and S0'(c) = -c w(c) for some w >= 0 (Schervish 1989; Gneiting and Raftery 2007,
theorem 1). Every function below takes confidences in 0..1 of any shape and returns two arrays of
that shape. Whether a confidence may be scored at all is decided in ``reward``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from calibrant.rewards.incomplete_beta import incomplete_beta
from calibrant.rewards.settings import ArticleMatrix, Rule

Array = NDArray[np.float64]


class Scores(NamedTuple):
    """The score of a confidence for both outcomes, each of the shape of the confidence."""

    if_right: Array
    if_wrong: Array


def score(rule: Rule, confidence: ArrayLike) -> Scores:
    """Return both scores of a confidence under a rule.

    Args:
        rule: The settings of the rule.
        confidence: Stated probabilities of being right, in 0..1, any shape.

    Returns:
        S1 and S0, each of the shape of ``confidence``.
    """
    return _FUNCTIONS[rule.rule](rule, np.asarray(confidence, dtype=np.float64))


def mix(label: ArrayLike, scores: Scores) -> Array:
    """Return label S1 + (1 - label) S0, the score of a label or its expectation over labels.

    An outcome of weight 0 counts nothing even where its score is infinite.

    Args:
        label: 0 or 1, a probability, or a noise-corrected label; broadcast against the scores.
        scores: S1 and S0.

    Returns:
        The mixture, of the broadcast shape.
    """
    label = np.asarray(label, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        right = np.where(label == 0, 0.0, label * scores.if_right)
        wrong = np.where(label == 1, 0.0, (1 - label) * scores.if_wrong)
        return np.asarray(right + wrong)


def no_score(c: Array) -> Scores:
    """S1 = S0 = 0. Range [0, 0]. Correctness alone: RLVR."""
    return Scores(np.zeros_like(c), np.zeros_like(c))


def brier(c: Array) -> Scores:
    """S1 = -(1-c)^2, S0 = -c^2. Range [-1, 0]. Brier 1950; RLCR (arXiv 2507.16806)."""
    return Scores(-((1 - c) ** 2), -(c**2))


def power(c: Array, k: float) -> Scores:
    """S1 = k/(k-1) c^(k-1) - c^k, S0 = -c^k. Range [-1, 1/(k-1)].

    S0 is the cost the article chose, S1 the only gain that makes it proper (up to a constant):
    w(c) = k c^(k-2). k = 2 equals y - (c - y)^2, RLCR's whole reward.
    """
    return Scores(k / (k - 1) * c ** (k - 1) - c**k, -(c**k))


def log(c: Array, clip: float) -> Scores:
    """S1 = ln c, S0 = ln(1-c), with c moved into [clip, 1-clip]. Range [ln clip, ln(1-clip)].

    Good 1952. Clip 0 leaves both scores unbounded below.
    """
    c = np.clip(c, clip, 1 - clip)
    with np.errstate(divide="ignore"):
        return Scores(np.log(c), np.log1p(-c))


def spherical(c: Array) -> Scores:
    """S1 = c/n, S0 = (1-c)/n with n = sqrt(c^2 + (1-c)^2). Range [0, 1]. Roby 1965."""
    length = np.hypot(c, 1 - c)
    return Scores(c / length, (1 - c) / length)


def beta(c: Array, a: float, b: float) -> Scores:
    """S1 = -int_c^1 (1-u) w(u) du, S0 = -int_0^c u w(u) du with w(u) = u^(a-1) (1-u)^(b-1).

    Range [-max(B(a, b+1), B(a+1, b)), 0], B the beta function. Buja, Stuetzle and Shen
    2005. a = b = 1 is half of ``brier``; k times (a, b) = (k-1, 1) is ``power`` less 1/(k-1)
    for right answers; a = b = 0, the limit, is ``log``.
    """
    return Scores(-incomplete_beta(1 - c, b + 1, a), -incomplete_beta(c, a + 1, b))


def threshold(c: Array, t: float) -> Scores:
    """S1 = 1 and S0 = -t/(1-t) if c >= t, else both 0. Range [-t/(1-t), 1].

    The elementary rule: every proper rule is a mixture over t (Schervish 1989, theorem 4.2).
    t = 1/2 gives +1, -1 and 0 for right, wrong and abstaining (TruthRL, arXiv 2509.25760).
    """
    taken = c >= t
    return Scores(np.where(taken, 1.0, 0.0), np.where(taken, -t / (1 - t), 0.0))


def article(c: Array, overconfidence_penalty: float, base_reward: float) -> Scores:
    """S1 = base c, S0 = -base c^penalty with c moved into 0..1. Range [-base, base].

    "Reinforcement Learning with Calibration Rewards", the function ``calculate_rlcr_reward`` as
    printed, its clamp included. As printed it turns NaN into full confidence, since Python's
    ``min(1.0, nan)`` is 1.0; here NaN never arrives.
    """
    c = np.clip(c, 0.0, 1.0)
    return Scores(base_reward * c, -base_reward * c**overconfidence_penalty)


def article_matrix(c: Array, rule: ArticleMatrix) -> Scores:
    """Four numbers: low if c < low, high if c >= high, and 0 in between. Range: the numbers.

    The article lists the four outcomes in words only; the cut-offs and values are settings.
    """
    low, high = c < rule.low, c >= rule.high
    return Scores(
        np.where(low, rule.right_low, np.where(high, rule.right_high, 0.0)),
        np.where(low, rule.wrong_low, np.where(high, rule.wrong_high, 0.0)),
    )


_FUNCTIONS: dict[str, Callable[[Any, Array], Scores]] = {
    "none": lambda rule, c: no_score(c),
    "brier": lambda rule, c: brier(c),
    "power": lambda rule, c: power(c, rule.k),
    "log": lambda rule, c: log(c, rule.clip),
    "spherical": lambda rule, c: spherical(c),
    "beta": lambda rule, c: beta(c, rule.a, rule.b),
    "threshold": lambda rule, c: threshold(c, rule.t),
    "article": lambda rule, c: article(c, rule.overconfidence_penalty, rule.base_reward),
    "article_matrix": lambda rule, c: article_matrix(c, rule),
}
