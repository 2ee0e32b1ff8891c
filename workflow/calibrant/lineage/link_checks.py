"""Checks of links: whether every stage read what the stage before it wrote."""

from pathlib import Path

from calibrant.files import read_json, sha256_file
from calibrant.lineage.findings import Findings
from calibrant.lineage.graph import Graph, Link, StageRun
from calibrant.lineage.hops import short
from calibrant.lineage.record import RECORDS


def check_links(graph: Graph, findings: Findings) -> None:
    """Check every input of every run, and the files that come from outside of the study.

    Args:
        graph: The records.
        findings: Gets the faults, and how many outside files are not here.
    """
    absent: set[str] = set()
    outside: set[tuple[str, str]] = set()
    for run in graph.runs:
        for link in graph.links(run):
            findings.checked["links"] += link.state != "source"
            if link.state != "source":
                _check_link(graph, run, link, findings)
                continue
            found = _source(graph, run, link)
            outside.add((run.prefix, link.entry["path"]))
            if found is None:
                absent.add(link.entry["path"])
            elif sha256_file(found) != link.entry["sha256"]:
                findings.altered(link.entry["path"], f"has other bytes now than {run.name} read")
        if run.record["stage"] == "fetch":
            _check_fetched(graph, run, findings)
    findings.checked["own files"] = len(outside)
    if absent:
        findings.note(f"own files that are not here and were not checked: {len(absent)}")


def _check_link(graph: Graph, run: StageRun, link: Link, findings: Findings) -> None:
    place = str(link.inner)
    read = f"{run.name} read {short(link.entry['sha256'])}"
    if link.state == "lost":
        findings.missing(
            f"{RECORDS}/{place}.json", f"there is no record of {place}, read by {run.name}"
        )
    elif link.state == "altered" and link.run is not None:
        wrote = short(link.run.outputs[place]["sha256"])
        findings.altered(place, f"{link.run.name} wrote {wrote}, {read}")


def _source(graph: Graph, run: StageRun, link: Link) -> Path | None:
    """Return where a file that no stage wrote lies here, or None."""
    if link.inner is not None:
        path = graph.root / link.inner
    elif Path(link.entry["path"]).is_absolute():
        path = Path(link.entry["path"])
    else:
        root = graph.root.absolute()
        # Only in its own project can the file be told from another of the same name.
        if not root.as_posix().endswith(f"/{run.prefix}"):
            return None
        path = Path(root.as_posix().removesuffix(run.prefix)) / link.entry["path"]
    return path if path.is_file() else None


def _check_fetched(graph: Graph, run: StageRun, findings: Findings) -> None:
    """Check that a manifest of fetched files lists what the study asked for."""
    asked = {
        (source.get("file"), source.get("sha256"), source.get("bytes"))
        for source in run.record["settings"].get("sources", [])
    }
    for inner in run.outputs:
        path = graph.root / inner
        if not path.is_file():
            continue
        with findings.altered_if_refused(inner):
            content = read_json(path)
            files = content.get("files", []) if isinstance(content, dict) else []
            listed = {(item.get("file"), item.get("sha256"), item.get("bytes")) for item in files}
            findings.checked["fetched files"] += len(listed)
            if listed != asked:
                findings.altered(inner, f"lists other files than {run.name} was asked to fetch")
