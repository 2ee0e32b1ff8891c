"""``calibrant impact FILE``: what depends on a file."""

import argparse
import os
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from calibrant.errors import CalibrantError

if TYPE_CHECKING:
    from calibrant.lineage.graph import Graph
    from calibrant.lineage.impact import Impact

_MOST_NUMBERS = 10
# Files that decide what runs and are in no record themselves.
_NOT_RECORDED = {
    "config/studies/*.yaml": "studies",
    "config/config.yaml": "configuration",
    "workflow/rules/*.smk": "rules",
    "workflow/Snakefile": "rules",
    "Snakefile": "rules",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant impact``."""
    from calibrant.lineage.study_folders import add_folder_arguments

    parser.description = (
        "List every stage, file and published number that depends on a file, as the records tell: "
        "a result, a module of the package, a script, a lock file, or a file of your own."
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="such as results/quickstart/data/training.parquet, workflow/calibrant/files.py or "
        "envs/core.lock; a result need not exist any more",
    )
    add_folder_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Print what depends on the file, study by study.

    Raises:
        CalibrantError: If no study has records, or no record knows the file.

    Returns:
        0.
    """
    from calibrant.lineage.graph import read_graph
    from calibrant.lineage.study_folders import chosen_folders, folder_holding

    own = folder_holding(args.file)
    folders = chosen_folders(args) if own is None else [own]
    known = False
    for folder in folders:
        graph = read_graph(folder)
        impact = _impact(graph, args.file, None if own is None else own)
        known = known or bool(impact.runs or impact.numbers) or _is_result(graph, args.file, own)
        if impact.runs or impact.numbers or own is not None:
            _print(folder, impact)
    if not known:
        raise _unknown(args.file)
    return 0


def _unknown(path: Path) -> CalibrantError:
    from calibrant.lineage.record import project_path

    name = project_path(path)
    for pattern, kind in _NOT_RECORDED.items():
        if fnmatch(name, pattern):
            return CalibrantError(
                f"records name no {kind}, but the settings and the code that each stage ran with",
                where=path,
                repair=_plan_command(name),
            )
    return CalibrantError(
        "no record knows this file",
        where=path,
        repair="Give its path from the project's folder, as records name it",
    )


def _plan_command(name: str) -> str:
    study = PurePosixPath(name).stem if name.startswith("config/studies/") else "STUDY"
    return f"`calibrant plan {study}` says what would run again"


def _impact(graph: "Graph", path: Path, own: Path | None) -> "Impact":
    from calibrant.lineage.impact import (
        impact_of_lock,
        impact_of_module,
        impact_of_result,
        impact_of_source,
    )
    from calibrant.lineage.record import project_path

    if own is not None:
        return impact_of_result(graph, _inner(path, own))
    name = project_path(path)
    if name.startswith("workflow/"):
        return impact_of_module(graph, name.removeprefix("workflow/"))
    if name.startswith("envs/") and path.suffix == ".lock":
        return impact_of_lock(graph, path.stem)
    return impact_of_source(graph, name)


def _inner(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()


def _is_result(graph: "Graph", path: Path, own: Path | None) -> bool:
    return own is not None and graph.writer(_inner(path, own)) is not None


def _print(folder: Path, impact: "Impact") -> None:
    print(f"{folder}: {len(impact.runs)} stages, {len(impact.numbers)} published numbers")
    for item in impact.runs:
        print(f"  {item.name}: {', '.join(item.outputs)}")
    for number in impact.numbers[:_MOST_NUMBERS]:
        print(f"  {number.id}  {number.printed}")
    if len(impact.numbers) > _MOST_NUMBERS:
        print(f"  and {len(impact.numbers) - _MOST_NUMBERS} numbers more")
