"""``calibrant why PATH``: what a result depended on, and whether it would be made again."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant why``."""
    parser.description = (
        "Show what the stage that wrote a file depended on, and whether each of these is still what "
        "stands there now: code, lock file, inputs. Settings are not compared: Snakemake alone "
        "knows them. Exit code 1 if the stage, or one before it, would run again."
    )
    parser.add_argument("path", metavar="PATH", type=Path, help="a result, or its record")


def run(args: argparse.Namespace) -> int:
    """Print what the file depended on.

    Raises:
        CalibrantError: If the file has no record.

    Returns:
        0 where everything is as it was, else 1.
    """
    from calibrant.lineage.find_run import find_run
    from calibrant.lineage.hops import short
    from calibrant.lineage.why import dependences, upstream

    graph, stage = find_run(args.path)
    record = stage.record
    print(f"{stage.name}, {record['started']}, {record['seconds']:.1f} s on {record['device']}")
    print(f"  settings {short(record['settings_sha256'])}, not compared")
    if record["seed"] is not None:
        print(f"  seed {record['seed']}, not compared")
    listed = dependences(graph, stage, Path.cwd())
    for item in listed:
        print(f"  {item.name} {item.recorded}: {item.changed or 'as it was'}")
    before = [
        (earlier, item)
        for earlier in upstream(graph, stage)
        for item in dependences(graph, earlier, Path.cwd())
        if item.changed
    ]
    for earlier, item in before:
        print(f"  before it, {earlier.name}: {item.name} {item.changed}")
    changed = bool(before) or any(item.changed for item in listed)
    print("would run again" if changed else "would not run again, unless its settings changed")
    return 1 if changed else 0
