"""Checks of links: whether every stage read what the stage before it wrote."""

from pathlib import Path
from typing import Any

from calibrant.files import read_json, sha256_file
from calibrant.lineage.findings import Findings, listed, refused_content
from calibrant.lineage.graph import Graph, Link, StageRun
from calibrant.lineage.hops import short
from calibrant.lineage.published_numbers import NUMBERS
from calibrant.lineage.record import RECORDS


def check_links(graph: Graph, findings: Findings) -> None:
    """Check every input of every run, and the files that come from outside of the study.

    Runs that nothing published comes from may be left over from an earlier study in this folder,
    whose inputs have been made anew since: of those a broken link is only noted.

    Args:
        graph: The records.
        findings: Gets the faults, and how many outside files are not here.
    """
    absent: set[str] = set()
    left_over: set[str] = set()
    current = behind_what_is_published(graph)
    for run in graph.runs:
        found = Findings()
        for link in graph.links(run):
            if link.state == "source":
                _check_source(graph, run, link, absent, found)
            else:
                findings.checked["links"] += 1
                _check_link(run, link, found)
        if current is None or id(run) in current:
            findings.take(found.faults)
        elif found.faults:
            left_over.update(run.outputs)
        if run.record["stage"] == "fetch":
            _check_fetched(graph, run, findings)
    findings.checked["own files"] = len(_outside(graph))
    if absent:
        findings.note(f"own files that are not here and were not checked: {len(absent)}")
    if left_over:
        findings.note(f"left over from an earlier study: {listed(left_over)}")


def behind_what_is_published(graph: Graph) -> set[int] | None:
    """Return the ids of the runs behind the report and the model cards, None without a report."""
    if graph.writer(NUMBERS) is None:
        return None
    # By folder, for anybody can write another stage into a record.
    ends = [run for run in graph.runs if _writes_to("report", run)]
    subjects = {run.record["subject"] for run in graph.behind(ends)}
    # Nothing reads a card; it is published where its training is.
    ends += [
        run for run in graph.runs if _writes_to("cards", run) and run.record["subject"] in subjects
    ]
    return {id(run) for run in graph.behind(ends)}


def _outside(graph: Graph) -> set[tuple[str, str]]:
    return {
        (run.prefix, link.entry["path"])
        for run in graph.runs
        for link in graph.links(run)
        if link.state == "source"
    }


def _writes_to(folder: str, run: StageRun) -> bool:
    return any(inner.startswith(f"{folder}/") for inner in run.outputs)


def _check_link(run: StageRun, link: Link, findings: Findings) -> None:
    place = str(link.inner)
    read = f"{run.name} read {short(link.entry['sha256'])}"
    if link.state == "lost":
        findings.missing(
            f"{RECORDS}/{place}.json", f"there is no record of {place}, read by {run.name}"
        )
    elif link.state == "altered" and link.run is not None:
        wrote = f"{link.run.name} wrote {short(link.run.outputs[place]['sha256'])}"
        if link.run.began_after(run):
            findings.missing(place, f"{wrote} after {read}, which is out of date: run again")
        else:
            findings.altered(place, f"{wrote}, {read}")


def _check_source(
    graph: Graph, run: StageRun, link: Link, absent: set[str], findings: Findings
) -> None:
    path = _source(graph, run, link)
    if path is None:
        absent.add(link.entry["path"])
    elif sha256_file(path) != link.entry["sha256"]:
        findings.altered(link.entry["path"], f"has other bytes now than {run.name} read")


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
    for inner in run.outputs:
        path = graph.root / inner
        if not path.is_file():
            continue
        with findings.altered_if_refused(inner), refused_content():
            asked = _sources(run.record["settings"].get("sources", []))
            listed_here = _sources(read_json(path)["files"])
            findings.checked["fetched files"] += len(listed_here)
            if listed_here != asked:
                findings.altered(inner, f"lists other files than {run.name} was asked to fetch")


def _sources(entries: Any) -> set[tuple[Any, Any, Any]]:
    return {(entry.get("file"), entry.get("sha256"), entry.get("bytes")) for entry in entries}
