"""``calibrant route FILE --certificate C``: accept, defer or refuse every answer."""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calibrant.certification.answers import Answers
    from calibrant.certification.route import Routed, Router, Row


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant route``."""
    parser.description = (
        "Decide for every answer by a certificate: accept it, defer it to a person, or refuse it "
        "because the certificate does not cover it. Sequential tests watch for drift, in the order "
        "of the rows. Exit code 1 after an alarm."
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="answers, as for `calibrant measure`; the column correct is optional, and watched "
        "where it has a value",
    )
    parser.add_argument(
        "--certificate", metavar="C", type=Path, required=True, help="from `calibrant certify`"
    )
    parser.add_argument(
        "--out",
        metavar="OUT",
        type=Path,
        help="write the rows with decision, reason and detail as .jsonl, .csv or .parquet",
    )
    parser.add_argument(
        "--correct", metavar="NAME", help="column, metric or scorer of labels that have arrived"
    )
    parser.add_argument(
        "--alarm-level",
        metavar="P",
        type=float,
        default=0.01,
        help="highest probability of any false alarm over the whole stream (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        type=int,
        default=17,
        help="seed that breaks ties in the drift test (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Route a file, print the counts, and write the rows where asked.

    Raises:
        CalibrantError: If the file, the certificate or the output path is no good.

    Returns:
        0, or 1 if a drift alarm was raised.
    """
    from calibrant.certification.answers import check_outputs, read_answers
    from calibrant.certification.certificate import read_certificate
    from calibrant.certification.route import Router
    from calibrant.certification.routed_file import write_routed
    from calibrant.tables.extended_table import check_ending

    check_outputs([args.file, args.certificate], [args.out])
    if args.out is not None:
        check_ending(args.out)
    certificate = read_certificate(args.certificate)
    answers = read_answers(args.file, by=certificate.by, correct=args.correct, needs_labels=False)
    router = Router(certificate, level=args.alarm_level, seed=args.seed)
    routed = router.route(_rows(answers))
    _print(answers, router, routed)
    if args.out is not None:
        write_routed(args.out, answers.table, routed)
        print(f"wrote {args.out}")
    return 1 if router.alarms else 0


def _rows(answers: "Answers") -> "list[Row]":
    from math import isnan

    from calibrant.certification.route import Row

    correct = answers.correct
    return [
        Row(
            question=answers.question[number],
            confidence=None if isnan(confidence) else float(confidence),
            labels={column: cells[number] for column, cells in answers.labels.items()},
            correct=None if correct is None or isnan(correct[number]) else bool(correct[number]),
        )
        for number, confidence in enumerate(answers.confidence)
    ]


def _print(answers: "Answers", router: "Router", routed: "Sequence[Routed]") -> None:
    for decision in ("accept", "defer", "refuse"):
        reasons = Counter(row.reason for row in routed if row.decision == decision)
        listed = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
        count = sum(reasons.values())
        print(f"{decision:6}  {count:6} of {len(routed)}{f'  ({listed})' if listed else ''}")
    for column in router.certificate.scope:
        if column not in answers.labels:
            print(f"no column {column}: nothing checks that it is one the certificate has seen")
    for alarm in router.alarms:
        print(
            f"ALARM: {alarm.kind} drifted in {alarm.group} at row {alarm.row + 1}; nothing of it is "
            "accepted from there on. Certify again on new labels"
        )
