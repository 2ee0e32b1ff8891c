"""Verification of a study's folder: whether every file, link and number is what its evidence says.

It needs the folder alone: no network, no Snakemake, no torch and no MLflow.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.lineage.file_checks import check_files
from calibrant.lineage.findings import Findings
from calibrant.lineage.graph import Graph, read_graph
from calibrant.lineage.link_checks import check_links
from calibrant.lineage.number_checks import check_numbers
from calibrant.lineage.page_checks import check_lineage
from calibrant.lineage.recollect import check_collected
from calibrant.lineage.record_checks import check_records
from calibrant.lineage.stage_checks import check_stages
from calibrant.lineage.study_folders import check_folder

Say = Callable[[str], None]


def verify_folder(folder: Path, say: Say, *, quick: bool = False) -> Findings:
    """Check a folder.

    A forger who changes a file must change the record that describes it, then every record behind
    it, then every figure computed from it: each check here is one of these steps. What the stages
    of ``stage_layouts`` write without a model from other files of the folder is made anew, numbers
    and pages too; of what other stages wrote there are digests alone, so a forger who rewrites such
    a file and all that came of it is not found. ``prepare`` is one of these, also where it generates
    its questions. Nor can be checked what is recorded only once (host, times, packages) and what
    nothing was made from.

    Where the code, the packages or the interpreter are not those that ran, another result is a note
    and no fault, and so is a grade for which one of both graders ran out of time.

    Args:
        folder: Folder of a study's results, at its own place or copied elsewhere.
        say: Prints progress.
        quick: Check digests, links and numbers; compute no stage again, nor render the page.

    Raises:
        CalibrantError: If the folder holds no record that can be read at all.
    """
    findings = Findings()
    broken: list[CalibrantError] = []
    graph = read_graph(check_folder(folder), broken)
    check_records(graph, broken, findings)
    check_files(graph, findings, say)
    check_links(graph, findings)
    check_numbers(graph, findings)
    check_collected(graph, findings, quick=quick)
    if not quick:
        check_stages(graph, findings, say)
        # Last, for it says nothing new where something else is at fault.
        check_lineage(graph, findings)
    findings.by_digest_alone = _by_digest_alone(graph, findings)
    return findings


def _by_digest_alone(graph: Graph, findings: Findings) -> list[str]:
    runs = Counter(run.record["stage"] for run in graph.runs)
    alone = sorted((runs - findings.recomputed).items())
    return [
        f"{stage} ({'; '.join(filter(None, (str(count), findings.in_part.get(stage))))})"
        for stage, count in alone
    ]
