"""Where a published number comes from: every stage between it and the source files."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from calibrant.files import read_json
from calibrant.lineage.graph import Graph, Link, StageRun
from calibrant.lineage.published_numbers import PAGE
from calibrant.reporting.numbers import Number, Place


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number and what it was made from.

    Attributes:
        number: The number.
        places: Where it stands, and the run that wrote each file, or None where no record says.
        page: The run that printed it, or None.
        graph: The records.
    """

    number: Number
    places: list[tuple[Place, StageRun | None]]
    page: StageRun | None
    graph: Graph

    def runs(self) -> list[StageRun]:
        """Return all runs behind the number, those nearest to it first, each once."""
        found: dict[str, StageRun] = {}
        waiting = [run for _, run in self.places if run]
        while waiting:
            run = waiting.pop(0)
            if run.digest not in found:
                found[run.digest] = run
                waiting += [link.run for link in self.graph.links(run) if link.run]
        return list(found.values())

    def document(self) -> dict[str, Any]:
        """Return the explanation as JSON: the number, its places, and all stages behind it."""
        return {
            "number": {**asdict(self.number), "others": list(map(asdict, self.number.others))},
            "places": [
                {"file": place.file, "pointer": place.pointer, "record": run and run.digest}
                for place, run in self.places
            ],
            "page": self.page and self.page.digest,
            "stages": [_stage(self.graph, run) for run in self.runs()],
        }


def explain_number(graph: Graph, number: Number) -> Explanation:
    """Return where a number comes from.

    Args:
        graph: The records of its study.
        number: The number, as ``numbers.json`` has it.
    """
    page = graph.writer(PAGE)
    prefix = f"{page.prefix}/" if page else ""
    places = [Place(number.file, number.pointer), *number.others]
    return Explanation(
        number,
        [(place, graph.writer(place.file.removeprefix(prefix))) for place in places],
        page,
        graph,
    )


def rows_of(graph: Graph, inner: str) -> int | None:
    """Return the number of rows of a Parquet file, or None for another file or an absent one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = graph.root / inner
    if path.suffix != ".parquet" or not path.is_file():
        return None
    try:
        rows: int = pq.read_metadata(path).num_rows
    except pa.ArrowInvalid:
        # A damaged file has no rows to be counted; that it is damaged is for `verify` to say.
        return None
    return rows


def fetched_files(graph: Graph, run: StageRun) -> list[dict[str, str]]:
    """Return address, digest and licence of the public files behind a run, from its manifest."""
    if run.record["stage"] != "fetch":
        return []
    files: list[dict[str, str]] = []
    for inner in run.outputs:
        path = graph.root / inner
        content = read_json(path) if path.is_file() else {"files": _asked(run)}
        files += [
            {key: str(item[key]) for key in _FILE if key in item} for item in content["files"]
        ]
    return files


_FILE = ("address", "repository", "commit", "file", "licence", "sha256")


def asked_files(run: StageRun) -> list[dict[str, str]]:
    """Return what a stage was asked to fetch, as its settings have it; nothing for another stage."""
    if run.record["stage"] != "fetch":
        return []
    return [{key: str(item[key]) for key in _FILE if item.get(key)} for item in _asked(run)]


def model_source(run: StageRun) -> str | None:
    """Return where a base model comes from, in words, or None for another stage."""
    model = run.record["settings"].get("model")
    if run.record["stage"] != "base_model" or not isinstance(model, dict):
        return None
    keys = ("kind", "package", "file", "path", "repository", "revision", "sha256")
    named = [f"{key} {model[key]}" for key in keys if model.get(key)]
    return f"model: {', '.join(named)}"


def _asked(run: StageRun) -> Iterable[dict[str, Any]]:
    settings = run.record["settings"]
    return [{**source, "licence": settings.get("licence")} for source in settings["sources"]]


def _stage(graph: Graph, run: StageRun) -> dict[str, Any]:
    record = run.record
    return {
        "record": run.digest,
        "stage": record["stage"],
        "subject": record["subject"],
        "outputs": [
            {"path": inner, "sha256": entry["sha256"], "bytes": entry["bytes"],
             "rows": rows_of(graph, inner)}
            for inner, entry in run.outputs.items()
        ],
        "inputs": [_input(link) for link in graph.links(run)],
        "fetched": fetched_files(graph, run),
        "settings": record["settings"],
        "code": record["code"]["digest"],
        "lock": record["lock"],
        "seed": record["seed"],
        "git": record["git"],
        "host": record["host"],
        "device": record["device"],
        "started": record["started"],
        "finished": record["finished"],
        "seconds": record["seconds"],
        "notes": record["notes"],
    }  # fmt: skip


def _input(link: Link) -> dict[str, Any]:
    return {
        "name": link.entry["name"],
        "path": link.inner or link.entry["path"],
        "sha256": link.entry["sha256"],
        "state": link.state,
        "record": link.run and link.run.digest,
    }
