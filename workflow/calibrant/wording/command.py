"""``calibrant reword FILE``: the confidence of every answer in words."""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calibrant.wording.rewording_engine import RewordingModel
    from calibrant.wording.worded_answers import Rewriter, Worded

NEW_COLUMNS = ("worded", "worded_status")
MODEL_COLUMNS = (*NEW_COLUMNS, "worded_by", "worded_refused")
"""With a model: who worded the answer, ``model`` or ``rule``, and which check the model's text
failed where the rules had to."""
_SHOWN = 3
_FAILED = {
    "cut": "cut at the token limit",
    "empty": "empty",
    "confidences": "a confidence not given back",
    "numbers": "a number changed",
    "names": "a name changed",
    "claims": "a claim changed",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant reword``."""
    parser.description = (
        'Say in words how sure every answer is: "It is likely that ...". No word of an answer is '
        "changed or lost, and each phrase stands for one narrow range of confidences. An answer "
        "without a confidence stays as it is. With a server or a checkpoint, a model words the "
        "answers, and the rules word those in which it changed a claim or a confidence."
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
        help=f"write the rows with {' and '.join(NEW_COLUMNS)} as .jsonl, .csv or .parquet; with a "
        f"model also with {' and '.join(MODEL_COLUMNS[2:])}",
    )
    _add_model(parser)


def _add_model(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("rewording by a model")
    where = group.add_mutually_exclusive_group()
    where.add_argument(
        "--server",
        metavar="URL",
        help="address of a server with OpenAI's chat completions, such as http://127.0.0.1:8000/v1",
    )
    where.add_argument(
        "--checkpoint", metavar="FOLDER", type=Path, help="folder of a model on this machine"
    )
    group.add_argument("--model", metavar="NAME", help="name of the model on the server")
    group.add_argument(
        "--key-variable",
        metavar="VARIABLE",
        help="environment variable that holds the server's key (default: it wants none)",
    )
    group.add_argument(
        "--max-new-tokens",
        metavar="N",
        type=int,
        default=512,
        help="a text is cut here (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Reword a file, print the counts and the first answers, and write the rows where asked.

    Raises:
        CalibrantError: If the file, the style or the output path is no good, or the model cannot be
            asked.
    """
    # numpy and pyarrow are not needed to print the help.
    from calibrant.certification.answers import check_outputs
    from calibrant.tables.extended_table import check_extended, write_extended
    from calibrant.tables.plain_tables import read_table
    from calibrant.wording.rewording_engine import RewordingModel
    from calibrant.wording.worded_answers import word_answers

    model = RewordingModel(
        args.server, args.model, args.key_variable, args.checkpoint, args.max_new_tokens
    )
    columns = MODEL_COLUMNS if model.asked else NEW_COLUMNS

    check_outputs([args.file], [args.out])
    table = read_table(args.file)
    check_extended(args.out, table, columns)
    answers = word_answers(
        table,
        answer=args.answer,
        confidence=args.confidence,
        style=args.style,
        by_model=_rewriter(model, args.style) if model.asked else None,
    )
    _print(answers, by_model=model.asked)
    if args.out is not None:
        cells: dict[str, list[object]] = {
            "worded": [item.text for item in answers],
            "worded_status": [item.status for item in answers],
            "worded_by": [item.author for item in answers],
            "worded_refused": [item.refused for item in answers],
        }
        write_extended(args.out, table, {name: cells[name] for name in columns})
        print(f"wrote {args.out}")
    return 0


def _rewriter(model: "RewordingModel", style: str) -> "Rewriter":
    from functools import partial

    from calibrant.progress import progress
    from calibrant.wording.rewording_engine import open_rewording
    from calibrant.wording.rewrite_by_model import rewrite_by_model

    return partial(
        rewrite_by_model,
        engine=open_rewording(model),
        style=style,
        follow=lambda replies, total: progress(replies, total, "answers"),
    )


def _print(answers: "Sequence[Worded]", *, by_model: bool) -> None:
    counts = Counter(item.status for item in answers)
    print(f"reworded {counts['worded']} of {len(answers)} answers")
    if by_model:
        _print_authors(answers)
    if counts["no_confidence"]:
        print(f"left as they are: {counts['no_confidence']} without a confidence")
    if counts["no_answer"]:
        print(f"left empty: {counts['no_answer']} rows without an answer")
    shown = [item.text for item in answers if item.status == "worded"][:_SHOWN]
    for text in shown:
        print(f"  {' '.join(str(text).split())[:160]}")


def _print_authors(answers: "Sequence[Worded]") -> None:
    authors = Counter(item.author for item in answers)
    refused = Counter(str(item.refused) for item in answers)
    print(f"  by the model: {authors['model']}")
    print(f"  by rule, because the model's text failed a check: {authors['rule']}")
    for check, words in _FAILED.items():
        if refused[check]:
            print(f"    {words}: {refused[check]}")
