"""The page on which each number's file has the stages, files and digests behind it.

It tells what records say of content and nothing of when, how long or where a stage ran, so one that
ran again and gave the same bytes leaves it as it is. A training never does: its curve holds the
seconds of every round, and with them change the curve's digest and the seconds per thousand rollouts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from calibrant.files import canonical_json
from calibrant.lineage.explanation import asked_files, model_source
from calibrant.lineage.graph import Graph, Link, StageRun
from calibrant.reporting.anchors import file_anchor, stage_anchor
from calibrant.reporting.numbers import Number
from calibrant.reporting.templates import FOLDER, template_environment

READS_FILES = ("lineage.html", "page.css")


@dataclass(slots=True)
class _Node:
    """A stage or a source in the chain behind a file, and what is behind that."""

    text: str
    digest: str = ""
    anchor: str = ""
    remark: str = ""
    behind: list["_Node"] = field(default_factory=list)


def render_lineage(graph: Graph, numbers: Sequence[Number], prefix: str, title: str) -> str:
    """Return the page.

    Args:
        graph: The records.
        numbers: All numbers of the report.
        prefix: The study's folder as the files of the numbers have it.
        title: Title of the study.
    """
    from markupsafe import Markup

    files = dict.fromkeys(file for number in numbers for file in _files(number))
    writers = {file: graph.writer(file.removeprefix(f"{prefix}/")) for file in files}
    runs = graph.behind(run for run in writers.values() if run)
    return (
        template_environment()
        .get_template("lineage.html")
        .render(
            title=title,
            style=Markup((FOLDER / "page.css").read_text(encoding="utf-8")),
            anchor=file_anchor,
            files_of_numbers=[
                _section(graph, file, writers[file], numbers, prefix) for file in files
            ],
            stages=[_stage(graph, run) for run in sorted(runs, key=lambda run: run.name)],
        )
    )


def _files(number: Number) -> list[str]:
    return [number.file, *(place.file for place in number.others)]


def _section(
    graph: Graph, file: str, writer: StageRun | None, numbers: Sequence[Number], prefix: str
) -> dict[str, Any]:
    inner = file.removeprefix(f"{prefix}/")
    return {
        "path": file,
        "chain": [] if writer is None else [_node(graph, writer, inner, set())],
        # A number of several files stands under the first, and names the others.
        "numbers": [number for number in numbers if number.file == file],
        "in_others": sum(file in _files(number)[1:] for number in numbers),
    }


def _node(graph: Graph, run: StageRun, inner: str, shown: set[str]) -> _Node:
    first = next(iter(run.outputs))
    entry = run.outputs.get(inner, run.outputs[first])
    node = _Node(f"{run.name}: {inner}", entry["sha256"], stage_anchor(first))
    if run.digest in shown:
        node.remark = "as above"
        return node
    shown.add(run.digest)
    for link in graph.links(run):
        if link.run is None:
            node.behind.append(_source(link))
            continue
        behind = _node(graph, link.run, link.inner or "", shown)
        if link.state == "altered":
            behind.remark = f"ALTERED: was read as {link.entry['sha256']}"
        node.behind.append(behind)
    node.behind += _origins(run)
    return node


def _source(link: Link) -> _Node:
    path = link.inner or link.entry["path"]
    said = "NO RECORD of" if link.state == "lost" else "own file"
    return _Node(f"{said} {path}", link.entry["sha256"])


def _origins(run: StageRun) -> Iterator[_Node]:
    for file in asked_files(run):
        address = file.get("address") or f"{file.get('repository')}/{file.get('file')}"
        yield _Node(f"source {address}", file.get("sha256", ""), remark=file.get("licence", ""))
    if source := model_source(run):
        yield _Node(source)


def _stage(graph: Graph, run: StageRun) -> dict[str, Any]:
    record = run.record
    lock = record["lock"]
    return {
        "anchor": stage_anchor(next(iter(run.outputs))),
        "name": run.name,
        "outputs": [{**entry, "path": inner} for inner, entry in run.outputs.items()],
        "inputs": [
            {
                "path": link.inner or link.entry["path"],
                "sha256": link.entry["sha256"],
                "anchor": link.run and stage_anchor(next(iter(link.run.outputs))),
            }
            for link in graph.links(run)
        ],
        "facts": {
            "code": record["code"]["digest"],
            "lock": f"{lock['name']} {lock['sha256']}" if lock else "none",
            "seed": "none" if record["seed"] is None else str(record["seed"]),
            "settings": canonical_json(record["settings"]),
        },
    }
