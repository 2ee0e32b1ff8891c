"""``calibrant reword FILE``: the confidence of every answer in words."""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calibrant.wording.worded_answers import Worded

NEW_COLUMNS = ("worded", "worded_status")
_SHOWN = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant reword``."""
    parser.description = (
        'Say in words how sure every answer is: "It is likely that ...". No word of an answer is '
        "changed or lost, and each phrase stands for one narrow range of confidences. An answer "
        "without a confidence stays as it is."
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="answers with confidences from 0 to 1: .jsonl, .csv or .parquet",
    )
    parser.add_argument(
        "--style",
        metavar="STYLE",
        default="plain",
        help="plain, clinical, legal or casual (default: %(default)s)",
    )
    parser.add_argument(
        "--answer", metavar="COLUMN", default="answer", help="the answers (default: %(default)s)"
    )
    parser.add_argument(
        "--confidence",
        metavar="COLUMN",
        default="confidence",
        help="the confidences, empty where missing (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        metavar="OUT",
        type=Path,
        help=f"write the rows with {' and '.join(NEW_COLUMNS)} as .jsonl, .csv or .parquet",
    )


def run(args: argparse.Namespace) -> int:
    """Reword a file, print the counts and the first answers, and write the rows where asked.

    Raises:
        CalibrantError: If the file, the style or the output path is no good.
    """
    # numpy and pyarrow are not needed to print the help.
    from calibrant.certification.answers import check_outputs
    from calibrant.tables.extended_table import check_extended, write_extended
    from calibrant.tables.plain_tables import read_table
    from calibrant.wording.worded_answers import word_answers

    check_outputs([args.file], [args.out])
    table = read_table(args.file)
    check_extended(args.out, table, NEW_COLUMNS)
    answers = word_answers(table, answer=args.answer, confidence=args.confidence, style=args.style)
    _print(answers)
    if args.out is not None:
        texts: list[object] = [item.text for item in answers]
        statuses: list[object] = [item.status for item in answers]
        write_extended(args.out, table, dict(zip(NEW_COLUMNS, (texts, statuses), strict=True)))
        print(f"wrote {args.out}")
    return 0


def _print(answers: "Sequence[Worded]") -> None:
    counts = Counter(item.status for item in answers)
    print(f"reworded {counts['worded']} of {len(answers)} answers")
    if counts["no_confidence"]:
        print(f"left as they are: {counts['no_confidence']} without a confidence")
    if counts["no_answer"]:
        print(f"left empty: {counts['no_answer']} rows without an answer")
    shown = [item.text for item in answers if item.status == "worded"][:_SHOWN]
    for text in shown:
        print(f"  {' '.join(str(text).split())[:160]}")
