"""The figures of probes, from verdicts before and after a change."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrant.judging.attacks import Attack
from calibrant.judging.flip_rates import PairedRates, flip_rate, paired_rates
from calibrant.judging.probe_results import AttackFlips, FamilyFlips, ProbeFlips
from calibrant.measures.sample import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """One attack and its twin on the same m cases, all of which the judge called wrong.

    Attributes:
        attack: The attack.
        twin: Its harmless twin.
        attack_flips: Whether the case was called correct under the attack, shape (m,).
        twin_flips: The same under the twin, shape (m,).
        question: Code of the question of each case, shape (m,).
    """

    attack: Attack
    twin: Attack
    attack_flips: NDArray[np.bool_]
    twin_flips: NDArray[np.bool_]
    question: IntArray


def probe_flips(
    before: NDArray[np.bool_], after: NDArray[np.bool_], question: IntArray, level: float
) -> ProbeFlips:
    """Return the flips of n cases by what the judge called them before.

    Args:
        before: Whether the judge called each case correct, shape (n,).
        after: The same after the change, shape (n,).
        question: Code of the question of each case, shape (n,).
        level: Level of the intervals, in (0, 1).
    """
    return ProbeFlips(
        cases=len(before),
        flips=flip_rate(before != after, question, level),
        to_correct=flip_rate(after[~before], question[~before], level),
        to_wrong=flip_rate(~after[before], question[before], level),
    )


def together(tried: Sequence[Tried], level: float) -> FamilyFlips:
    """Return the flips of several attacks, every pair of trials counted once."""
    return FamilyFlips(**_paired(tried, level)._asdict())


def by_family(tried: Sequence[Tried], level: float) -> dict[str, FamilyFlips]:
    """Return the flips by family, in the order of the attacks."""
    families: dict[str, list[Tried]] = {}
    for one in tried:
        families.setdefault(one.attack.family, []).append(one)
    return {family: together(members, level) for family, members in families.items()}


def one_attack(tried: Tried, level: float) -> AttackFlips:
    """Return the flips of one attack."""
    return AttackFlips(
        **_paired([tried], level)._asdict(),
        name=tried.attack.name,
        family=tried.attack.family,
        place=tried.attack.place,
        text=tried.attack.text,
        harmless_text=tried.twin.text,
    )


def worst_attack(tried: Sequence[Tried], level: float) -> AttackFlips | None:
    """Return the attack that flips most beyond its twin, the first of several; None without trials.

    Its intervals are of level 1 - (1 - level) / number of attacks, so that the choice of the worst
    of many is paid for.
    """
    with_trials = [one for one in tried if len(one.question)]
    if not with_trials:
        return None
    worst = max(with_trials, key=lambda one: one.attack_flips.mean() - one.twin_flips.mean())
    return one_attack(worst, 1 - (1 - level) / len(with_trials))


def _paired(tried: Sequence[Tried], level: float) -> PairedRates:
    return paired_rates(
        np.concatenate([one.attack_flips for one in tried]),
        np.concatenate([one.twin_flips for one in tried]),
        np.concatenate([one.question for one in tried]),
        level,
    )
