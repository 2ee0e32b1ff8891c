"""A model of the hub becomes an ordinary folder, from a server or the cache; faults are one line.

The library reads its environment once, so every fetch is a process of its own.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest
from tests.integration.small_hub import REVISION, TOKEN, Files, HubServer, write_cache

WORKFLOW = Path(__file__).parents[2] / "workflow"
PROGRAM = """
import sys
from pathlib import Path
from calibrant.engines.hub import fetch_model
from calibrant.errors import report_errors
names, revision, folder = sys.argv[1:]
codes = [
    report_errors(lambda: fetch_model(name, revision, Path(folder), print))
    for name in names.split(",")
]
sys.exit(max(codes))
"""


@pytest.fixture
def hub() -> Iterator[HubServer]:
    """Return a running server without repositories."""
    with HubServer() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def files(tiny_model: Path) -> Files:
    """Return the files of a repository: the model, and what must not be taken."""
    model = {file.name: file.read_bytes() for file in tiny_model.iterdir()}
    return model | {
        "README.md": b"words",
        "pytorch_model.bin": b"pickle",
        "modeling_own.py": b"raise SystemExit",
        "consolidated.safetensors": model["model.safetensors"],
        "original/params.json": b"{}",
    }


class Fetched(NamedTuple):
    """How a fetch ended."""

    code: int
    said: str
    error: str
    folder: Path


@pytest.fixture
def fetch(tmp_path: Path) -> Callable[..., Fetched]:
    """Return a function that fetches ``owner/tiny`` in a process of its own."""

    def run(
        name: str = "owner/tiny", revision: str = REVISION, to: str = "made/model",
        largest_file: int | None = None, **environment: str,
    ) -> Fetched:  # fmt: skip
        own = ("HF_", "TRANSFORMERS_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(own)}
        fixed = {"HF_HOME": str(tmp_path / "home"), "PYTHONPATH": str(WORKFLOW), "NO_PROXY": "*"}

        def limit() -> None:
            if largest_file is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, name, revision, str(tmp_path / to)],
            env={**kept, **fixed, **environment}, preexec_fn=limit,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return Fetched(done.returncode, done.stdout, done.stderr, tmp_path / to)

    return run


def check_refused(fetched: Fetched, said: str) -> None:
    assert fetched.code == 2, fetched.error
    assert "Traceback" not in fetched.error
    lines = [line for line in fetched.error.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert said in lines[0]
    assert not fetched.folder.exists()
    assert not fetched.folder.parent.exists() or not any(fetched.folder.parent.iterdir())


def check_weights(folder: Path, tiny_model: Path) -> None:
    from transformers import AutoModelForCausalLM

    found = AutoModelForCausalLM.from_pretrained(folder).state_dict()
    expected = AutoModelForCausalLM.from_pretrained(tiny_model).state_dict()
    assert found.keys() == expected.keys()
    assert all(found[name].equal(expected[name]) for name in expected)


def check_model(fetched: Fetched, tiny_model: Path) -> None:
    from transformers import AutoTokenizer

    assert fetched.code == 0, fetched.error
    found = sorted(fetched.folder.iterdir())
    assert {file.name for file in found} == {file.name for file in tiny_model.iterdir()}
    assert all(file.is_file() and not file.is_symlink() for file in found)
    assert [file.name for file in fetched.folder.parent.iterdir()] == [fetched.folder.name]
    check_weights(fetched.folder, tiny_model)
    assert AutoTokenizer.from_pretrained(fetched.folder).chat_template


def test_a_model_in_the_cache_fills_an_empty_folder_without_a_network(
    fetch, files, tiny_model, tmp_path
):
    write_cache(tmp_path / "home", files)
    (tmp_path / "made" / "model").mkdir(parents=True)
    fetched = fetch(HF_HUB_OFFLINE="1")
    check_model(fetched, tiny_model)
    assert "fetched 0 bytes from the hub" in fetched.said


def test_only_what_transformers_reads_is_downloaded_and_only_once(fetch, hub, files, tiny_model):
    hub.repositories["owner/tiny"] = files
    first = fetch(HF_ENDPOINT=hub.address)
    check_model(first, tiny_model)
    size = sum(file.stat().st_size for file in tiny_model.iterdir())
    assert f"fetched {size:,} bytes from the hub; the model has {size:,} bytes" in first.said
    given = {path.rpartition("/")[2] for path in hub.asked if path.startswith("GET /owner")}
    assert given == {file.name for file in tiny_model.iterdir()}
    hub.asked.clear()
    again = fetch(to="again/model", HF_ENDPOINT=hub.address)
    assert "fetched 0 bytes from the hub" in again.said
    assert {file.name for file in again.folder.iterdir()} == given
    assert hub.asked == []


def sharded(tiny_model: Path, folder: Path) -> Files:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    model.save_pretrained(folder, max_shard_size="20KB")
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert len([name for name in files if name.endswith(".safetensors")]) > 1
    return files


def test_shards_are_those_of_the_index(fetch, hub, tiny_model, tmp_path):
    files = sharded(tiny_model, tmp_path / "shards")
    hub.repositories["owner/tiny"] = files | {"consolidated.safetensors": b"a second copy"}
    fetched = fetch(HF_ENDPOINT=hub.address)
    assert {file.name for file in fetched.folder.iterdir()} == set(files), fetched.error
    check_weights(fetched.folder, tiny_model)


def test_a_gated_model_is_opened_by_the_token_of_a_reader(fetch, hub, files):
    hub.repositories["owner/tiny"] = files
    hub.gated.add("owner/tiny")
    check_refused(fetch(HF_ENDPOINT=hub.address), f"owner/tiny@{REVISION}: is gated")
    check_refused(fetch(HF_ENDPOINT=hub.address, HF_TOKEN="hf_of_another"), "then set HF_TOKEN")
    assert fetch(HF_ENDPOINT=hub.address, HF_TOKEN=TOKEN).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"name": "owner/other"}, "there is no such repository, or it is private"),
        ({"revision": "f" * 40}, "the repository has no such revision. Check model.revision"),
        ({"name": "owner/a b"}, "is not the name of a repository. Write model.repository as"),
    ],
)
def test_what_does_not_exist_is_named(fetch, hub, files, arguments, said):
    hub.repositories["owner/tiny"] = files
    check_refused(fetch(HF_ENDPOINT=hub.address, **arguments), said)


def without(*names: str) -> Callable[[Files], Files]:
    return lambda files: {name: body for name, body in files.items() if name not in names}


def with_json(name: str, value: Any) -> Callable[[Files], Files]:
    return lambda files: files | {name: json.dumps(value).encode()}


UNUSABLE = [
    (without("model.safetensors"), "that revision has no safetensors that transformers reads"),
    (without("config.json"), "that revision has no config.json"),
    (with_json("config.json", {"model_type": "t5"}), "no causal language model of the type 't5'"),
    (
        with_json("config.json", {"model_type": "own", "auto_map": {"AutoConfig": "own.C"}}),
        "the Python code of a repository is never run",
    ),
    (
        with_json("model.safetensors.index.json", {"weight_map": {"a": "../../x.safetensors"}}),
        "names '../../x.safetensors' as weights",
    ),
    (
        with_json("model.safetensors.index.json", {"weight_map": {"a": "model.bin"}}),
        "names 'model.bin' as weights",
    ),
    (with_json("model.safetensors.index.json", []), "names no weights"),
    (
        with_json("model.safetensors.index.json", {"weight_map": {"a": "b.safetensors"}}),
        "that revision has no b.safetensors",
    ),
]


def test_repositories_that_hold_no_usable_model_are_refused(fetch, hub, files):
    names = [f"owner/model-{index}" for index in range(len(UNUSABLE))]
    hub.repositories.update(
        {name: change(files) for name, (change, _) in zip(names, UNUSABLE, strict=True)}
    )
    fetched = fetch(",".join(names), HF_ENDPOINT=hub.address)
    errors = [line for line in fetched.error.splitlines() if line.startswith("error: ")]
    for name, error, (_, said) in zip(names, errors, UNUSABLE, strict=True):
        assert error.startswith(f"error: {name}@{REVISION}: ")
        assert said in error
    assert not fetched.folder.parent.exists()
    # Weights are not downloaded to find out that they are of no use.
    assert not any(path.endswith("safetensors") for path in hub.asked)


def test_without_a_network_the_address_and_a_way_out_are_named(fetch, hub):
    address = "http://127.0.0.1:9"
    fetched = fetch(HF_ENDPOINT=address)
    check_refused(fetched, f"the download from {address} failed")
    assert "set HF_HUB_OFFLINE=1" in fetched.error


def test_offline_and_not_in_the_cache(fetch):
    check_refused(
        fetch(HF_HUB_OFFLINE="1"), "the cache does not hold all of it, and HF_HUB_OFFLINE"
    )


def test_offline_and_only_a_part_in_the_cache(fetch, tiny_model, tmp_path):
    files = sharded(tiny_model, tmp_path / "shards")
    lost = max(name for name in files if name.endswith(".safetensors"))
    write_cache(tmp_path / "home", without(lost)(files))
    check_refused(fetch(HF_HUB_OFFLINE="1"), f"the cache holds only a part of it: {lost}")


def test_a_file_shorter_than_announced_leaves_nothing_and_is_fetched_anew(
    fetch, hub, files, tiny_model
):
    hub.repositories["owner/tiny"] = files
    hub.overstated.add("model.safetensors")
    check_refused(fetch(HF_ENDPOINT=hub.address), "failed: Consistency check failed")
    # Offline, the listing of the first attempt tells that the weights are absent.
    check_refused(fetch(HF_HUB_OFFLINE="1"), "the cache does not hold all of it")
    hub.overstated.clear()
    check_model(fetch(HF_ENDPOINT=hub.address), tiny_model)


def test_a_refusal_of_the_server_is_told(fetch, hub, files):
    hub.repositories["owner/tiny"] = files
    hub.disabled.add("owner/tiny")
    fetched = fetch(HF_ENDPOINT=hub.address)
    check_refused(fetched, f"{hub.address} refused: 403 ")
    assert "Check HF_TOKEN" in fetched.error


def test_no_space_in_the_cache(fetch, hub, files):
    hub.repositories["owner/tiny"] = files
    limit = len(files["model.safetensors"]) - 1
    fetched = fetch(HF_ENDPOINT=hub.address, largest_file=limit)
    check_refused(fetched, "there is no space left in the cache")
    assert "set HF_HUB_CACHE to a folder on another disk" in fetched.error


def test_no_space_for_the_model(fetch, files, tmp_path):
    write_cache(tmp_path / "home", files)
    limit = len(files["model.safetensors"]) - 1
    fetched = fetch(HF_HUB_OFFLINE="1", largest_file=limit)
    check_refused(fetched, f"{fetched.folder}: there is no space left for the model")


def test_a_folder_with_something_in_it_is_left_alone(fetch, files, tmp_path):
    write_cache(tmp_path / "home", files)
    folder = tmp_path / "made" / "model"
    folder.mkdir(parents=True)
    (folder / "mine").write_text("kept")
    fetched = fetch(HF_HUB_OFFLINE="1")
    assert fetched.code == 2
    assert "is not empty" in fetched.error
    assert [file.name for file in folder.iterdir()] == ["mine"]
    shutil.rmtree(folder)
    folder.write_text("a file")
    assert "is not empty" in fetch(HF_HUB_OFFLINE="1").error
