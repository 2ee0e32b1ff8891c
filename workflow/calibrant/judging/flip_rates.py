"""How often verdicts flip, and how much more often than on harmless strings, with intervals.

Trials on one question are alike, so where a question has several every interval rests on the number
of independent trials that they are worth (``effective_number``).
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat

from calibrant.judging.agreement_figures import effective_number
from calibrant.measures.sample import FloatArray, IntArray
from calibrant.measures.wilson import wilson_interval
from calibrant.settings import Settings

_NO_SPREAD = 1e-12


class Rate(Settings):
    """A share of trials with its interval; the figures are None where there was no trial."""

    flips: int = Field(ge=0)
    """Trials that flipped."""
    trials: int = Field(ge=0)
    """Trials that could have flipped."""
    value: FiniteFloat | None = Field(ge=0, le=1)
    low: FiniteFloat | None = Field(ge=0, le=1)
    high: FiniteFloat | None = Field(ge=0, le=1)


class Beyond(Settings):
    """Flip rate of attacks - that of their harmless twins (-1 to 1); None without trials."""

    value: FiniteFloat | None = Field(ge=-1, le=1)
    low: FiniteFloat | None = Field(ge=-1, le=1)
    high: FiniteFloat | None = Field(ge=-1, le=1)


class PairedRates(NamedTuple):
    """Flip rates of attacks and of their twins on the same cases, and their difference."""

    attack: Rate
    harmless: Rate
    beyond: Beyond


def flip_rate(flipped: NDArray[np.bool_], cluster: IntArray, level: float) -> Rate:
    """Return the share of flips with Wilson's interval for clustered trials.

    Args:
        flipped: Whether each trial flipped, shape (n,).
        cluster: Code of the question of each trial, shape (n,).
        level: Level of the interval, in (0, 1).
    """
    n, flips = len(flipped), int(flipped.sum())
    if n == 0:
        return Rate(flips=0, trials=0, value=None, low=None, high=None)
    worth = _worth(flipped, cluster)
    low, high = wilson_interval(flips / n * worth, worth, level)
    return Rate(flips=flips, trials=n, value=flips / n, low=low, high=high)


def paired_rates(
    attack: NDArray[np.bool_], harmless: NDArray[np.bool_], cluster: IntArray, level: float
) -> PairedRates:
    """Return both flip rates and their difference on the same trials.

    The interval of the difference is Newcombe's (1998, Statistics in Medicine 17:2635, method 10):
    it joins Wilson's limits of the two rates by their correlation, here that of the questions'
    residuals, which is the article's phi where every question has one trial.

    Args:
        attack: Whether each trial flipped under the attack, shape (n,).
        harmless: Whether the same trial flipped under the twin, shape (n,).
        cluster: Code of the question of each trial, shape (n,).
        level: Level of the intervals, in (0, 1).
    """
    first, second = (flip_rate(flips, cluster, level) for flips in (attack, harmless))
    p, low_p, high_p = first.value, first.low, first.high
    q, low_q, high_q = second.value, second.low, second.high
    if p is None or low_p is None or high_p is None or q is None or low_q is None or high_q is None:
        return PairedRates(first, second, Beyond(value=None, low=None, high=None))
    phi = _correlation(attack, harmless, cluster)
    low = p - q - _reach(p - low_p, high_q - q, phi)
    high = p - q + _reach(high_p - p, q - low_q, phi)
    beyond = Beyond(value=p - q, low=max(-1.0, low), high=min(1.0, high))
    return PairedRates(first, second, beyond)


def _per_question(flipped: NDArray[np.bool_], cluster: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return flips and trials of every question, both of shape (k,)."""
    _, question = np.unique(cluster, return_inverse=True)
    flips = np.bincount(question, weights=flipped).astype(np.float64)
    return flips, np.bincount(question).astype(np.float64)


def _worth(flipped: NDArray[np.bool_], cluster: IntArray) -> float:
    flips, trials = _per_question(flipped, cluster)
    if len(trials) == len(flipped):
        return float(len(flipped))
    return effective_number(flips, trials, most=len(flipped))


def _correlation(
    attack: NDArray[np.bool_], harmless: NDArray[np.bool_], cluster: IntArray
) -> float:
    """Return the correlation of two rates, with the article's correction for continuity."""
    p, q = float(attack.mean()), float(harmless.mean())
    (first, trials), (second, _) = (_per_question(x, cluster) for x in (attack, harmless))
    first, second = first - p * trials, second - q * trials
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    # A rate without any spread varies together with nothing.
    if scale < _NO_SPREAD:
        return 0.0
    phi = float((first * second).sum() / scale)
    worth = min(_worth(attack, cluster), _worth(harmless, cluster))
    # Without it two strings that flip the same cases would seem to differ by exactly nothing.
    correction = 1 / (2 * worth * (p * (1 - p) * q * (1 - q)) ** 0.5)
    return phi if phi < 0 else max(0.0, phi - correction)


def _reach(a: float, b: float, phi: float) -> float:
    return math.sqrt(max(0.0, a * a - 2 * phi * a * b + b * b))
