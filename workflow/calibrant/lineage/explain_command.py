"""``calibrant explain NUMBER``: where a published number comes from."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from calibrant.reporting.numbers import Number

_MOST_LISTED = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant explain``."""
    from calibrant.lineage.study_folders import add_folder_arguments

    parser.description = (
        "Show every stage, file and digest between a published number and the source files. Where "
        "several numbers match, they are listed, and the exit code is 1."
    )
    parser.add_argument(
        "number",
        metavar="ID|TEXT",
        help="id of a number in numbers.json, a number as printed, such as 0.051, or a part of ids",
    )
    add_folder_arguments(parser)
    parser.add_argument(
        "--format", choices=("text", "json", "mermaid"), default="text", help="default: text"
    )


def run(args: argparse.Namespace) -> int:
    """Print the explanation of one number, or the numbers that match.

    Raises:
        CalibrantError: If no number matches, or a study's records cannot be read.

    Returns:
        0, or 1 where several numbers match.
    """
    from calibrant.errors import CalibrantError
    from calibrant.files import canonical_json
    from calibrant.lineage.explanation import explain_number
    from calibrant.lineage.explanation_text import explanation_mermaid, explanation_text
    from calibrant.lineage.graph import read_graph
    from calibrant.lineage.study_folders import chosen_folders

    folders = chosen_folders(args)
    found = [(folder, number) for folder in folders for number in _matches(folder, args.number)]
    if not found:
        raise CalibrantError(
            f"no published number is or is called {args.number!r}",
            where=", ".join(map(str, folders)),
            repair="Give an id of numbers.json, a number as the report prints it, or a part of ids",
        )
    if len(found) > 1:
        _list(found)
        return 1
    folder, number = found[0]
    explanation = explain_number(read_graph(folder), number)
    if args.format == "json":
        print(canonical_json(explanation.document()))
    else:
        form = explanation_mermaid if args.format == "mermaid" else explanation_text
        print(form(explanation), end="")
    return 0


def _matches(folder: "Path", text: str) -> "list[Number]":
    from calibrant.lineage.number_search import find_numbers
    from calibrant.lineage.published_numbers import NUMBERS, PublishedNumbers

    path = folder / NUMBERS
    # A study that has not come to its report has no numbers yet.
    return find_numbers(PublishedNumbers(path).all(), text) if path.is_file() else []


def _list(found: "list[tuple[Path, Number]]") -> None:
    print(f"{len(found)} numbers match; ask for one by its id:")
    several = len({folder for folder, _ in found}) > 1
    for folder, number in found[:_MOST_LISTED]:
        where = f"{folder}  " if several else ""
        print(f"  {where}{number.id}  {number.printed}")
    if len(found) > _MOST_LISTED:
        print(f"  and {len(found) - _MOST_LISTED} more")
