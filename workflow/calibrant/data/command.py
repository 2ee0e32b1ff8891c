"""``calibrant datasets``: the catalog, as a table."""

import argparse
import json

from calibrant.data.catalog import CatalogEntry, load_catalog


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant datasets``."""
    parser.add_argument("--json", action="store_true", help="print all fields as JSON")


def run(args: argparse.Namespace) -> int:
    """Print the catalog."""
    catalog = load_catalog()
    if args.json:
        entries = {name: entry.model_dump(mode="json") for name, entry in catalog.items()}
        print(json.dumps(entries, indent=1, ensure_ascii=False))
        return 0
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("dataset", "domain", "answers", "use", "licence"):
        table.add_column(column, no_wrap=column != "licence")
    for name, entry in catalog.items():
        table.add_row(name, entry.domain, entry.answer_type, _use(entry), entry.licence)
    Console().print(table)
    return 0


def _use(entry: CatalogEntry) -> str:
    if entry.kind == "judgements":
        return "human verdicts"
    if entry.kind == "transcripts":
        return "recorded answers"
    if entry.held_out:
        return "held out"
    splits = {split for shares in entry.parts.values() for split, share in shares.items() if share}
    uses = {"train": "train", "test": "evaluate"}
    return ", ".join(word for split, word in uses.items() if split in splits)
