"""Stage ``measure_judge``: a judge fitted on half of the verdicts and measured on the other half."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.judging.agreement import POOLED, Agreement, agreement_by
from calibrant.judging.agreement_figures import Resampling
from calibrant.judging.answer_view import clean_answer
from calibrant.judging.case import Case, Judge, Verdict
from calibrant.judging.error_model import Source, fit_error_model
from calibrant.judging.floor import floor_table, require
from calibrant.judging.judge_split import in_fitting_half
from calibrant.judging.opening import StoredJudge, open_members
from calibrant.judging.paired_verdicts import (
    PairedVerdicts,
    confidence_bands,
    paired_verdicts,
)
from calibrant.judging.panel import PanelJudge, member_log_odds
from calibrant.judging.panel_fit import PanelFit, fit_panel
from calibrant.judging.panel_model import PanelModel
from calibrant.judging.probe_changes import swapped_gold
from calibrant.judging.settings import PanelSettings
from calibrant.judging.store import VerdictStore
from calibrant.judging.string_rules import STRING_RULES
from calibrant.measures.sample import FloatArray
from calibrant.rows import Judgement
from calibrant.stage_settings.judging import MeasureJudgeSettings

# Below the default of fifty: the laboratory has forty reports to fit on, each with both answers.
_LEAST_QUESTIONS = 30
# Another stream of random numbers than that of the probes, which swap references too.
_SWAPPED = 1
_CERTAINTY = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Answers with verdicts to measure a judge against.

    Attributes:
        rows: The verdicts.
        cases: What the judge sees of each.
    """

    rows: list[Judgement]
    cases: list[Case]

    @property
    def items(self) -> list[str]:
        """What was judged by itself: question and references; answers to one hang together."""
        return [item_of(row) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Access:
    """What a judge needs beside its settings.

    Attributes:
        manifests: Manifest of every model it asks, by name.
        store: Folder of the verdicts.
    """

    manifests: Mapping[str, Path]
    store: Path


@dataclass(frozen=True, slots=True)
class Measured:
    """What the stage writes.

    Attributes:
        judge: What the judge is, for ``open_judge``.
        errors: Its errors, to correct labels with.
        validation: How good it is.
    """

    judge: dict[str, Any]
    errors: dict[str, Any]
    validation: dict[str, Any]


def item_of(row: Judgement) -> str:
    """Return question and references of a row as one text."""
    return "\n".join((row.question, *row.references))


def measure_judge(
    rows: Sequence[Judgement],
    settings: MeasureJudgeSettings,
    seed: int,
    access: Access,
    say: Callable[[str], None],
) -> Measured:
    """Fit a judge if it is a panel, and measure it on answers to other questions.

    Args:
        rows: Answers with verdicts.
        settings: The judge, and how its figures are resampled.
        seed: Seed of the split, the fit, the bootstrap and the probes.
        access: The models the judge asks, and the verdicts it has given.
        say: Prints progress.

    Raises:
        JudgeBelowFloorError: If the judge is below its floor.
        CalibrantError: If there are too few verdicts, or a model fails.
    """
    part, verdicts = settings.part, VerdictStore(access.store)
    members = open_members(part, access.manifests, verdicts)
    decided = [row for row in rows if row.verdict is not None]
    if len(decided) < len(rows):
        say(f"leaving out {len(rows) - len(decided):,} answers without a verdict")
    chosen = _limited(decided, part.judge.limit)
    halves: tuple[list[Judgement], list[Judgement]] = ([], [])
    for row in chosen:
        halves[not in_fitting_half(item_of(row), seed)].append(row)
    fitting, validating = (JudgedSet(half, [_case(row) for row in half]) for half in halves)
    panel = None
    if isinstance(part.judge, PanelSettings):
        say(f"fitting on {len(fitting.rows):,} answers")
        panel = _fit(fitting, part.judge, members, seed)
        judge = StoredJudge(PanelJudge(panel, members), verdicts)
    else:
        judge = members[0]
    say(f"measuring on {len(validating.rows):,} answers to other questions")
    verdicts_given = [verdict for _, verdict in judge.judge(validating.cases)]
    described = {
        "judge": part.name,
        "identity": judge.identity,
        "prompt_version": judge.prompt_version,
        "panel": None if panel is None else panel.to_json(),
    }
    validation = _validation(judge, verdicts_given, validating, len(fitting.rows), settings, seed)
    return Measured(described, validation["errors"], validation)


def _limited(rows: list[Judgement], limit: int | None) -> list[Judgement]:
    """Return whole groups of answers to one question until the limit is reached."""
    if limit is None or len(rows) <= limit:
        return rows
    groups: dict[str, list[Judgement]] = {}
    for row in rows:
        groups.setdefault(item_of(row), []).append(row)
    chosen: list[Judgement] = []
    for group in groups.values():
        if len(chosen) + len(group) <= limit:
            chosen += group
    return chosen


def _case(row: Judgement) -> Case:
    return Case(row.question, row.references, clean_answer(row.answer))


def _fit(
    fitting: JudgedSet, judge: PanelSettings, members: Sequence[StoredJudge], seed: int
) -> PanelModel:
    cases, items = list(fitting.cases), fitting.items
    human = [bool(row.verdict) for row in fitting.rows]
    if judge.swapped:
        generator = np.random.default_rng([seed, _SWAPPED])
        others = swapped_gold(fitting.cases, generator)
        drawn = generator.random(len(others)) < judge.swapped
        for case, item, right, chosen in zip(
            others, fitting.items, human.copy(), drawn, strict=True
        ):
            if case is not None and right and chosen:
                cases.append(case)
                # That of the answer it was made from: both are left out of a fold together.
                items.append(item)
                human.append(False)
    odds: FloatArray | None = None
    if members:
        columns = [
            [member_log_odds(verdict) for _, verdict in member.judge(cases)] for member in members
        ]
        odds = np.array(columns).T
    names = [member.identity for member in members]
    settings = PanelFit(least_questions=_LEAST_QUESTIONS)
    model = fit_panel(cases, human, items, odds, settings, seed, names)
    return replace(model, every_part=judge.every_part)


def _validation(  # noqa: PLR0913, PLR0917 (each is one thing)
    judge: Judge,
    given: Sequence[Verdict],
    validating: JudgedSet,
    fitted_on: int,
    settings: MeasureJudgeSettings,
    seed: int,
) -> dict[str, Any]:
    part = settings.part
    human = np.array([bool(row.verdict) for row in validating.rows])
    said = np.array([verdict.correct for verdict in given])
    domains = np.array([row.domain for row in validating.rows])
    resampling = Resampling(seed, settings.replicates, settings.level)
    pairs = paired_verdicts(human, said, validating.items)
    found = agreement_by(pairs, domains, resampling)
    source = Source(
        judge=part.name, prompt_version=judge.prompt_version, dataset=part.judge.verdicts
    )
    errors = fit_error_model(pairs, domains, source, resampling, part.judge.limits)
    floor = part.judge.floor
    if floor is not None:
        require(found, floor, f"judge {part.name} on {part.judge.verdicts}")
    return {
        "name": part.name,
        "kind": part.judge.kind,
        "verdicts": part.judge.verdicts,
        "fitted_on": fitted_on if part.judge.kind == "panel" else 0,
        "measured_on": len(validating.rows),
        "agreement": {domain: _figures(value) for domain, value in found.items()},
        "bands": _bands(pairs, given, resampling),
        "rules": _rules(validating, human, resampling),
        "errors": errors.to_json(),
        "floor": None if floor is None else floor_table(found, floor),
        "probes": _probes(judge, validating, settings, seed),
    }


def _bands(
    pairs: PairedVerdicts, given: Sequence[Verdict], resampling: Resampling
) -> dict[str, Any]:
    """Return agreement by how sure the judge was of its verdict, from a coin's half to one."""
    sure = [max(verdict.probability, 1 - verdict.probability) for verdict in given]
    found = agreement_by(pairs, confidence_bands(sure, _CERTAINTY), resampling)
    return {band: _figures(value) for band, value in found.items() if band != POOLED}


def _rules(validating: JudgedSet, human: Any, resampling: Resampling) -> dict[str, Any]:
    """Return how far rules of plain strings agree with people on the same answers."""
    found: dict[str, Any] = {}
    for name, rule in STRING_RULES.items():
        said = np.array([rule(case) for case in validating.cases])
        pairs: PairedVerdicts = paired_verdicts(human, said, validating.items)
        everything: Agreement = agreement_by(pairs, np.full(len(said), "all"), resampling)["*"]
        found[name] = _figures(everything)
    return found


def _figures(found: Agreement) -> dict[str, Any]:
    """Return agreement as JSON, with the reason of a missing figure where the report looks for it."""
    return {
        name: entry | {"undefined": entry["reason"] or None}
        if isinstance(entry, dict) and "reason" in entry
        else entry
        for name, entry in found.to_json().items()
    }


def _probes(
    judge: Judge, validating: JudgedSet, settings: MeasureJudgeSettings, seed: int
) -> dict[str, Any] | None:
    probing = settings.part.judge.probes
    if probing is None:
        return None
    from calibrant.judging.probes import ProbeSettings, run_probes

    order = np.random.default_rng(seed).permutation(len(validating.cases))[: probing.cases]
    chosen = [validating.cases[at] for at in order]
    if not chosen:
        raise CalibrantError("there is no answer to probe with", where=f"judge {judge.identity}")
    found = run_probes(
        _Reader(judge),
        chosen,
        ProbeSettings(seed=seed, cases_per_attack=probing.cases_per_attack, level=settings.level),
    )
    return found.to_json()


class _Reader:
    """A judge that is shown answers as every judge is: free of tags and of stated confidences."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.identity = judge.identity
        self.prompt_version = judge.prompt_version

    def judge(self, cases: Sequence[Case]) -> Iterator[tuple[int, Verdict]]:
        return self._judge.judge(
            [replace(case, answer=clean_answer(case.answer)) for case in cases]
        )
