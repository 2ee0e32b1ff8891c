"""The graph of a study as far as some of its files need it: other records may be of any kind."""

from collections.abc import Collection
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.lineage.graph import Graph, read_graph
from calibrant.lineage.record import RECORDS


def read_graph_behind(root: Path, files: Collection[str]) -> Graph:
    """Read the records of a folder, of which those behind some files must be sound.

    A folder may hold records that an older version left, or one that a stage which is running now
    replaces; what is not behind the files is no reason to stop.

    Args:
        root: Folder of the study.
        files: Results, from the study's folder on.

    Returns:
        The graph of all records that can be read.

    Raises:
        CalibrantError: If a record behind the files cannot be read, or there are no records.
    """
    broken: list[CalibrantError] = []
    graph = read_graph(root, broken)
    if not broken:
        return graph
    runs = graph.behind(run for run in map(graph.writer, files) if run is not None)
    needed = {*files, *(link.inner for run in runs for link in graph.links(run))}
    places = {str(root / RECORDS / f"{inner}.json") for inner in needed}
    for error in broken:
        if error.where in places:
            raise error
    return graph
