"""An explanation as an indented tree, and as a Mermaid diagram."""

from collections.abc import Iterator

from calibrant.lineage.explanation import (
    Explanation,
    fetched_files,
    model_source,
    rows_of,
)
from calibrant.lineage.graph import Graph, Link, StageRun
from calibrant.lineage.hops import short


def explanation_text(explanation: Explanation) -> str:
    """Return an indented tree, one line per stage; what is behind a stage stands below it once.

    A line has: stage, subject, file, first 12 digits of its SHA-256, code, seed, time and seconds.
    """
    number = explanation.number
    lines = [f"{number.printed}  {number.id}", f"  value {number.value!r}{_interval(explanation)}"]
    if number.computed or number.undefined:
        lines.append(f"  {'; '.join(filter(None, (number.computed, number.undefined)))}")
    if explanation.page is not None:
        lines.append(f"  printed by {_line(explanation.graph, explanation.page, None)}")
    shown: set[str] = set()
    for place, run in explanation.places:
        lines.append(f"  from {place.file}#{place.pointer}")
        if run is None:
            lines.append("    NO RECORD of that file")
            continue
        inner = run.inner(place.file)
        lines += _tree(explanation.graph, run, inner, "    ", shown)
    return "\n".join(lines) + "\n"


def explanation_mermaid(explanation: Explanation) -> str:
    """Return a Mermaid flowchart from the source files to the number."""
    graph = explanation.graph
    runs = explanation.runs()
    ids = {run.digest: f"s{position}" for position, run in enumerate(runs)}
    number = explanation.number
    lines = ["flowchart LR", f'  n["{_escaped(number.printed)}<br/>{_escaped(number.id)}"]']
    sources: dict[str, str] = {}
    for run in runs:
        first = next(iter(run.outputs.values()))
        label = f"{_escaped(run.name)}<br/>{short(first['sha256'])}"
        lines.append(f'  {ids[run.digest]}["{label}"]')
    lines += [f"  {ids[writer.digest]} --> n" for _, writer in explanation.places if writer]
    for run in runs:
        for name, digest in _sources(graph, run):
            key = sources.setdefault(name, f"f{len(sources)}")
            lines.append(f'  {key}[("{_escaped(name)}<br/>{short(digest)}")] --> {ids[run.digest]}')
        edges = {
            f"  {ids[link.run.digest]} {'-->' if link.state == 'made' else '-. altered .->'} "
            f"{ids[run.digest]}": None
            for link in graph.links(run)
            if link.run is not None
        }
        lines += edges
    return "\n".join(dict.fromkeys(lines)) + "\n"


def _interval(explanation: Explanation) -> str:
    number = explanation.number
    if number.low is None or number.high is None:
        return ""
    return f", from {number.low!r} to {number.high!r}"


def _tree(
    graph: Graph, run: StageRun, inner: str | None, indent: str, shown: set[str]
) -> Iterator[str]:
    line = f"{indent}{_line(graph, run, inner)}"
    if run.digest in shown:
        yield f"{line}  (as above)"
        return
    shown.add(run.digest)
    yield line
    deeper = f"{indent}  "
    for link in graph.links(run):
        if link.run is not None:
            if link.state == "altered":
                yield f"{deeper}ALTERED: {link.inner} was read as {short(link.entry['sha256'])}"
            yield from _tree(graph, link.run, link.inner, deeper, shown)
        else:
            yield f"{deeper}{_source_line(link)}"
    for file in fetched_files(graph, run):
        address = file.get("address") or f"{file.get('repository')}/{file.get('file')}"
        yield f"{deeper}source {address}  {short(file['sha256'])}  {file.get('licence', '')}".rstrip()
    if not run.record["inputs"] and run.record["stage"] != "fetch":
        yield f"{deeper}{model_source(run) or 'made by this stage'}, settings {_settings(run)}"


def _line(graph: Graph, run: StageRun, inner: str | None) -> str:
    record = run.record
    name = inner if inner in run.outputs else next(iter(run.outputs))
    rows = rows_of(graph, name)
    parts = [
        run.name,
        name,
        short(run.outputs[name]["sha256"]),
        "" if rows is None else f"{rows:,} rows",
        f"code {short(record['code']['digest'])}",
        "" if record["seed"] is None else f"seed {record['seed']}",
        record["started"],
        f"{record['seconds']:.1f} s",
    ]
    return "  ".join(filter(None, parts))


def _source_line(link: Link) -> str:
    path = link.inner or link.entry["path"]
    if link.state == "lost":
        return f"NO RECORD of {path}, read as {short(link.entry['sha256'])}"
    return f"own file {path}  {short(link.entry['sha256'])}"


def _settings(run: StageRun) -> str:
    return short(run.record["settings_sha256"])


def _sources(graph: Graph, run: StageRun) -> list[tuple[str, str]]:
    own = [
        (link.inner or link.entry["path"], link.entry["sha256"])
        for link in graph.links(run)
        if link.run is None
    ]
    fetched = [
        (file.get("address") or str(file.get("file")), file["sha256"])
        for file in fetched_files(graph, run)
    ]
    return own + fetched


def _escaped(text: str) -> str:
    return text.replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
