"""A model from any source becomes an ordinary checkpoint with a manifest; faults are one line."""

import hashlib
import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from calibrant.engines.checkpoint import check_manifest, make_checkpoint, weights_sha256
from calibrant.errors import CalibrantError
from calibrant.files import write_json
from calibrant.model_settings import HubModel, LocalModel, MadeModel, PackagedModel


def quiet(_: str) -> None:
    pass


def test_a_local_folder_is_copied_and_loads(tiny_model, tmp_path):
    manifest = make_checkpoint(
        LocalModel(kind="local", path=str(tiny_model)), tmp_path / "m", 5, quiet
    )
    assert manifest["weights_sha256"] == weights_sha256(tiny_model)
    assert {entry["path"] for entry in manifest["files"]} >= {"model.safetensors", "config.json"}
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "m").num_parameters() > 0
    assert AutoTokenizer.from_pretrained(tmp_path / "m").chat_template


def test_pinned_weights_that_differ_are_refused(tiny_model, tmp_path):
    model = LocalModel(kind="local", path=str(tiny_model), weights_sha256="0" * 64)
    with pytest.raises(CalibrantError, match="the study pins 0000"):
        make_checkpoint(model, tmp_path / "m", 5, quiet)


def test_the_digest_of_weights_ignores_metadata_and_sees_one_value(tiny_model, tmp_path):
    from safetensors.torch import load_file, save_file

    tensors = load_file(tiny_model / "model.safetensors")
    save_file(dict(reversed(tensors.items())), tmp_path / "a.safetensors", {"written": "later"})
    assert weights_sha256(tmp_path) == weights_sha256(tiny_model)
    next(iter(tensors.values())).view(-1)[0] += 1e-3
    save_file(tensors, tmp_path / "a.safetensors")
    assert weights_sha256(tmp_path) != weights_sha256(tiny_model)


def test_the_digest_of_float32_weights_is_over_their_bytes_as_numpy_has_them(tmp_path):
    from safetensors.numpy import save_file

    tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array(7, dtype=np.int64)}
    save_file(tensors, tmp_path / "a.safetensors")
    lines = [
        f"{name} {value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
        for name, value in tensors.items()
    ]
    assert weights_sha256(tmp_path) == hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_weights_in_bfloat16_have_a_digest_too(tiny_model, tmp_path):
    import torch

    source = tmp_path / "half"
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.bfloat16)
    model.save_pretrained(source)
    AutoTokenizer.from_pretrained(tiny_model).save_pretrained(source)
    local = LocalModel(kind="local", path=str(source))
    manifest = make_checkpoint(local, tmp_path / "m", 5, quiet)
    assert manifest["weights_sha256"] != weights_sha256(tiny_model)
    pinned = local.model_copy(update={"weights_sha256": manifest["weights_sha256"]})
    assert make_checkpoint(pinned, tmp_path / "n", 5, quiet) == manifest


def test_a_made_model_depends_on_its_seed_and_on_nothing_else(tmp_path):
    model = MadeModel(kind="made", layers=1, width=16, heads=2, feed_forward=16)
    first, again, other = (
        make_checkpoint(model, tmp_path / name, seed, quiet)
        for name, seed in (("a", 5), ("b", 5), ("c", 6))
    )
    assert first == again
    assert first["weights_sha256"] != other["weights_sha256"]
    write_json(tmp_path / "manifest.json", first)
    check_manifest(tmp_path / "manifest.json", tmp_path / "a")
    made = AutoModelForCausalLM.from_pretrained(tmp_path / "a")
    assert (made.config.num_hidden_layers, made.config.hidden_size) == (1, 16)


def test_a_model_of_the_hub_is_pinned_by_its_weights(tiny_model, tmp_path, monkeypatch):
    revision = "0123456789abcdef0123456789abcdef01234567"
    snapshot = tmp_path / "cache/models--someone--tiny/snapshots" / revision
    shutil.copytree(tiny_model, snapshot)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    model = HubModel(kind="hub", repository="someone/tiny", revision=revision)
    manifest = make_checkpoint(model, tmp_path / "m", 5, quiet)
    assert manifest["weights_sha256"] == weights_sha256(tiny_model)
    wrong = model.model_copy(update={"weights_sha256": "0" * 64})
    with pytest.raises(CalibrantError, match=f"someone/tiny@{revision}: .*the study pins 0000"):
        make_checkpoint(wrong, tmp_path / "n", 5, quiet)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.write_bytes(file.read_bytes()[:-1] + b"x"), "is not the file"),
        (lambda file: file.unlink(), "is not the file"),
    ],
)
def test_a_changed_checkpoint_is_noticed(tiny_model, tmp_path, change, said):
    folder = tmp_path / "m"
    write_json(tmp_path / "manifest.json", make_checkpoint(
        LocalModel(kind="local", path=str(tiny_model)), folder, 5, quiet))  # fmt: skip
    check_manifest(tmp_path / "manifest.json", folder)
    change(folder / "model.safetensors")
    with pytest.raises(CalibrantError, match=said):
        check_manifest(tmp_path / "manifest.json", folder)


def test_a_file_that_the_manifest_does_not_list_is_refused(tiny_model, tmp_path):
    folder = tmp_path / "m"
    model = LocalModel(kind="local", path=str(tiny_model))
    write_json(tmp_path / "manifest.json", make_checkpoint(model, folder, 5, quiet))
    (folder / "older.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(CalibrantError, match=r"older\.safetensors: is not among the files"):
        check_manifest(tmp_path / "manifest.json", folder)


@pytest.mark.parametrize("name", ["model.gguf", "model.txt"])
def test_what_is_no_model_is_refused_in_one_line(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"GGUF no, this is nothing of the kind")
    with pytest.raises(CalibrantError, match="holds no"):
        make_checkpoint(LocalModel(kind="local", path=str(path)), tmp_path / "m", 5, quiet)


def test_pickled_weights_are_never_read(tiny_model, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(tiny_model, source)
    (source / "model.safetensors").rename(source / "pytorch_model.bin")
    with pytest.raises(CalibrantError, match="holds no safetensors"):
        make_checkpoint(LocalModel(kind="local", path=str(source)), tmp_path / "m", 5, quiet)


@pytest.mark.parametrize(
    ("package", "file", "said"),
    [
        ("no_such_package_at_all", "x.gguf", "is not installed"),
        ("calibrant", "x.gguf", "holds no such file"),
        ("calibrant", "__init__.py", "the study pins"),
    ],
)
def test_a_package_that_does_not_fit_is_refused(tmp_path, package, file, said):
    model = PackagedModel(kind="package", package=package, file=file, sha256="0" * 64)
    with pytest.raises(CalibrantError, match=said):
        make_checkpoint(model, tmp_path / "m", 5, quiet)


def test_the_packaged_model_of_the_quickstart_is_the_pinned_one():
    import yaml

    from calibrant.files import sha256_file

    study = yaml.safe_load(Path("config/studies/quickstart.yaml").read_text())
    model = study["models"]["smollm2"]
    spec = importlib.util.find_spec(model["package"])
    file = Path(spec.submodule_search_locations[0]) / model["file"]
    assert sha256_file(file) == model["sha256"]


def test_the_manifest_is_json(tiny_model, tmp_path):
    manifest = make_checkpoint(
        LocalModel(kind="local", path=str(tiny_model)), tmp_path / "m", 5, quiet
    )
    assert json.loads(json.dumps(manifest)) == manifest
