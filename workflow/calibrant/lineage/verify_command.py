"""``calibrant verify FOLDER``: check every file, link and number of a study, offline."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calibrant.lineage.findings import Findings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant verify``."""
    parser.description = (
        "Check a study's results against their records: every digest, every link between stages, "
        "and every published number. What follows without a model from other files is computed "
        "again by the stage's own script: selected training questions, grades, calibrated and voted "
        "answers, measures, comparisons, certificates, model cards; prepared questions are not. "
        "Numbers are collected and the pages rendered "
        "anew where this is the code that wrote them. What other stages wrote is checked by "
        "digests alone. Exit code 0 if all is sound, 1 if something was altered, 2 if evidence is "
        "missing or out of date."
    )
    parser.add_argument(
        "folder", metavar="FOLDER", type=Path, help="results of a study, such as results/quickstart"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="check digests, links and numbers alone: compute no stage again, render no page",
    )


def run(args: argparse.Namespace) -> int:
    """Check the folder and print what was checked and every fault.

    Raises:
        CalibrantError: If the folder holds no records.

    Returns:
        0 sound, 1 altered, 2 evidence missing.
    """
    # Nothing of this is needed to print the help.
    from calibrant.lineage.verify import verify_folder

    findings = verify_folder(args.folder, _say, quick=args.quick)
    print_findings(args.folder, findings)
    return findings.exit_code


def print_findings(folder: Path, findings: "Findings") -> None:
    """Print the table of what was checked, the notes, the faults and the verdict."""
    print(folder)
    for name, count in findings.checked.items():
        print(f"  {name:<24}{count:>8,}")
    megabytes = findings.hashed_bytes / 1e6
    speed = megabytes / findings.hashed_seconds if findings.hashed_seconds > 0 else 0.0
    print(f"  hashed {megabytes:,.1f} MB at {speed:,.0f} MB/s")
    for line in _folders(findings.unexplained):
        print(f"  not described by any record: {line}")
    if again := _again(findings):
        print(f"  computed again in {sum(findings.seconds.values()):.1f} s: {', '.join(again)}")
    if findings.by_digest_alone:
        stages = ", ".join(findings.by_digest_alone)
        print(f"  not computed again, checked by digests alone: {stages}")
    for note in findings.notes:
        print(f"  {note}")
    for fault in findings.faults:
        print(f"{fault.kind}: {fault.place}: {fault.what}")
    print(("sound", "ALTERED", "EVIDENCE MISSING")[findings.exit_code])


def _again(findings: "Findings") -> list[str]:
    """Return each stage that was computed again, with the number of its runs and the seconds."""
    return [
        f"{stage} ({count} in {findings.seconds[stage]:.1f} s)"
        for stage, count in sorted(findings.recomputed.items())
        if stage in findings.seconds
    ]


def _folders(files: list[str]) -> list[str]:
    """Return one line per first folder, with the number of files in it."""
    counts: dict[str, list[str]] = {}
    for file in files:
        counts.setdefault(file.split("/")[0], []).append(file)
    return [
        listed[0] if len(listed) == 1 else f"{first}/ ({len(listed)} files)"
        for first, listed in counts.items()
    ]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
