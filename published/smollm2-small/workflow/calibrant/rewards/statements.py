"""What the mathematics says of every scoring rule, in closed form."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibrant.rewards.incomplete_beta import complete_beta
from calibrant.rewards.settings import Article, ArticleMatrix, Beta, Log, Rule, Threshold

Array = NDArray[np.float64]
_TIE = 1e-9


def honest(p: Array) -> Array:
    """Return the report of a proper rule: p itself."""
    return p


@dataclass(frozen=True)
class Statement:
    """What is claimed of a rule; ``grid_check`` compares it with the numbers."""

    reason: str
    """Why the rule is proper or not, as one sentence."""
    proper: bool
    """Whether c = p is among the best reports at every p."""
    single_between: tuple[float, float] | None
    """Open interval of p on which the best report is the only one; None if there is none."""
    gap_at_zero: float
    """S0 - S1 at the best report as p falls to 0: the most a wrong answer can earn beyond a right
    one, since V'(p) = S1 - S0 grows with p (V is convex). May be infinite."""
    report: Callable[[Array], Array] = honest
    """The best report at every p; among equally good ones the one nearest to p."""
    jumps: tuple[float, ...] = ()
    """Confidences and probabilities at which something jumps."""

    @property
    def strictly_proper(self) -> bool:
        """Whether c = p is the only best report at every p."""
        return self.proper and self.single_between == (0.0, 1.0)


def state(rule: Rule) -> Statement:
    """Return the closed-form statement of a rule."""
    return _STATEMENTS[rule.rule](rule)


def article_report(p: Array, exponent: float) -> Array:
    """Return c* = min(1, (p / (k (1-p)))^(1/(k-1))), the best report under the article's rule.

    The expected score p c - (1-p) c^k is concave in c for k > 1 and flat where
    p = k (1-p) c^(k-1); from p = k/(k+1) upwards it still grows at c = 1.

    Args:
        p: True probabilities in 0..1, any shape.
        exponent: k, above 1.
    """
    saturated = p >= exponent / (exponent + 1)
    odds = np.where(saturated, 1.0, p / (exponent * np.where(saturated, 1.0, 1 - p)))
    return np.asarray(odds ** (1 / (exponent - 1)))


def _strict(weight: str, gap: float) -> Statement:
    reason = f"strictly proper: S1' = (1-c) w and S0' = -c w with w(c) = {weight} > 0 inside (0, 1)"
    return Statement(reason, True, (0.0, 1.0), gap)


def _none(rule: Rule) -> Statement:
    reason = "proper but empty: every confidence scores the same, so none is asked for"
    return Statement(reason, True, None, 0.0)


def _log(rule: Log) -> Statement:
    if rule.clip == 0:
        return _strict("1 / (c (1-c))", math.inf)
    reason = (
        f"proper: w(c) = 1 / (c (1-c)) between {rule.clip:g} and {1 - rule.clip:g}, "
        "where it is strict, and 0 beyond the clip"
    )
    gap = math.log1p(-rule.clip) - math.log(rule.clip)
    jumps = (rule.clip, 1 - rule.clip)
    return Statement(reason, True, (rule.clip, 1 - rule.clip), gap, jumps=jumps)


def _beta(rule: Beta) -> Statement:
    return _strict(f"c^{rule.a - 1:g} (1-c)^{rule.b - 1:g}", gap=complete_beta(rule.a, rule.b + 1))


def _threshold(rule: Threshold) -> Statement:
    reason = f"proper, not strictly: all reports on the same side of {rule.t:g} score the same"
    return Statement(reason, True, None, 0.0, jumps=(rule.t,))


def _article(rule: Article) -> Statement:
    k = rule.overconfidence_penalty
    reason = (
        f"improper: the best report is min(1, (p / ({k:g} (1-p)))^(1 / {k - 1:g})), "
        f"which is 1 from p = {k / (k + 1):.3f} upwards"
    )

    def report(p: Array) -> Array:
        return article_report(p, k)

    return Statement(reason, False, (0.0, 1.0), 0.0, report, (k / (k + 1),))


def _matrix(rule: ArticleMatrix) -> Statement:
    """The score of each of the three zones is a line in p; the best report lies in the top one."""
    proper = _matrix_is_proper(rule)
    crossings = _crossings(rule)
    shown = ", ".join(f"{p:.3f}" for p in crossings)
    reason = (
        f"{'proper, not strictly' if proper else 'improper'}: its numbers change the best zone at "
        f"p = {shown}, its cut-offs are {rule.low:g} and {rule.high:g}"
    )
    # With nothing to win for a wrong answer the middle zone, if any, is better as p falls to 0.
    middle_wins = rule.wrong_low == 0 and rule.low < rule.high
    gap = 0.0 if middle_wins else rule.wrong_low - rule.right_low

    def report(p: Array) -> Array:
        return _matrix_report(rule, p)

    middles = np.convolve(sorted((*crossings, rule.low, rule.high)), (0.5, 0.5), "valid")
    jumps = (rule.low, rule.high, *crossings, *middles.tolist())
    return Statement(reason, proper, None, gap, report, jumps)


def _zones(rule: ArticleMatrix, p: Array) -> Array:
    """Return the expected score of low, middle and high reports: shape (3, ...)."""
    return np.stack(
        [
            p * rule.right_low + (1 - p) * rule.wrong_low,
            np.where(rule.low < rule.high, 0.0, -np.inf) + 0 * p,
            p * rule.right_high + (1 - p) * rule.wrong_high,
        ]
    )


def _matrix_is_proper(rule: ArticleMatrix) -> bool:
    """Honest reports are best everywhere if they are best at both ends of every zone."""
    ends = ((0, 0.0, rule.low), (1, rule.low, rule.high), (2, rule.high, 1.0))
    return all(
        _zones(rule, np.asarray(p))[zone] >= _zones(rule, np.asarray(p)).max() - _TIE
        for zone, start, end in ends
        if start < end
        for p in (start, end)
    )


def _matrix_report(rule: ArticleMatrix, p: Array) -> Array:
    below_low, below_high = np.nextafter(rule.low, 0), np.nextafter(rule.high, 0)
    nearest = np.stack(
        [
            np.minimum(p, below_low),
            np.clip(p, rule.low, max(rule.low, below_high)),
            np.maximum(p, rule.high),
        ]
    )
    zones = _zones(rule, p)
    best = zones >= zones.max(axis=0) - _TIE
    chosen = np.where(best, np.abs(nearest - p), np.inf).argmin(axis=0)
    return np.take_along_axis(nearest, chosen[None], axis=0)[0]


def _crossings(rule: ArticleMatrix) -> list[float]:
    """Return the p at which another zone becomes the best one, rising."""
    lines = [(rule.right_low, rule.wrong_low), (0.0, 0.0), (rule.right_high, rule.wrong_high)]
    pairs = [(0, 1), (1, 2), (0, 2)] if rule.low < rule.high else [(0, 2)]
    found = []
    for first, second in pairs:
        slopes = [right - wrong for right, wrong in (lines[first], lines[second])]
        p = (lines[first][1] - lines[second][1]) / (slopes[1] - slopes[0])
        zones = _zones(rule, np.asarray(p))
        if 0 <= p <= 1 and zones[first] >= zones.max() - _TIE:
            found.append(float(p))
    return sorted(set(found))


_STATEMENTS: dict[str, Callable[[Any], Statement]] = {
    "none": _none,
    "brier": lambda rule: _strict("2", 1.0),
    "power": lambda rule: _strict(f"{rule.k:g} c^{rule.k - 2:g}", 0.0),
    "log": _log,
    "spherical": lambda rule: _strict("1 / (c^2 + (1-c)^2)^(3/2)", 1.0),
    "beta": _beta,
    "threshold": _threshold,
    "article": _article,
    "article_matrix": _matrix,
}
