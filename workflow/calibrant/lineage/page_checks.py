"""The page of a report, rendered anew from the same files and compared byte by byte."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from calibrant.errors import CalibrantError
from calibrant.lineage.findings import Findings, refused_content
from calibrant.lineage.graph import Graph, StageRun
from calibrant.lineage.present_code import differing_modules
from calibrant.lineage.present_packages import version_here
from calibrant.lineage.published_numbers import LINEAGE_PAGE, NUMBERS, PAGE, PublishedNumbers

if TYPE_CHECKING:
    from calibrant.reporting.evidence import Evidence
    from calibrant.stage_settings.report import ReportSettings

_LINEAGE = "reporting/lineage_page.py"
_TEXT = ("jinja2", "markupsafe")
_PICTURES = ("matplotlib", "numpy")
_PICTURE = re.compile(r"data:image/svg\+xml;base64,[A-Za-z0-9+/=]*")


def check_rendered(
    root: Path, run: StageRun, evidence: "Evidence", settings: "ReportSettings", findings: Findings
) -> None:
    """Check that a page is what its evidence gives: its words and pictures hold figures, too.

    Args:
        root: Folder of the study.
        run: The run that wrote the page.
        evidence: What it was written from, under the names its record has.
        settings: Its settings.
        findings: Gets a fault if the page is another; a note where the code or the packages that
            wrote it are not here. Other packages draw the same picture in other bytes, so then the
            pictures are not compared.
    """
    page = root / PAGE
    if not page.is_file():
        return
    hindrances = [*differing_modules("reporting/page.py", run.record), *_differing(run, _TEXT)]
    absent = [name for name in _PICTURES if version_here(name) is None]
    if hindrances or absent:
        what = f"{hindrances[0]} is not that of the report" if hindrances else f"no {absent[0]}"
        findings.note(f"the page was not rendered anew: {what}")
        return
    others = _differing(run, _PICTURES)
    if others:
        findings.note(
            f"pictures of the page were not compared: {others[0]} is not that of the report"
        )
    with findings.altered_if_refused(PAGE), refused_content():
        _compare(page.read_bytes().decode("utf-8"), evidence, settings, with_pictures=not others)
        findings.recomputed[run.record["stage"]] += not others


def check_lineage(graph: Graph, findings: Findings) -> None:
    """Check that the page on the origin of numbers is what the records give.

    Args:
        graph: The records.
        findings: Gets a fault if the page is another. Where there are faults already, records or
            numbers are not what they were, and the page has nothing to add.
    """
    run = graph.writer(LINEAGE_PAGE)
    page, numbers = graph.root / LINEAGE_PAGE, graph.root / NUMBERS
    if run is None or not page.is_file() or not numbers.is_file() or findings.faults:
        return
    newer = [other for other in graph.behind([run]) if other.began_after(run)]
    hindrances = [
        *(f"{name} is not that of the report" for name in differing_modules(_LINEAGE, run.record)),
        *(f"{name} is not that of the report" for name in _differing(run, _TEXT)),
        *(f"{other.name} ran after the report" for other in newer),
    ]
    if hindrances:
        findings.note(f"{LINEAGE_PAGE} was not rendered anew: {hindrances[0]}")
        return
    from calibrant.reporting.lineage_page import render_lineage

    with findings.altered_if_refused(LINEAGE_PAGE), refused_content():
        title = run.record["settings"]["title"]
        made = render_lineage(graph, PublishedNumbers(numbers).all(), run.prefix, title)
        _same(page.read_bytes().decode("utf-8"), made, "records give")
        findings.checked["pages of origins rendered anew"] += 1


def _compare(
    found: str, evidence: "Evidence", settings: "ReportSettings", *, with_pictures: bool
) -> None:
    from calibrant.reporting.page import render_page

    made, _ = render_page(evidence, settings)
    if not with_pictures:
        found, made = _PICTURE.sub("", found), _PICTURE.sub("", made)
    _same(found, made, "evidence gives")


def _same(found: str, made: str, given: str) -> None:
    if found != made:
        line = next(
            (at for at, both in enumerate(zip(found.split("\n"), made.split("\n"), strict=False), 1)
             if both[0] != both[1]), min(found.count("\n"), made.count("\n")) + 2,
        )  # fmt: skip
        raise CalibrantError(f"is not the page that its {given}, from line {line} on")


def _differing(run: StageRun, names: Iterable[str]) -> list[str]:
    recorded = run.record["environment"]["packages"]
    return [name for name in names if f"{name}=={version_here(name)}" not in recorded]
