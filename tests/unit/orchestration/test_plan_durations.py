"""How long a plan takes: work over cores, or the longest chain of jobs that wait."""

from pathlib import Path

from calibrant.orchestration.durations import Estimate, estimate, job_seconds
from calibrant.orchestration.planned_job import PlannedJob


def job(rule: str, subject: str = "", reads: str = "", threads: int = 1) -> PlannedJob:
    return PlannedJob(
        rule=rule, subject=subject, inputs=tuple(reads.split()), read=(), outputs=(f"{rule}{subject}",),
        threads=threads, snakemake="", root=Path("results/s"), script=Path("x.py"), code="0",
        lock=("core", "0"), settings={}, seed=None,
    )  # fmt: skip


def test_the_same_job_counts_before_the_median_of_its_stage():
    recorded = {("train", "a"): 10.0, ("train", "b"): 20.0, ("train", "c"): 90.0}
    assert job_seconds(job("train", "c"), recorded) == 90
    assert job_seconds(job("train", "new"), recorded) == 20
    assert job_seconds(job("grade", "a"), recorded) is None


def test_jobs_side_by_side_share_the_cores():
    jobs = [job("a", str(n)) for n in range(4)]
    assert estimate(jobs, [10.0] * 4, 2) == Estimate(20.0, 0)
    assert estimate(jobs, [10.0] * 4, 8) == Estimate(10.0, 0)


def test_a_chain_takes_the_sum_of_its_jobs():
    jobs = [job("a"), job("b", reads="a"), job("c", reads="b elsewhere"), job("d")]
    assert estimate(jobs, [1.0, 2.0, 4.0, 5.0], 8) == Estimate(7.0, 0)


def test_a_job_that_takes_all_cores_leaves_none():
    jobs = [job("a", "1", threads=4), job("a", "2", threads=4)]
    assert estimate(jobs, [3.0, 3.0], 4) == Estimate(6.0, 0)
    # A job planned for more cores than there are takes those there are.
    assert estimate(jobs, [3.0, 3.0], 2) == Estimate(6.0, 0)


def test_unknown_jobs_are_counted_and_nothing_is_made_up_for_them():
    assert estimate([job("a"), job("b")], [3.0, None], 1) == Estimate(3.0, 1)
    assert estimate([], [], 2) == Estimate(0.0, 0)
