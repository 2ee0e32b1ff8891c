"""The parameters of stages in a crate: what they can be given, and what each run was given."""

from collections.abc import Iterator
from typing import Literal

from calibrant.files import canonical_json, sha256_text
from calibrant.lineage.graph import StageRun
from calibrant.release.entities import Crate, Reference, local_id

_PROFILE = {"@id": "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"}

Kind = Literal["setting", "input", "output"]


def add_settings(crate: Crate, run: StageRun) -> Iterator[Reference]:
    """Add every setting of a run, and its seed; equal values of one stage are one entity."""
    stage = run.record["stage"]
    values = {name: value for name, value in run.record["settings"].items() if value is not None}
    if run.record["seed"] is not None:
        values["--seed"] = run.record["seed"]
    for name, value in sorted(values.items()):
        text = value if isinstance(value, str) and value else canonical_json(value)
        reference = {"@id": local_id("setting", stage, name, sha256_text(text)[:12])}
        if reference["@id"] not in crate.entities:
            parameter = add_parameter(crate, stage, "setting", name, _type(value))
            crate.entities.add(
                reference["@id"], "PropertyValue", name=name, value=text, exampleOfWork=parameter
            )
            crate.entities.append(parameter["@id"], "workExample", reference)
        yield reference


def add_file_of(crate: Crate, run: StageRun, kind: Kind, name: str, file: Reference) -> None:
    """Say of which option of a stage a file is the value."""
    # Of a file that is not there, the profile wants no parameter.
    if not file["@id"].startswith("#"):
        parameter = add_parameter(crate, run.record["stage"], kind, name, "File")
        crate.entities.append(file["@id"], "exampleOfWork", parameter)
        crate.entities.append(parameter["@id"], "workExample", file)


def add_parameter(crate: Crate, stage: str, kind: Kind, name: str, what: str) -> Reference:
    """Add a parameter of a stage, which keeps the type of the first value seen."""
    identifier = local_id("parameter", stage, kind, name)
    if identifier not in crate.entities:
        crate.entities.add(
            identifier, "FormalParameter", name=name, additionalType=what, conformsTo=_PROFILE
        )
        side = "output" if kind == "output" else "input"
        crate.entities.append(crate.tools[stage]["@id"], side, {"@id": identifier})
    return {"@id": identifier}


def _type(value: object) -> str:
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int | float):
        return "Integer" if isinstance(value, int) else "Float"
    return "Text"
