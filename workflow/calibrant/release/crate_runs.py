"""The stage runs of a crate: one action for each, with what it read, was given and wrote."""

from calibrant.lineage.graph import StageRun
from calibrant.lineage.record import RECORDS, InputEntry
from calibrant.release.crate_files import add_licence
from calibrant.release.crate_settings import add_file_of, add_settings
from calibrant.release.entities import Crate, Reference, local_id, path_id
from calibrant.release.origins import dataset_of

COMPLETED = "http://schema.org/CompletedActionStatus"


def add_runs(crate: Crate) -> None:
    """Add an action for every run of a stage."""
    for run in crate.plan.graph.runs:
        record = run.record
        read = _inputs(crate, run)
        crate.actions[run.digest] = crate.entities.add(
            local_id("run", run.digest),
            "CreateAction",
            name=run.name,
            description=_description(run),
            instrument=crate.tools[record["stage"]],
            agent=crate.agent,
            object=[*read, *add_settings(crate, run)],
            result=_outputs(crate, run),
            startTime=with_offset(record["started"]),
            endTime=with_offset(record["finished"]),
            actionStatus=COMPLETED,
            subjectOf=[_add_record(crate, run, place) for place in run.places],
        )
        crate.entities.append("./", "mentions", crate.actions[run.digest])


def with_offset(moment: str) -> str:
    """Return a record's time with its offset in digits, the one form that validators accept."""
    return moment.replace("Z", "+00:00")


def _description(run: StageRun) -> str:
    record = run.record
    words = [f"{record['seconds']:g} s on {record['device']}, {record['cpus']} processors"]
    words.append(f"Python {record['environment']['python']}")
    if record["lock"]:
        words.append(f"environment {record['lock']['name']}.lock {record['lock']['sha256']}")
    words.append(f"code {record['code']['digest']}")
    git = record["git"]
    if git and git.get("commit"):
        words.append(f"commit {git['commit']}" + (" with changes" if git.get("dirty") else ""))
    return "; ".join(words)


def _add_record(crate: Crate, run: StageRun, place: str) -> Reference:
    path = f"{RECORDS}/{place}.json"
    held = crate.entities.add(
        path_id(path),
        "File",
        name=path,
        description=f"Record of {run.name}",
        sha256=run.digest,
        encodingFormat="application/json",
    )
    crate.entities.append("./", "hasPart", held)
    return held


def _inputs(crate: Crate, run: StageRun) -> list[Reference]:
    read: dict[str, Reference] = {}
    for link in crate.plan.graph.links(run):
        made = crate.files.get(link.inner) if link.inner else None
        file = made or _add_outside(crate, link.entry)
        add_file_of(crate, run, "input", link.entry["name"], file)
        read[file["@id"]] = file
    name = dataset_of(run)
    # What a stage fetches is among its settings, not among its inputs.
    if name is not None and run.record["stage"] == "fetch":
        sources = crate.plan.origins[name].files
        read |= {item["address"]: {"@id": item["address"]} for item in sources}
    return list(read.values())


def _outputs(crate: Crate, run: StageRun) -> list[Reference]:
    for inner, entry in run.outputs.items():
        add_file_of(crate, run, "output", entry["name"], crate.files[inner])
    return [crate.files[inner] for inner in run.outputs]


def _add_outside(crate: Crate, entry: InputEntry) -> Reference:
    """Add a file that no stage wrote, which is never in a release."""
    made = crate.entities.add(
        local_id("outside", entry["sha256"], entry["path"]),
        "CreativeWork",
        name=entry["path"],
        description="A file that no stage wrote. Not in this release",
        sha256=entry["sha256"],
        contentSize=str(entry["bytes"]),
        license=add_licence(crate.entities, ""),
    )
    crate.entities.append("./", "mentions", made)
    return made
