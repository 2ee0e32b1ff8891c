"""Which folder of results a command is about."""

import argparse
import os
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.lineage.record import RECORDS

RESULTS = Path("results")


def add_folder_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--study`` and ``--folder``, of which at most one may be given."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--study", metavar="NAME", help="look in results/NAME")
    group.add_argument(
        "--folder",
        metavar="FOLDER",
        type=Path,
        help="look in this folder, a study's results wherever they lie "
        "(default: every study in results/)",
    )


def chosen_folders(args: argparse.Namespace) -> list[Path]:
    """Return the folders that ``--study`` or ``--folder`` names, or every study in ``results``.

    Raises:
        CalibrantError: If there is none with records.
    """
    if args.folder is not None or args.study is not None:
        return [check_folder(args.folder or RESULTS / args.study)]
    found = sorted(path.parent for path in RESULTS.glob(f"*/{RECORDS}") if path.is_dir())
    if not found:
        raise CalibrantError(
            "holds no study with records", where=RESULTS, repair="Name one with --folder"
        )
    return found


def check_folder(folder: Path) -> Path:
    """Return a folder if it holds records.

    Raises:
        CalibrantError: If it does not.
    """
    if not (folder / RECORDS).is_dir():
        raise CalibrantError(
            f"holds no folder {RECORDS}",
            where=folder,
            repair="Name the folder of a study that has run, such as results/quickstart",
        )
    return folder


def folder_holding(path: Path) -> Path | None:
    """Return the study's folder that a file lies in, or None for a file in none.

    The file itself need not exist: what stood there may be asked for.
    """
    for folder in Path(os.path.abspath(path)).parents:
        if (folder / RECORDS).is_dir():
            return folder
    return None
