"""The files and datasets of a crate."""

from calibrant.release.contents import StudyFile
from calibrant.release.entities import Crate, Entities, Reference, local_id, path_id
from calibrant.release.licences import address
from calibrant.release.origins import Origin

_FORMATS = {
    "cff": "application/yaml",
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "md": "text/markdown",
    "lock": "text/plain",
    "parquet": "application/vnd.apache.parquet",
    "py": "text/x-python",
    "smk": "text/plain",
    "txt": "text/plain",
}
_BYTES = "application/octet-stream"


def encoding_of(path: str) -> str:
    """Return the media type of a file, by its ending."""
    name = path.rsplit("/", 1)[-1]
    # Snakefile and LICENSE have no ending.
    return _FORMATS.get(name.rsplit(".", 1)[-1], _BYTES) if "." in name else "text/plain"


def add_licence(entities: Entities, licence: str) -> Reference:
    """Add a licence as it is stated, with the address of its text where that is known."""
    name = licence or "no licence stated"
    identifier = address(licence) or local_id("licence", name)
    # One licence may be spelled in two ways, and an entity has one name.
    if identifier in entities:
        return {"@id": identifier}
    return entities.add(identifier, "CreativeWork", name=name, description=f"Licence: {name}")


def add_datasets(crate: Crate) -> None:
    """Add every dataset with its licence, its origin and its source files."""
    for origin in crate.plan.origins.values():
        sources = [_add_source(crate.entities, item) for item in origin.files]
        is_address = origin.origin.startswith(("http://", "https://"))
        # Not a Dataset, which to a crate is a folder in it or one to be downloaded.
        crate.datasets[origin.name] = crate.entities.add(
            local_id("dataset", origin.name),
            "CreativeWork",
            name=origin.title,
            description=_description(origin, is_address),
            license=add_licence(crate.entities, origin.licence),
            url=origin.origin if is_address else None,
            hasPart=sources,
        )
        crate.entities.append("./", "mentions", crate.datasets[origin.name])


def _add_source(entities: Entities, item: dict[str, str]) -> Reference:
    # Two datasets may be read from one file.
    if item["address"] not in entities:
        entities.add(
            item["address"],
            "File",
            name=item["file"],
            sha256=item["sha256"],
            contentSize=item["bytes"],
            encodingFormat=encoding_of(item["file"]),
            license=add_licence(entities, item["licence"]),
        )
        entities.append("./", "hasPart", {"@id": item["address"]})
    return {"@id": item["address"]}


def _description(origin: Origin, is_address: bool) -> str:
    text = f"Dataset {origin.name}"
    if origin.origin and not is_address:
        text += f", {origin.origin}"
    if origin.refusal:
        text += f". Its rows are not in this release: {origin.refusal}"
    return text


def add_study_files(crate: Crate) -> None:
    """Add every file of the study, whether the release holds it or not."""
    for file in crate.plan.files:
        crate.files[file.path] = _add_file(crate, file)


def _add_file(crate: Crate, file: StudyFile) -> Reference:
    run = crate.plan.graph.writer(file.manifest or file.path)
    wrote = f"Written by {run.name}" if run else ""
    licences = dict.fromkeys(crate.plan.origins[name].licence for name in file.datasets)
    properties = {
        "name": file.path,
        "sha256": file.sha256,
        "contentSize": str(file.bytes),
        "encodingFormat": encoding_of(file.path),
        "isBasedOn": [crate.datasets[name] for name in file.datasets],
        "license": [add_licence(crate.entities, licence) for licence in licences],
        "isPartOf": {"@id": path_id(file.manifest)} if file.manifest else None,
    }
    if file.left_out is None:
        made = crate.entities.add(path_id(file.path), "File", description=wrote, **properties)
        crate.entities.append("./", "hasPart", made)
        return made
    # A File must be in the crate or on the web; this one is known by its digest alone.
    made = crate.entities.add(
        local_id("left-out", file.path),
        "CreativeWork",
        description=f"{wrote}. Not in this release ({file.left_out})",
        **properties,
    )
    crate.entities.append("./", "mentions", made)
    return made
