"""``calibrant judge``: what lies in a store of verdicts, taking it out, and making it forget."""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from calibrant.errors import CalibrantError

if TYPE_CHECKING:
    from calibrant.judging.store import VerdictStore

_REPAIR = "Name the folder judging/verdicts of a study"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands of ``calibrant judge``."""
    parser.description = "Look into a folder of stored verdicts of the AI judge, or tidy it."
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    stats = _action(actions, "stats", "count verdicts, contradictions and damage")
    stats.add_argument("--json", action="store_true", help="print the counts as JSON")
    export = _action(actions, "export", "write every verdict that counts, oldest first")
    export.add_argument(
        "--format",
        choices=("jsonl", "csv"),
        default="jsonl",
        help="lines of JSON, or a table whose references are a JSON list (default: %(default)s)",
    )
    export.add_argument(
        "--output", metavar="OUT", type=Path, help="file to write (default: the terminal)"
    )
    purge = _action(actions, "purge", "remove the verdicts of one prompt version")
    purge.add_argument("--prompt-version", metavar="V", required=True, help="whose verdicts go")
    purge.add_argument("--judge", metavar="J", help="only those of the judge with this identity")
    purge.add_argument("--dry-run", action="store_true", help="only say how many would go")


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, line: str
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
    action.add_argument("folder", metavar="FOLDER", type=Path, help="folder of the store")
    return action


def run(args: argparse.Namespace) -> int:
    """Run one action on a store.

    Raises:
        CalibrantError: If there is no such folder, it holds no store, it cannot be read or
            written, or a purge finds a process writing to it.

    Returns:
        The exit code 0.
    """
    from calibrant.judging.purge import purge
    from calibrant.judging.store import VerdictStore

    if not args.folder.is_dir():
        raise CalibrantError(
            "there is no such folder",
            where=args.folder,
            repair=_REPAIR,
        )
    if not _is_store(args.folder):
        raise CalibrantError("holds no verdict store", where=args.folder, repair=_REPAIR)
    if args.action == "stats":
        _print_stats(VerdictStore(args.folder), args.json)
    elif args.action == "export":
        _export(VerdictStore(args.folder), args.format, args.output)
    else:
        counts = purge(args.folder, args.prompt_version, args.judge, args.dry_run)
        verb = "would remove" if args.dry_run else "removed"
        print(f"{verb} {counts.gone} of {counts.gone + counts.kept} records")
    return 0


def _is_store(folder: Path) -> bool:
    from calibrant.judging.store_files import segments

    # The lock stays behind when a purge has removed the last verdict.
    return bool(segments(folder)) or (folder / ".lock").is_file()


def _print_stats(store: "VerdictStore", as_json: bool) -> None:
    stats = store.stats()
    by_judge = [
        {"judge": judge, "prompt_version": version, "verdicts": count}
        for (judge, version), count in sorted(stats.verdicts.items())
    ]
    counts = {
        "segments": stats.segments,
        "bytes": stats.bytes,
        "records": stats.records,
        "verdicts": sum(stats.verdicts.values()),
        "clashes": stats.clashes,
        "torn": stats.torn,
        "damaged": stats.damaged,
    }
    if as_json:
        print(json.dumps({**counts, "judges": by_judge}, indent=1))
        return
    for name, count in counts.items():
        print(f"{name:10}{count}")
    for entry in by_judge:
        print("judge {judge}, prompt {prompt_version}: {verdicts}".format(**entry))


def _export(store: "VerdictStore", form: str, output: Path | None) -> None:
    from calibrant.files import atomic_path

    lines = _as_csv if form == "csv" else _as_jsonl
    if output is None:
        lines(store, sys.stdout)
        return
    # Half of a surrogate pair, which no file can hold, becomes its escape.
    with (
        atomic_path(output) as temporary,
        open(temporary, "w", encoding="utf-8", errors="backslashreplace", newline="") as handle,
    ):
        lines(store, handle)


def _as_jsonl(store: "VerdictStore", handle: TextIO) -> None:
    for row in _rows(store):
        handle.write(json.dumps(row, sort_keys=True) + "\n")


def _as_csv(store: "VerdictStore", handle: TextIO) -> None:
    from dataclasses import fields

    from calibrant.judging.store_files import StoredVerdict

    names = [field.name for field in fields(StoredVerdict)]
    table = csv.DictWriter(handle, names, lineterminator="\n")
    table.writeheader()
    for row in _rows(store):
        table.writerow({**row, "references": json.dumps(row["references"])})


def _rows(store: "VerdictStore") -> Iterator[dict[str, object]]:
    for record in store.all():
        yield {**asdict(record), "references": list(record.references)}
