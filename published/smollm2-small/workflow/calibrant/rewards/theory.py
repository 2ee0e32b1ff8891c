"""What a configured reward really asks for, from the mathematics and checked on a grid."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibrant.rewards.grid_check import (
    P_GRID,
    DisagreementError,
    numeric_value,
    verify_statement,
)
from calibrant.rewards.scoring import mix, score
from calibrant.rewards.settings import NoRule, Reward, Rule
from calibrant.rewards.statements import Statement, state

Array = NDArray[np.float64]
_TIE = 1e-9
_HALVINGS = 60


@dataclass(frozen=True)
class Verdict:
    """What is known of a reward before anything is trained on it.

    Curves lie on ``p``, 101 true probabilities from 0 to 1. Amounts are in units of the reward.
    """

    rule: dict[str, Any]
    """The scoring rule and its parameters; `none` where the weight is 0."""
    statement: str
    """Why the rule is proper or not."""
    proper: bool
    """Whether stating the truth is a best report at every p."""
    strictly_proper: bool
    """Whether it is the only best report at every p."""
    single: bool
    """Whether there is one best report (for the clipped log: between the clips)."""
    p: Array
    """True probabilities of being right."""
    report: Array
    """The confidence the reward asks for, c*(p); among equally good ones the nearest to p."""
    value: Array
    """V_total(p): the expected reward at that confidence."""
    low: float
    """The least a readable answer can earn; may be minus infinity."""
    high: float
    """The most a readable answer can earn."""
    pays_for_wrong_below: float | None
    """V_total falls for p below this, so an answer more surely wrong earns more; None if never."""
    largest_safe_weight: float
    """The largest weight with which a wrong answer never pays: infinity if all are, 0 if none is."""
    dodging_gain: float
    """The most a malformed answer earns beyond an honest one, over all p; up to 0 is right."""
    penalty_covers_worst: bool
    """Whether a malformed answer earns no more than the worst readable one."""
    faults: tuple[str, ...]
    """What speaks against the reward, as clauses; empty if nothing does."""
    accepted: str | None
    """The words in which a person accepts the faults."""

    @property
    def bounded(self) -> bool:
        """Whether the reward has a least and a largest value."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def refused(self) -> bool:
        """Whether the reward has faults that nobody accepted."""
        return bool(self.faults) and self.accepted is None

    def to_json(self) -> dict[str, Any]:
        """Return the verdict with lists for arrays and null for what is infinite."""
        fields = {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in vars(self).items()
        }
        for name in ("low", "high", "largest_safe_weight"):
            fields[name] = fields[name] if math.isfinite(fields[name]) else None
        fields["faults"] = list(self.faults)
        return fields | {"bounded": self.bounded, "refused": self.refused}


def judge_reward(reward: Reward) -> Verdict:
    """Judge a reward for 0/1 labels: what it asks for, and whether it can be trusted.

    With V the value function of the rule, V_total(p) = correctness p + weight V(p). Rewarding the
    likeliest answer needs V_total'(p) = correctness + weight (S1 - S0) >= 0 for all p (RLCR, arXiv
    2507.16806, theorem 1; arXiv 2607.04332): weight times the largest S0 - S1 must not exceed the
    factor on correctness.

    Raises:
        DisagreementError: If the closed forms and the grid differ.
    """
    rule = reward.score if reward.weight else NoRule()
    statement = state(rule)
    verify_statement(rule, statement)
    report = statement.report(P_GRID)
    below = _pays_for_wrong_below(reward, rule, statement)
    low, high = _range(reward, rule)
    gain = _dodging_gain(reward, rule, statement, below)
    _check_value(reward, rule, below)
    return Verdict(
        rule=rule.model_dump(),
        statement=statement.reason,
        proper=statement.proper,
        strictly_proper=statement.strictly_proper,
        single=statement.single_between is not None,
        p=P_GRID,
        report=report,
        value=_value(reward, rule, P_GRID, report),
        low=low,
        high=high,
        pays_for_wrong_below=below,
        largest_safe_weight=_largest_safe_weight(reward, state(reward.score)),
        dodging_gain=gain,
        penalty_covers_worst=-reward.format.malformed_penalty <= low + _TIE,
        faults=_faults(reward, statement, report, below, gain),
        accepted=reward.accept_improper,
    )


def _value(reward: Reward, rule: Rule, p: Array, report: Array) -> Array:
    return reward.correctness * p + reward.weight * mix(p, score(rule, report))


def _slope(reward: Reward, rule: Rule, report: Array) -> float:
    """V_total' where this report is the best one, by the envelope theorem."""
    right, wrong = score(rule, report)
    return float(reward.correctness + reward.weight * (right - wrong))


def _pays_for_wrong_below(reward: Reward, rule: Rule, statement: Statement) -> float | None:
    most = reward.weight * statement.gap_at_zero if reward.weight else 0.0
    if most <= reward.correctness * (1 + _TIE):
        return None
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        # V_total is convex, so its slope changes sign once.
        if _slope(reward, rule, statement.report(np.asarray(middle))) < 0:
            low = middle
        else:
            high = middle
    return high


def _largest_safe_weight(reward: Reward, statement: Statement) -> float:
    gap = statement.gap_at_zero
    return reward.correctness / gap if gap > 0 else math.inf


def _range(reward: Reward, rule: Rule) -> tuple[float, float]:
    """S1 rises and S0 falls with the confidence, so the extremes lie at 0 and 1."""
    if reward.weight == 0:
        return -reward.format.length_cost, reward.correctness
    right, wrong = score(rule, [0.0, 1.0])
    earned = np.concatenate([reward.correctness + reward.weight * right, reward.weight * wrong])
    return float(earned.min()) - reward.format.length_cost, float(earned.max())


def _dodging_gain(reward: Reward, rule: Rule, statement: Statement, below: float | None) -> float:
    """V_total is convex: it is least where its slope changes sign, or at 0 if it never falls."""
    worst = np.asarray(below or 0.0)
    least = float(_value(reward, rule, worst, statement.report(worst)))
    return -reward.format.malformed_penalty - (least - reward.format.length_cost)


def _faults(
    reward: Reward, statement: Statement, report: Array, below: float | None, gain: float
) -> tuple[str, ...]:
    faults = []
    if not statement.proper:
        worst = int(np.abs(report - P_GRID).argmax())
        faults.append(
            f"it is improper (an answer right with probability {P_GRID[worst]:.2f} is best stated "
            f"with confidence {report[worst]:.2f})"
        )
    if below is not None:
        safe = _largest_safe_weight(reward, statement)
        faults.append(
            f"it pays more for a wrong answer where p < {below:.3g} (weight {reward.weight:g}, "
            f"{f'largest safe weight {safe:.3g}' if safe > 0 else 'no weight is safe'})"
        )
    if gain > _TIE:
        faults.append(f"a malformed answer earns up to {gain:.3g} more than an honest one")
    return tuple(faults)


def _check_value(reward: Reward, rule: Rule, below: float | None) -> None:
    """Where V_total is said to fall and to rise, the value maximised on a grid must do so."""
    value = reward.correctness * P_GRID + reward.weight * numeric_value(rule, P_GRID)
    steps = np.diff(value)
    slack = 1e-5 * float(np.abs(value).max())
    turn = below or 0.0
    falling, rising = P_GRID[1:] <= turn, P_GRID[:-1] >= turn
    if np.any(steps[falling] >= slack) or np.any(steps[rising] < -slack):
        raise DisagreementError(f"{reward!r}: the value does not turn at p = {turn:.4f}")
