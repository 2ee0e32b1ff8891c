"""``calibrant measure FILE``: the command line of ``measure_file``."""

import argparse
from pathlib import Path

from calibrant.measures.missing_policy import MISSING_POLICIES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant measure``."""
    parser.description = (
        "Measure how well stated confidences match correctness: accuracy, Brier score, log loss, "
        "ECE, AUROC and AURC, with intervals, beside the best constant and the noise floor."
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help=(
            ".jsonl, .csv or .parquet with the columns correct and confidence, question_id if "
            "questions were answered several times, and true_probability if it is known how likely "
            "each answer is right; or a sample log of lm-evaluation-harness (.jsonl) or an "
            "evaluation log of Inspect (.json)"
        ),
    )
    parser.add_argument("--by", metavar="COLUMN", help="measure every value of a column apart")
    parser.add_argument(
        "--correct",
        metavar="NAME",
        help="column, metric or scorer that says whether an answer is right (default: correct; in "
        "logs the usual or only one)",
    )
    parser.add_argument("--json", metavar="OUT", type=Path, help="write all figures as JSON")
    parser.add_argument(
        "--figure",
        metavar="OUT",
        type=Path,
        help="write the reliability diagram as .svg, .png or .pdf (default with --json: beside it, "
        "as .svg)",
    )
    parser.add_argument(
        "--missing",
        choices=MISSING_POLICIES,
        default="drop",
        help="what stands in for a missing confidence: leave the row out, 0, 0.5, or what costs "
        "most (default: %(default)s)",
    )
    add_settings(parser)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the numeric settings of a measurement."""
    for name, kind, default, text in (
        ("--bins", int, 10, "bins of ECE and of the reliability diagram"),
        ("--replicates", int, 1000, "bootstrap replicates, drawn by question"),
        ("--level", float, 0.95, "level of the intervals, as a probability"),
        ("--seed", int, 17, "seed of the bootstrap and of the noise floor"),
    ):
        parser.add_argument(
            name, type=kind, default=default, metavar="N", help=f"{text} (default: %(default)s)"
        )


def run(args: argparse.Namespace) -> int:
    """Measure a file, print a table, and write JSON and figure where asked.

    Raises:
        CalibrantError: If the file, a setting or an output path is no good.

    Returns:
        The exit code 0.
    """
    # numpy, pyarrow and rich are not needed to print the help.
    from calibrant.measures.measure_file import Request, measure_file
    from calibrant.measures.sample_settings import SampleSettings

    settings = SampleSettings(args.missing, args.bins, args.replicates, args.level, args.seed)
    measure_file(Request(args.file, args.by, args.correct, args.json, args.figure), settings)
    return 0
