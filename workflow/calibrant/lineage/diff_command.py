"""``calibrant diff A B``: what differs between the runs that wrote two files."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant diff``."""
    parser.description = (
        "Compare the records of two results, which may lie in different studies: settings by key, "
        "code by module, inputs, environment by package. Exit code 1 if anything differs."
    )
    for name in ("a", "b"):
        parser.add_argument(name, metavar=name.upper(), type=Path, help="a result, or its record")


def run(args: argparse.Namespace) -> int:
    """Print the differences.

    Raises:
        CalibrantError: If a file has no record.

    Returns:
        0 where nothing differs but times, else 1.
    """
    from calibrant.lineage.diff_records import diff_records
    from calibrant.lineage.find_run import find_run

    (_, first), (_, second) = find_run(args.a), find_run(args.b)
    print(f"first:  {first.name}, {first.record['started']}")
    print(f"second: {second.name}, {second.record['started']}")
    topics = diff_records(first, second)
    for topic, lines in topics.items():
        print(f"{topic}:")
        for line in lines:
            print(f"  {line}")
    if not topics:
        print("no difference")
    return 1 if topics else 0
