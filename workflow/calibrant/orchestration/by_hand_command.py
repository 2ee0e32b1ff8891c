"""``calibrant by-hand STUDY --rule RULE``: jobs to run where there is no Snakemake."""

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from calibrant.files import write_text

if TYPE_CHECKING:
    from calibrant.orchestration.by_hand import ByHand


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant by-hand``."""
    parser.description = (
        "Write the shell commands of all jobs of a rule, the list of what they need and the list of "
        "what they leave behind, for a machine with neither Snakemake nor a network."
    )
    parser.add_argument("study", help="name in config/studies, or path of a .yaml file")
    parser.add_argument(
        "--rule", nargs="+", required=True, metavar="RULE", help="such as train, or train generate"
    )
    parser.add_argument(
        "--to", type=Path, default=Path("by-hand"), metavar="FOLDER", help="where the files go"
    )
    parser.add_argument("--cores", type=int, default=1, help="cores of that machine")


def run(args: argparse.Namespace) -> int:
    """Write ``run.sh``, ``carry.txt`` and ``bring.txt``, and say how to use them.

    Raises:
        CalibrantError: As ``dry_run`` and ``by_hand``.

    Returns:
        0.
    """
    from calibrant.orchestration.by_hand import by_hand
    from calibrant.orchestration.dry_run import dry_run

    found = by_hand(dry_run(args.study, args.cores).jobs, args.rule)
    folder: Path = args.to
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "run.sh", found.script)
    write_text(folder / "carry.txt", "\n".join(found.carry) + "\n")
    write_text(folder / "bring.txt", "\n".join(found.bring) + "\n")
    print(found.script)
    print(_steps(found, folder, args.study), end="")
    return 0


def _steps(found: "ByHand", folder: Path, study: str) -> str:
    listed, here = shlex.quote(str(folder / "carry.txt")), shlex.quote(str(folder))
    outputs = " ".join(map(shlex.quote, found.outputs))
    # The two files that are needed there are packed without their folder, which may lie anywhere.
    return f"""\
# Jobs: {len(found.jobs)}. Here, in the project's folder:
tar --exclude=__pycache__ -czf carry.tar.gz -T {listed} -C {here} run.sh bring.txt
# There, in an empty folder, with the Python of the stage's environment on PATH:
tar -xzf carry.tar.gz && bash run.sh
tar -czf bring.tar.gz -T bring.txt
# Back here, in the project's folder; the times of the files are kept:
tar -xzf bring.tar.gz
# Snakemake forgets earlier runs of these jobs here, or it takes the files for theirs and makes them
# again. Files that it has no metadata of, since they were never made here, it names, and is right:
snakemake --cleanup-metadata {outputs} --config study={shlex.quote(study)}
"""
