"""A plan as a person and as a program reads it."""

from pathlib import Path

from calibrant.orchestration.durations import Estimate
from calibrant.orchestration.plan_document import ExplainedJob, Plan, plan_document, plan_text
from calibrant.orchestration.planned_job import PlannedJob
from calibrant.orchestration.reasons import Reason


def explained(rule: str, subject: str, *reasons: Reason, seconds: float | None) -> ExplainedJob:
    job = PlannedJob(
        rule=rule, subject=subject, inputs=(), read=(), outputs=("x",), threads=1, snakemake="theirs",
        root=Path("results/s"), script=Path("x.py"), code="0", lock=("core", "0"), settings={},
        seed=None,
    )  # fmt: skip
    return ExplainedJob(job, list(reasons), seconds)


RATE = Reason("setting", "rate: 1 -> 2")
AFTER = Reason("upstream", "train")
PLAN = Plan(
    "s",
    2,
    [
        explained("train", "b/seed6", RATE, seconds=60.0),
        explained("train", "a/seed5", RATE, seconds=60.0),
        explained("train", "c/seed5", Reason("code", "m.py changed"), RATE, seconds=120.0),
        explained("report", "", AFTER, Reason("upstream", "seal"), seconds=None),
    ],
    Estimate(200.0, 1),
)


def test_jobs_with_the_same_reasons_stand_together():
    assert plan_text(PLAN).splitlines() == [
        "s: 4 jobs, roughly 3 min on 2 cores, from earlier runs, and 1 job that never ran before",
        "",
        "train: 2 jobs (a/seed5, b/seed6), 2 min of work",
        "    setting rate: 1 -> 2",
        "",
        "train: 1 job (c/seed5), 2 min of work",
        "    code: m.py changed",
        "    setting rate: 1 -> 2",
        "",
        "report: 1 job",
        "    after train, seal",
    ]


def test_many_subjects_are_counted():
    jobs = [explained("grade", f"m{n}", RATE, seconds=1.0) for n in range(9)]
    text = plan_text(Plan("s", 1, jobs, Estimate(9.0, 0)))
    assert "s: 9 jobs, roughly 9 s on 1 core, from earlier runs\n" in text
    assert "grade: 9 jobs (m0, m1, m2, m3, and 5 more), 9 s of work" in text


def test_what_never_ran_has_no_duration():
    plan = Plan("s", 2, [explained("report", "", AFTER, seconds=None)], Estimate(0.0, 1))
    assert plan_text(plan).startswith("s: 1 job, how long is not known")


def test_nothing_to_do_is_said():
    assert plan_text(Plan("s", 2, [], Estimate(0.0, 0))).startswith("s: nothing to do")


def test_a_program_reads_every_job_with_its_reasons():
    document = plan_document(PLAN)
    assert document["schema"] == "calibrant-plan/1"
    assert (document["seconds"], document["jobs_of_unknown_duration"]) == (200.0, 1)
    last = document["jobs"][3]
    assert last["reasons"][0] == {"kind": "upstream", "text": "train"}
    assert (last["seconds"], last["snakemake"]) == (None, "theirs")


def test_a_run_that_is_going_on_is_said():
    plan = Plan("s", 2, PLAN.jobs, PLAN.estimate, is_locked=True)
    assert "going on, or was killed" in plan_text(plan).splitlines()[1]
    assert plan_document(plan)["is_locked"] is True
