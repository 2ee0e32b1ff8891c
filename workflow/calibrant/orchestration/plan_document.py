"""A plan as text for a person and as JSON for a program."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from calibrant.orchestration.durations import Estimate
from calibrant.orchestration.planned_job import PlannedJob
from calibrant.orchestration.reasons import Reason
from calibrant.progress import duration

SCHEMA: Final = "calibrant-plan/1"
_SHOWN = 4
_WORDS = {"new": "", "output": "", "setting": "setting "}


@dataclass(frozen=True, slots=True)
class ExplainedJob:
    """A planned job, why it runs, and how many seconds it may take (None: nobody knows)."""

    job: PlannedJob
    reasons: list[Reason]
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run of a study would do.

    Attributes:
        study: Name of the study.
        cores: Cores it was planned for.
        jobs: Every job, in the order of Snakemake.
        estimate: How long all of them take, roughly.
        is_locked: Whether a run of the study is going on, or was killed.
    """

    study: str
    cores: int
    jobs: list[ExplainedJob]
    estimate: Estimate
    is_locked: bool = False


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON values; ``seconds`` are estimates, null where nothing is known."""
    return {
        "schema": SCHEMA,
        "study": plan.study,
        "cores": plan.cores,
        "is_locked": plan.is_locked,
        "seconds": round(plan.estimate.seconds, 1),
        "jobs_of_unknown_duration": plan.estimate.unknown,
        "jobs": [
            {
                "rule": item.job.rule,
                "subject": item.job.subject,
                "outputs": list(item.job.outputs),
                "seconds": item.seconds,
                "reasons": [{"kind": reason.kind, "text": reason.text} for reason in item.reasons],
                "snakemake": item.job.snakemake,
            }
            for item in plan.jobs
        ],
    }


def plan_text(plan: Plan) -> str:
    """Return the plan as lines: jobs of one rule that run for the same reasons stand together."""
    if not plan.jobs:
        return f"{plan.study}: nothing to do. All results are there and belong to what is here now"
    groups: dict[tuple[str, tuple[str, ...]], list[ExplainedJob]] = {}
    for item in plan.jobs:
        reasons = tuple(_reason_lines(item.reasons))
        groups.setdefault((item.job.rule, reasons), []).append(item)
    lines = [f"{plan.study}: {_count(len(plan.jobs))}, {_how_long(plan)}"]
    if plan.is_locked:
        lines.append("A run of it is going on, or was killed: this is what it has not finished")
    for (rule, reasons), items in groups.items():
        lines += ["", f"{rule}: {_count(len(items))}{_subjects(items)}{_together(items)}"]
        lines += [f"    {reason}" for reason in reasons]
    return "\n".join(lines)


def _reason_lines(reasons: list[Reason]) -> Iterator[str]:
    for reason in reasons:
        if reason.kind != "upstream":
            yield _WORDS.get(reason.kind, f"{reason.kind}: ") + reason.text
    if before := [reason.text for reason in reasons if reason.kind == "upstream"]:
        yield f"after {', '.join(before)}"


def _how_long(plan: Plan) -> str:
    unknown = plan.estimate.unknown
    if unknown == len(plan.jobs):
        return "how long is not known: none of these stages has run in this study"
    on = f"on {plan.cores} core{'s' if plan.cores > 1 else ''}"
    rest = f", and {_count(unknown)} that never ran before" if unknown else ""
    return f"roughly {duration(plan.estimate.seconds)} {on}, from earlier runs{rest}"


def _count(number: int) -> str:
    return f"{number} job{'s' if number != 1 else ''}"


def _subjects(items: list[ExplainedJob]) -> str:
    shown = sorted(item.job.subject for item in items if item.job.subject)[:_SHOWN]
    more = f", and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return f" ({', '.join(shown)}{more})" if shown else ""


def _together(items: list[ExplainedJob]) -> str:
    known = [item.seconds for item in items if item.seconds is not None]
    return f", {duration(sum(known))} of work" if known else ""
