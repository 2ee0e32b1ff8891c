"""``calibrant certify FILE``: a threshold with a guarantee, as JSON and as a card."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant certify``."""
    parser.description = (
        "Certify the lowest confidence at which answers may be accepted: their error rate is at "
        "most the risk, with the confidence given, if the answers in the file and those to come "
        "are independent draws from one source. Exit code 1 if nothing can be certified."
    )
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="graded answers, as for `calibrant measure`"
    )
    parser.add_argument(
        "--risk", metavar="R", type=float, required=True, help="highest error rate allowed, as 0.05"
    )
    parser.add_argument(
        "--confidence",
        metavar="C",
        type=float,
        required=True,
        help="how surely the risk must hold over calibration samples, as 0.95",
    )
    parser.add_argument("--by", metavar="COLUMN", help="a threshold for every value of a column")
    parser.add_argument(
        "--thresholds",
        metavar="T",
        type=float,
        nargs="+",
        default=[],
        help="thresholds to test, fixed before the answers were seen, highest first (default: "
        "chosen on a fifth of the questions, which is then not tested)",
    )
    parser.add_argument(
        "--correct",
        metavar="NAME",
        help="column, metric or scorer that says whether an answer is right (default: correct; in "
        "logs the usual or only one)",
    )
    parser.add_argument("--out", metavar="OUT", type=Path, help="write the certificate as JSON")
    parser.add_argument("--card", metavar="OUT", type=Path, help="write the card as Markdown")


def run(args: argparse.Namespace) -> int:
    """Certify a file, print the card, and write certificate and card where asked.

    Raises:
        CalibrantError: If the file, a level or an output path is no good.

    Returns:
        0, or 1 if no threshold could be certified.
    """
    # numpy, pydantic and pyarrow are not needed to print the help.
    from calibrant.certification.answers import check_outputs, read_answers
    from calibrant.certification.card import card
    from calibrant.certification.certificate import write_certificate
    from calibrant.certification.certify import Claim, certify
    from calibrant.certification.feasibility import check_levels
    from calibrant.files import write_text

    delta = round(1 - args.confidence, 12)
    check_levels(args.risk, delta)
    check_outputs([args.file], [args.out, args.card])
    answers = read_answers(args.file, by=args.by, correct=args.correct, needs_labels=True)
    certificate = certify(answers, Claim(args.risk, delta, args.by, tuple(args.thresholds)))
    text = card(certificate)
    print(text, end="")
    for note in answers.table.notes:
        print(note)
    if args.out is not None:
        write_certificate(args.out, certificate)
        print(f"wrote {args.out}")
    if args.card is not None:
        write_text(args.card, text)
        print(f"wrote {args.card}")
    return 0 if any(group.certified is not None for group in certificate.groups) else 1
