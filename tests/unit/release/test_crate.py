"""The crate of a release says what the records say, refers to what is there, and is valid."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from tests.unit.lineage.small_study import ROOT
from tests.unit.release.conftest import release

from calibrant.files import read_json, sha256_file, write_json
from calibrant.lineage.graph import read_graph

PYTHON = os.environ.get("CALIBRANT_ROCRATE_PYTHON", "")
# It includes the profiles it extends: Workflow and Process Run Crate, Workflow RO-Crate, RO-Crate.
PROFILE = "provenance-run-crate"
METADATA = "ro-crate-metadata.json"
VALIDATE = Path(__file__).with_name("validate_crate.py")
validator = pytest.mark.skipif(
    not PYTHON,
    reason="CALIBRANT_ROCRATE_PYTHON names no interpreter with roc-validator and rocrate",
)


def entities(out: Path) -> dict[str, dict[str, Any]]:
    listed = read_json(out / METADATA)["@graph"]
    found = {item["@id"]: item for item in listed}
    assert len(found) == len(listed)
    return found


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def references(value: Any) -> list[str]:
    if isinstance(value, dict) and value.keys() == {"@id"}:
        return [value["@id"]]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [name for item in inner for name in references(item)]


@pytest.fixture(scope="session", params=["everything", "nothing big"])
def out(finished: Path, tmp_path_factory: pytest.TempPathFactory, request: Any) -> Path:
    """Return a release of the small study, which no test changes."""
    folder = tmp_path_factory.mktemp("crate") / "released"
    limit = ["--most-mb", "0"] if request.param == "nothing big" else []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(finished)
        release("--agent", "Ann", "--out", str(folder), *limit)
    return folder


def test_every_reference_leads_to_an_entity_or_the_web(out: Path) -> None:
    found = entities(out)
    names = {name for item in found.values() for name in references(list(item.values()))}
    lost = {name for name in names - found.keys() if not name.startswith(("http://", "https://"))}
    assert lost == set()


def test_every_file_of_the_crate_is_there_with_its_digest(out: Path) -> None:
    files = [item for item in entities(out).values() if "File" in many(item["@type"])]
    here = [item for item in files if not item["@id"].startswith("https://")]
    assert len(here) > 30
    for item in here:
        path = out / unquote(item["@id"])
        assert path.is_file()
        if "sha256" in item:
            assert sha256_file(path) == item["sha256"]
    root = references(entities(out)["./"]["hasPart"])
    assert {item["@id"] for item in files} <= set(root)


def test_every_run_is_one_action_with_what_its_record_says(out: Path, finished: Path) -> None:
    found = entities(out)
    for run in read_graph(finished / ROOT).runs:
        record = run.record
        action = found[f"#run/{run.digest}"]
        assert action["@type"] == "CreateAction"
        assert action["startTime"] == record["started"].replace("Z", "+00:00")
        assert action["endTime"] == record["finished"].replace("Z", "+00:00")
        assert references(action["agent"]) == ["#agent"]
        tool = found[references(action["instrument"])[0]]
        assert tool["@id"] == f"workflow/scripts/{record['stage']}.py"
        read = [found[name] for name in references(action["object"])]
        digests = {item["sha256"] for item in read if "sha256" in item}
        asked = {item["sha256"] for item in record["settings"].get("sources", [])}
        assert digests == {entry["sha256"] for entry in record["inputs"]} | asked
        wrote = [found[name] for name in references(action["result"])]
        assert sorted(item["sha256"] for item in wrote) == sorted(
            entry["sha256"] for entry in record["outputs"]
        )
        values = {item["name"]: item["value"] for item in read if item["@type"] == "PropertyValue"}
        given = {name: value for name, value in record["settings"].items() if value is not None}
        if record["seed"] is not None:
            given["--seed"] = record["seed"]
        assert values.keys() == given.keys()
        for name, value in given.items():
            assert values[name] == value or json.loads(values[name]) == value


def test_datasets_have_licence_and_address(out: Path) -> None:
    found = entities(out)
    tales = found["#dataset/tales"]
    assert found[references(tales["license"])[0]]["name"] == "CC0-1.0"
    source = found[references(tales["hasPart"])[0]]
    assert source["@id"].startswith("https://raw.githubusercontent.com/made/up/")
    assert source["name"] == "tales.json"
    prediction = (
        found.get("predictions/tiny/seed17/tales.parquet")
        or (found["#left-out/predictions/tiny/seed17/tales.parquet"])
    )
    assert references(prediction["isBasedOn"]) == ["#dataset/tales"]
    assert prediction["license"] == tales["license"]


def test_nobody_is_named_who_was_not_given(study: Path) -> None:
    found = entities(release())
    assert [item for item in found.values() if item["@type"] in ("Person", "Organization")] == []


def validate(folder: Path) -> list[tuple[str, str, str]]:
    done = subprocess.run(
        [PYTHON, str(VALIDATE), str(folder), PROFILE],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    return [(profile, severity, text) for profile, severity, text in json.loads(done.stdout)]


@validator
def test_the_standard_validator_finds_no_requirement_broken(out: Path) -> None:
    assert [issue for issue in validate(out) if issue[1] == "REQUIRED"] == []


@validator
@pytest.mark.parametrize(
    ("kind", "key"),
    [("CreateAction", "instrument"), ("ControlAction", "object"), ("HowToStep", "workExample")],
)
def test_the_validator_finds_a_crate_that_lacks_something(
    out: Path, tmp_path: Path, kind: str, key: str
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(out, broken)
    document = read_json(broken / METADATA)
    for item in document["@graph"]:
        if item["@type"] == kind:
            del item[key]
    write_json(broken / METADATA, document)
    assert [issue for issue in validate(broken) if issue[1] == "REQUIRED"] != []


@validator
def test_the_standard_library_reads_the_crate(out: Path) -> None:
    code = (
        "import json, sys; from rocrate.rocrate import ROCrate; crate = ROCrate(sys.argv[1]);"
        "print(json.dumps([crate.mainEntity.id, crate.name, len(crate.get_entities())]))"
    )
    done = subprocess.run(
        [PYTHON, "-c", code, str(out)], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == [
        "workflow/Snakefile", "Calibrant study small", len(entities(out)),
    ]  # fmt: skip
