"""The closed-form statements against the numbers: a rule is scored on a grid and both must agree."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrant.rewards.scoring import Scores, mix, score
from calibrant.rewards.settings import Rule
from calibrant.rewards.statements import Statement

Array = NDArray[np.float64]
P_GRID: Array = np.linspace(0, 1, 101)
_C_GRID: Array = np.linspace(0, 1, 1001)
_APART = 0.1


class DisagreementError(RuntimeError):
    """The closed form and the numbers differ: a defect of ours, not of the study."""


@dataclass(frozen=True)
class _Numbers:
    """A rule evaluated on a grid of true probabilities (rows) and reports (columns)."""

    rule: Rule
    p: Array
    c: Array
    scores: Scores
    expected: Array
    best: Array
    at_best: Array
    scale: float

    @property
    def loss(self) -> Array:
        """What every report loses against the best one of the grid; shape (p, c)."""
        return np.maximum(self.expected.max(axis=1), self.at_best)[:, None] - self.expected


def numeric_value(rule: Rule, p: Array) -> Array:
    """Return V(p) = max_c p S1(c) + (1-p) S0(c), maximised over a grid of reports.

    Args:
        rule: The rule.
        p: True probabilities, shape (n,); they are added to the reports tried.
    """
    scores = score(rule, np.union1d(_C_GRID, p))
    return np.asarray(mix(p[:, None], scores).max(axis=1))


def verify_statement(rule: Rule, statement: Statement) -> None:
    """Check everything that is claimed of a rule on a grid.

    Raises:
        DisagreementError: If a claim does not hold.
    """
    numbers = _evaluate(rule, statement)
    _check_report(numbers)
    _check_honesty(numbers, statement)
    _check_single(numbers, statement)
    _check_gap(numbers, statement)
    _check_monotone(numbers)


def _evaluate(rule: Rule, statement: Statement) -> _Numbers:
    jumps = np.asarray(statement.jumps)
    p = np.union1d(P_GRID, jumps)
    c = np.union1d(_C_GRID, np.concatenate([p, np.nextafter(jumps, 0)]))
    scores = score(rule, c)
    best = statement.report(p)
    finite = np.concatenate([part[np.isfinite(part)] for part in scores])
    return _Numbers(
        rule=rule,
        p=p,
        c=c,
        scores=scores,
        expected=mix(p[:, None], scores),
        best=best,
        at_best=mix(p, score(rule, best)),
        scale=float(np.abs(finite).max()) or 1.0,
    )


def _require(holds: bool, claim: str, numbers: _Numbers) -> None:
    if not holds:
        raise DisagreementError(f"{numbers.rule!r}: the grid refutes that {claim}")


def _check_report(numbers: _Numbers) -> None:
    inside = bool(np.all((numbers.best >= 0) & (numbers.best <= 1)))
    _require(inside, "the best report is a probability", numbers)
    missed = numbers.expected.max(axis=1) - numbers.at_best
    _require(bool(np.all(missed <= 1e-8 * numbers.scale)), "the report is the best one", numbers)


def _check_honesty(numbers: _Numbers, statement: Statement) -> None:
    honest = mix(numbers.p, score(numbers.rule, numbers.p))
    lost = np.max(np.maximum(numbers.expected.max(axis=1), numbers.at_best) - honest)
    if statement.proper:
        _require(bool(lost <= 1e-8 * numbers.scale), "c = p is a best report", numbers)
    else:
        _require(bool(lost > 1e-12 * numbers.scale), "c = p is not a best report", numbers)


def _check_single(numbers: _Numbers, statement: Statement) -> None:
    """A report well away from the only best one must lose more than rounding can hide."""
    rounding = 8 * np.finfo(np.float64).eps * numbers.scale
    apart = np.abs(numbers.c - numbers.best[:, None]) >= _APART
    if statement.single_between is None:
        tied = bool(np.any(apart & (numbers.loss <= rounding)))
        _require(tied, "several reports are equally good", numbers)
        return
    low, high = statement.single_between
    rows = (numbers.p >= low + _APART) & (numbers.p <= high - _APART)
    alone = bool(np.all(numbers.loss[rows] > rounding, where=apart[rows]))
    _require(alone, "the best report is the only one", numbers)


def _check_gap(numbers: _Numbers, statement: Statement) -> None:
    slack = 1e-8 * numbers.scale
    at_zero, near_zero = _gap(numbers.rule, statement.report(np.asarray([0.0, 1e-6])))
    bracket = near_zero - slack <= statement.gap_at_zero <= at_zero + slack
    _require(bool(bracket), "S0 - S1 has this limit as p falls to 0", numbers)
    gaps = _gap(numbers.rule, numbers.best[1:])
    _require(bool(np.all(np.diff(gaps) <= slack)), "S0 - S1 falls as p grows", numbers)


def _gap(rule: Rule, report: Array) -> Array:
    scores = score(rule, report)
    return scores.if_wrong - scores.if_right


def _check_monotone(numbers: _Numbers) -> None:
    slack = 1e-12 * numbers.scale
    rises = bool(np.all(numbers.scores.if_right[1:] >= numbers.scores.if_right[:-1] - slack))
    falls = bool(np.all(numbers.scores.if_wrong[1:] <= numbers.scores.if_wrong[:-1] + slack))
    _require(rises and falls, "S1 rises and S0 falls with the confidence", numbers)
