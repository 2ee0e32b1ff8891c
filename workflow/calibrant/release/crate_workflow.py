"""The workflow of a crate: its files, its steps and tools, and its run as a whole."""

from calibrant import __version__
from calibrant.lineage.graph import StageRun
from calibrant.release.code_files import WORKFLOW
from calibrant.release.crate_files import add_licence, encoding_of
from calibrant.release.crate_runs import COMPLETED, with_offset
from calibrant.release.entities import Crate, Reference, local_id, path_id

_LICENCE = "Apache-2.0"
_PROFILE = {"@id": "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"}
_PACKAGE = "workflow/calibrant/"
# The identifiers that WorkflowHub and the profiles use.
_LANGUAGE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
_ENGINE = "https://snakemake.github.io"


def add_workflow(crate: Crate) -> None:
    """Add the workflow with one step and one tool for each stage that ran."""
    runs = crate.plan.graph.runs
    version = next(filter(None, map(_snakemake, runs)), None)
    language = crate.entities.add(
        _LANGUAGE, "ComputerLanguage", name="Snakemake", url={"@id": _ENGINE}, version=version
    )
    crate.entities.add(
        _ENGINE, "SoftwareApplication", name="Snakemake", url=_ENGINE, softwareVersion=version
    )
    licence = add_licence(crate.entities, _LICENCE)
    for stage in dict.fromkeys(run.record["stage"] for run in runs):
        crate.tools[stage] = _add_tool(crate, stage, licence)
    steps = [
        crate.entities.add(local_id("step", stage), "HowToStep", name=stage, workExample=tool)
        for stage, tool in crate.tools.items()
    ]
    crate.entities.add(
        WORKFLOW,
        ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        name="Calibrant",
        description="The workflow and its rules as they stood when the release was made; scripts "
        "and modules are those that ran",
        version=__version__,
        conformsTo=_PROFILE,
        encodingFormat=encoding_of(WORKFLOW),
        programmingLanguage=language,
        license=licence,
        hasPart=list(crate.tools.values()),
        step=steps,
    )
    _add_code(crate, licence)


def _add_tool(crate: Crate, stage: str, licence: Reference) -> Reference:
    path = crate.plan.code.scripts.get(stage)
    if path is None:
        return crate.entities.add(
            local_id("tool", stage),
            "SoftwareApplication",
            name=stage,
            description=f"Stage {stage}. Its script is not in this release: it is not here as it ran",
            license=licence,
        )
    return crate.entities.add(
        path_id(path),
        ["File", "SoftwareSourceCode"],
        name=stage,
        description=f"Script of the stage {stage}",
        version=__version__,
        encodingFormat=encoding_of(path),
        license=licence,
    )


def _add_code(crate: Crate, licence: Reference) -> None:
    """Add every file of code; the modules of the package are described as one folder."""
    entities = crate.entities
    for path in crate.plan.code.files:
        name = _PACKAGE if path.startswith(_PACKAGE) else path_id(path)
        if name not in entities and name == _PACKAGE:
            what = "The modules that ran, as they ran"
            entities.add(name, "Dataset", name="calibrant", description=what, license=licence)
        elif name not in entities:
            what = encoding_of(path)
            entities.add(name, "File", name=path, encodingFormat=what, license=licence)
        entities.append("./", "hasPart", {"@id": name})


def _snakemake(run: StageRun) -> str | None:
    for package in run.record["environment"]["packages"]:
        name, _, version = package.partition("==")
        if name == "snakemake":
            return str(version)
    return None


def add_workflow_run(crate: Crate) -> None:
    """Add the run of the workflow as a whole, and the engine's control of every stage."""
    graph = crate.plan.graph
    first = with_offset(min(run.record["started"] for run in graph.runs))
    last = with_offset(max(run.record["finished"] for run in graph.runs))
    whole = crate.entities.add(
        local_id("run"),
        "CreateAction",
        name=f"The study {crate.plan.about.study}",
        description="From the first stage that ran to the last, over all calls of Snakemake",
        instrument={"@id": WORKFLOW},
        agent=crate.agent,
        object=list(crate.datasets.values()),
        result=[crate.files[inner] for inner in graph.written if not graph.readers(inner)],
        startTime=first,
        endTime=last,
        actionStatus=COMPLETED,
    )
    crate.entities.append("./", "mentions", whole)
    # A stage run by hand was not planned, and no engine was in control of it.
    controls = [_control(crate, run) for run in graph.runs if run.record["planned"] is not None]
    if controls:
        engine = crate.entities.add(
            local_id("engine"),
            "OrganizeAction",
            name="Snakemake runs the study",
            description="Snakemake plans the stages and starts each when its inputs are there",
            instrument={"@id": _ENGINE},
            agent=crate.agent,
            object=controls,
            result=whole,
            startTime=first,
            endTime=last,
            actionStatus=COMPLETED,
        )
        crate.entities.append("./", "mentions", engine)


def _control(crate: Crate, run: StageRun) -> Reference:
    return crate.entities.add(
        local_id("control", run.digest),
        "ControlAction",
        name=f"start of {run.name}",
        instrument={"@id": local_id("step", run.record["stage"])},
        object=crate.actions[run.digest],
    )
