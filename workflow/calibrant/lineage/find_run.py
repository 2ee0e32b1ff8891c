"""The run that wrote a file, found from the file's path."""

import os
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.lineage.graph import Graph, StageRun, read_graph
from calibrant.lineage.record import RECORDS
from calibrant.lineage.study_folders import folder_holding


def find_run(path: Path) -> tuple[Graph, StageRun]:
    """Return the run that wrote a file, with the graph of its study.

    Args:
        path: An output of a stage, or its record. It need not exist any more.

    Raises:
        CalibrantError: If it lies in no study, or no record says who wrote it.
    """
    folder = folder_holding(path)
    if folder is None:
        raise CalibrantError(
            "lies in no study's results",
            where=path,
            repair="Give a file that a stage wrote, such as results/quickstart/data/overlap.json",
        )
    graph = read_graph(folder)
    inner = Path(os.path.relpath(path, folder)).as_posix()
    if inner.startswith(f"{RECORDS}/"):
        inner = inner.removeprefix(f"{RECORDS}/").removesuffix(".json")
    beside = (Path(inner).parent / "manifest.json").as_posix()
    run = graph.writer(inner) or graph.writer(beside)
    if run is None:
        raise CalibrantError("no record says which stage wrote it", where=path)
    return graph, run
