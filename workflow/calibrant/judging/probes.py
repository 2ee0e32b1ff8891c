"""What flips a judge's verdicts though it should not."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrant.errors import CalibrantError
from calibrant.judging.attacks import Attack, attacks, harmless_like
from calibrant.judging.case import Case, Judge
from calibrant.judging.flip_rates import flip_rate
from calibrant.judging.probe_changes import PROBES, Probe, swapped_gold
from calibrant.judging.probe_figures import (
    Tried,
    by_family,
    one_attack,
    probe_flips,
    together,
    worst_attack,
)
from calibrant.judging.probe_results import ProbeFlips, ProbeResults
from calibrant.measures.sample import IntArray, cluster_codes

_Bools = NDArray[np.bool_]
_Key = tuple[str, str]
_Pair = tuple[Attack, Attack]
_SWAP = ("swapped_gold", "")


@dataclass(frozen=True, slots=True)
class ProbeSettings:
    """How a judge is probed.

    Attributes:
        seed: Seed of all that is drawn, at least 0.
        cases_per_attack: Cases each attack and its twin are tried on, at least 1; drawn for each
            attack anew among those the judge calls wrong, or all of these where they are fewer.
        level: Level of the intervals, in (0, 1).
        attacks: At least one, no two of the same name; None takes all of ``attacks()``.
    """

    seed: int
    cases_per_attack: int = 20
    level: float = 0.95
    attacks: tuple[Attack, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Trials:
    """Changed cases, and the positions of the cases that they were made from."""

    positions: IntArray
    cases: list[Case]


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What the judge called the n cases, code of the question of each, and the changed cases."""

    before: _Bools
    question: IntArray
    plan: Mapping[_Key, _Trials]
    after: Mapping[_Key, _Bools]

    def questions(self, kind: str, name: str) -> IntArray:
        return self.question[self.plan[kind, name].positions]


def run_probes(judge: Judge, cases: Sequence[Case], settings: ProbeSettings) -> ProbeResults:
    """Probe a judge.

    The judge is called twice: with the cases as they are, which says what can flip, and with all
    changed cases together, so that it can batch them.

    Args:
        judge: The judge.
        cases: Answers as they come, some of which the judge calls correct and some wrong.
        settings: How.

    Raises:
        CalibrantError: If there is no case or no attack, ``cases_per_attack`` is below 1, or the
            judge does not judge every case once.
    """
    pairs = [
        (attack, harmless_like(attack, settings.seed))
        for attack in (attacks() if settings.attacks is None else settings.attacks)
    ]
    _check(judge, cases, settings, pairs)
    before = _verdicts(judge, cases)
    plan = _plan(cases, before, pairs, settings)
    question = cluster_codes(
        ["\n".join((case.question, *case.references)) for case in cases], len(cases)
    )
    found = _Found(before, question, plan, _judge_together(judge, plan))
    return _results(judge, settings, pairs, found)


def _results(
    judge: Judge, settings: ProbeSettings, pairs: Sequence[_Pair], found: _Found
) -> ProbeResults:
    level = settings.level
    tried = [
        Tried(
            attack=attack,
            twin=twin,
            attack_flips=found.after["attack", attack.name],
            twin_flips=found.after["twin", attack.name],
            question=found.questions("attack", attack.name),
        )
        for attack, twin in pairs
    ]
    return ProbeResults(
        judge=judge.identity,
        prompt_version=judge.prompt_version,
        seed=settings.seed,
        level=level,
        cases=len(found.before),
        called_correct=int(found.before.sum()),
        probes={probe.name: _probed(probe, found, level) for probe in PROBES},
        swapped_gold=flip_rate(found.after[_SWAP], found.questions(*_SWAP), level),
        all_attacks=together(tried, level),
        families=by_family(tried, level),
        attacks=[one_attack(one, level) for one in tried],
        worst=worst_attack(tried, level),
    )


def _probed(probe: Probe, found: _Found, level: float) -> ProbeFlips:
    key = ("probe", probe.name)
    before = found.before[found.plan[key].positions]
    return probe_flips(before, found.after[key], found.questions(*key), level)


def _plan(
    cases: Sequence[Case], before: _Bools, pairs: Sequence[_Pair], settings: ProbeSettings
) -> dict[_Key, _Trials]:
    """Return all changed cases; attacks are tried on cases called wrong, swaps on the others."""
    plan: dict[_Key, _Trials] = {}
    for probe in PROBES:
        plan["probe", probe.name] = _probe_trials(probe, cases, settings.seed)
    swapped = swapped_gold(cases, _generator(settings.seed, "swapped_gold"))
    plan[_SWAP] = _applied((i, case) for i, case in enumerate(swapped) if before[i])
    for attack, twin in pairs:
        chosen = _chosen(attack, before, settings)
        plan["attack", attack.name] = _Trials(chosen, [attack.on(cases[i]) for i in chosen])
        plan["twin", attack.name] = _Trials(chosen, [twin.on(cases[i]) for i in chosen])
    return plan


def _check(
    judge: Judge, cases: Sequence[Case], settings: ProbeSettings, pairs: Sequence[_Pair]
) -> None:
    if not cases:
        raise CalibrantError("there are no cases to probe it with", where=f"judge {judge.identity}")
    if settings.cases_per_attack < 1:
        raise CalibrantError(
            f"{settings.cases_per_attack} is below 1", where="cases_per_attack", repair="Take 20"
        )
    if not pairs or len({attack.name for attack, _ in pairs}) < len(pairs):
        raise CalibrantError(
            "there is none, or two have one name", where="attacks", repair="Leave it out for all"
        )


def _probe_trials(probe: Probe, cases: Sequence[Case], seed: int) -> _Trials:
    generator = _generator(seed, probe.name)
    return _applied((i, probe.change(case, generator)) for i, case in enumerate(cases))


def _applied(changed: Iterable[tuple[int, Case | None]]) -> _Trials:
    """Return the cases that a change applies to."""
    kept = [(position, case) for position, case in changed if case is not None]
    positions = np.asarray([position for position, _ in kept], np.int64)
    return _Trials(positions, [case for _, case in kept])


def _chosen(attack: Attack, before: _Bools, settings: ProbeSettings) -> IntArray:
    """Return the positions of the cases, called wrong, that an attack is tried on."""
    wrong = np.flatnonzero(~before)
    number = min(settings.cases_per_attack, len(wrong))
    # By its text, so that an attack keeps its cases when others are added.
    generator = _generator(settings.seed, attack.text)
    return np.sort(generator.permutation(wrong)[:number]).astype(np.int64)


def _generator(seed: int, name: str) -> np.random.Generator:
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return np.random.default_rng([seed, key])


def _judge_together(judge: Judge, plan: Mapping[_Key, _Trials]) -> dict[_Key, _Bools]:
    said = _verdicts(judge, [case for trials in plan.values() for case in trials.cases])
    ends = np.cumsum([len(trials.cases) for trials in plan.values()])
    return dict(zip(plan, np.split(said, ends[:-1]), strict=True))


def _verdicts(judge: Judge, cases: Sequence[Case]) -> _Bools:
    """Return whether the judge calls each case correct, shape (n,)."""
    said: dict[int, bool] = {}
    for position, verdict in judge.judge(cases):
        if position in said or not 0 <= position < len(cases):
            raise CalibrantError(
                f"gave a verdict on case {position} twice, or there is no such case",
                where=f"judge {judge.identity}",
            )
        said[position] = verdict.correct
    if len(said) < len(cases):
        raise CalibrantError(
            f"gave {len(said)} verdicts on {len(cases)} cases", where=f"judge {judge.identity}"
        )
    return np.asarray([said[position] for position in range(len(cases))], bool)
