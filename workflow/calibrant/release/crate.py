"""A release as a Provenance Run Crate 0.5: the workflow, its steps, every run, file and dataset."""

from typing import Any

from calibrant.release.code_files import WORKFLOW
from calibrant.release.crate_files import add_datasets, add_licence, add_study_files
from calibrant.release.crate_runs import add_runs
from calibrant.release.crate_workflow import add_workflow, add_workflow_run
from calibrant.release.entities import METADATA, Crate, local_id
from calibrant.release.plan import Plan

SUMMARY = "release.json"
README = "README.md"
_WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    _WORKFLOW_CRATE: ("Workflow RO-Crate", "1.0"),
}
_NO_LICENCE = "the licence that each part names"


def describe_release(plan: Plan) -> dict[str, Any]:
    """Return the JSON-LD document of a release.

    Source: RO-Crate 1.1; Workflow Run RO-Crate, profiles Process, Workflow and Provenance Run
    Crate 0.5. What is not known, such as who ran the study, is not in it.
    """
    crate = Crate(plan)
    _add_root(crate)
    add_workflow(crate)
    add_datasets(crate)
    add_study_files(crate)
    add_runs(crate)
    add_workflow_run(crate)
    return crate.entities.document()


def _add_root(crate: Crate) -> None:
    about = crate.plan.about
    crate.entities.add(
        METADATA,
        "CreativeWork",
        about={"@id": "./"},
        conformsTo=[{"@id": "https://w3id.org/ro/crate/1.1"}, {"@id": _WORKFLOW_CRATE}],
    )
    crate.entities.add(
        "./",
        "Dataset",
        name=f"Calibrant study {about.study}",
        description=f"Results of the study {about.study}, with the records of every stage that "
        "made them, the code that ran, and the digests of what is too big or not free to publish. "
        "The command `calibrant verify` checks it.",
        datePublished=about.published,
        conformsTo=[{"@id": name} for name in _PROFILES],
        mainEntity={"@id": WORKFLOW},
        license=add_licence(crate.entities, about.licence or _NO_LICENCE),
    )
    for name, (title, version) in _PROFILES.items():
        crate.entities.add(name, "CreativeWork", name=title, version=version)
    summary = crate.entities.add(
        SUMMARY,
        "File",
        name=SUMMARY,
        description="What this release leaves out, with digests and reasons",
        encodingFormat="application/json",
    )
    readme = crate.entities.add(
        README, "File", name=README, about={"@id": "./"}, encodingFormat="text/markdown"
    )
    for file in (readme, summary):
        crate.entities.append("./", "hasPart", file)
    if about.agent is not None:
        crate.agent = crate.entities.add(local_id("agent"), "Person", name=about.agent)
        crate.entities.append("./", "author", crate.agent)
