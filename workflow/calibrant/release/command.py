"""``calibrant release STUDY``: a finished study as a folder to publish."""

import argparse
import sys
from pathlib import Path
from typing import Any

from calibrant.lineage.study_folders import RESULTS

_OUT = Path("releases")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant release``."""
    parser.description = (
        "Verify a study and, if it is sound, write it as a folder to publish: records, report, "
        "figures, small files of rows and weights, the code that ran, and an RO-Crate (Provenance "
        "Run Crate 0.5) over all of it. What is too big, and rows whose licence does not let "
        "anybody publish them, are listed by size and digest in release.json. `calibrant verify` "
        "checks the folder: exit code 2 names what is left out."
    )
    parser.add_argument("study", metavar="STUDY", help="name of the study, in results/STUDY")
    parser.add_argument(
        "--folder", metavar="F", type=Path, help="its results, where they lie elsewhere"
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="the folder to write (default: releases/STUDY)"
    )
    parser.add_argument(
        "--most-mb", metavar="MB", type=float, default=5.0,
        help="largest file of rows or weights to put in, in MB of 1,000,000 bytes (default: 5)",
    )  # fmt: skip
    parser.add_argument(
        "--allow-rows", metavar="DATASET", action="append", default=[],
        help="put in the rows of a dataset whatever its licence is called: you have the right to",
    )  # fmt: skip
    parser.add_argument(
        "--allow-paths", action="store_true",
        help="release it although a record or another file names a folder of this machine",
    )  # fmt: skip
    parser.add_argument(
        "--licence", metavar="NAME", help="licence of the study's own results, such as CC BY 4.0"
    )
    parser.add_argument("--agent", metavar="NAME", help="who ran the study")


def run(args: argparse.Namespace) -> int:
    """Verify the study, write its release and print what is in it and what is not.

    Raises:
        CalibrantError: If the study is not sound, a file of it names a path of this machine, or the
            release cannot be written.

    Returns:
        0.
    """
    from datetime import UTC, datetime

    from calibrant.errors import CalibrantError
    from calibrant.lineage.study_folders import check_folder
    from calibrant.lineage.verify import verify_folder
    from calibrant.lineage.verify_command import print_findings
    from calibrant.release.folder import write_release
    from calibrant.release.machine_paths import check_no_machine_paths
    from calibrant.release.plan import About, plan_release

    if not args.most_mb >= 0:
        raise CalibrantError(f"{args.most_mb} is no size", where="--most-mb")
    folder = check_folder(args.folder or RESULTS / args.study)
    out = args.out or _OUT / args.study
    findings = verify_folder(folder, _say)
    if findings.exit_code:
        print_findings(folder, findings)
        raise CalibrantError(
            f"is not sound: {len(findings.faults)} faults, listed above",
            where=folder,
            repair="Run the study again, so that its results are what its records say",
        )
    about = About(
        study=args.study,
        published=datetime.now(UTC).date().isoformat(),
        most_bytes=int(args.most_mb * 1e6),
        allowed=frozenset(args.allow_rows),
        licence=args.licence,
        agent=args.agent,
    )
    plan = plan_release(folder, about)
    if not args.allow_paths:
        check_no_machine_paths(plan)
    summary = write_release(plan, out, _say)
    _print(out, summary, sorted({run.record["host"] for run in plan.graph.runs}))
    return 0


def _print(out: Path, summary: dict[str, Any], hosts: list[str]) -> None:
    print(f"{out}: {summary['files']} files of the study")
    for item in summary["datasets"]:
        rows = f"rows left out: {item['rows_left_out']}" if item["rows_left_out"] else "rows in"
        print(f"  dataset {item['name']}, {item['licence'] or 'no licence stated'}: {rows}")
    left_out = summary["left_out"]
    if left_out:
        megabytes = sum(item["bytes"] for item in left_out) / 1e6
        print(f"  left out: {len(left_out)} files, {megabytes:,.1f} MB; release.json lists them")
    absent = summary["code_not_as_it_ran"]
    if absent:
        print(f"  code not here as it ran: {len(absent)} files, such as {absent[0]}")
    print(f"  the records name the host of each stage: {', '.join(hosts)}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
