"""A causal language model from the Hugging Face hub, at one revision.

The library of the hub downloads into its own cache, where a whole file can be told from a part of
one. What transformers reads is then copied out of the cache in one step, so a folder is complete or
absent. Weights are safetensors only, and no Python of a repository is ever fetched or run.
"""

import errno
import glob
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.files import read_json

Say = Callable[[str], None]

_TEXTS = ("*.json", "*.model", "*.txt", "*.jinja")
_CONFIG = "config.json"
_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def fetch_model(repository: str, revision: str, folder: Path, say: Say) -> None:
    """Put the model of a repository into ``folder``: configuration, tokenizer and safetensors.

    Only files beside ``config.json`` are taken, and of the weights only those that transformers
    reads: many repositories hold a second copy in another layout. The environment variables of
    the library are honoured: ``HF_HOME``, ``HF_HUB_CACHE``, ``HF_ENDPOINT``, ``HF_TOKEN`` and
    ``HF_HUB_OFFLINE``. What the cache holds is not downloaded again.

    Args:
        repository: ``owner/name`` of a model.
        revision: The commit, 40 hexadecimal digits.
        folder: An empty or absent folder; untouched if anything fails.
        say: Prints progress.

    Raises:
        CalibrantError: If the repository or the revision does not exist or is not open to this
            user, is no causal language model that transformers knows or has no safetensors; if the
            hub cannot be reached and the cache lacks a file; if a disk is full.
    """
    folder = folder.resolve()
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise CalibrantError("is not empty", where=folder, repair="Give an empty or absent folder")
    before = _cached_blobs(repository)
    say(f"fetching {repository} at {revision}")
    source = f"{repository}@{revision}"
    snapshot = _download(repository, revision, _TEXTS)
    _require(snapshot, _CONFIG, repository, revision)
    # Before the weights: they can be a thousand times larger than all the rest.
    _check_architecture(read_json(snapshot / _CONFIG), source)
    weights = _weight_names(snapshot, source)
    _download(repository, revision, [glob.escape(name) for name in weights])
    for name in weights:
        _require(snapshot, name, repository, revision)
    # An older download may have left other files in the snapshot, pickles among them.
    texts = {file.name for pattern in _TEXTS for file in snapshot.glob(pattern)}
    files = [snapshot / name for name in sorted(texts | set(weights))]
    size = sum(file.stat().st_size for file in files)
    _copy_whole(files, folder)
    after = _cached_blobs(repository)
    new = sum(size for name, size in after.items() if name not in before)
    say(f"fetched {new:,} bytes from the hub; the model has {size:,} bytes in {len(files)} files")


def _cached_blobs(repository: str) -> dict[str, int]:
    """Return the size of every whole file in the repository's part of the cache (bytes)."""
    from huggingface_hub.constants import HF_HUB_CACHE

    blobs = Path(HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}" / "blobs"
    files = [file for file in blobs.glob("*") if file.suffix != ".incomplete" and file.is_file()]
    return {file.name: file.stat().st_size for file in files}


def _download(repository: str, revision: str, patterns: Sequence[str]) -> Path:
    from huggingface_hub import errors, snapshot_download

    try:
        return Path(
            snapshot_download(
                repository,
                revision=revision,
                allow_patterns=list(patterns),
                ignore_patterns=["*/*"],
            )
        )
    # RuntimeError and ValueError are what the library's own transport raises.
    except (errors.HTTPError, OSError, RuntimeError, ValueError) as error:
        what, repair = _reason(error)
        raise CalibrantError(what, where=f"{repository}@{revision}", repair=repair) from error


def _reason(error: Exception) -> tuple[str, str]:
    """Return what went wrong in a download and what to do about it."""
    from huggingface_hub import constants, errors

    # The order matters: a gated repository is also one that was not found.
    refusals: tuple[tuple[type[Exception], str, str], ...] = (
        (
            errors.GatedRepoError,
            "is gated: its owner has not given this account access",
            "Ask for access on the model's page, then set HF_TOKEN to a token of that account",
        ),
        (
            errors.RepositoryNotFoundError,
            "there is no such repository, or it is private",
            "Check model.repository; for a private one set HF_TOKEN",
        ),
        (
            errors.RevisionNotFoundError,
            "the repository has no such revision",
            "Check model.revision: the hash of a commit, from the model's history on the hub",
        ),
        (
            errors.HFValidationError,
            "is not the name of a repository",
            "Write model.repository as owner/name",
        ),
    )
    for kind, what, repair in refusals:
        if isinstance(error, kind):
            return what, repair
    if isinstance(error, errors.LocalEntryNotFoundError):
        if constants.is_offline_mode():
            return (
                "the cache does not hold all of it, and HF_HUB_OFFLINE forbids a download",
                "Run once without HF_HUB_OFFLINE, or set HF_HUB_CACHE to a cache that holds it",
            )
        return _no_answer(error.__cause__ or error)
    if _is_full(error):
        return (
            f"there is no space left in the cache {constants.HF_HUB_CACHE}",
            "Free some, or set HF_HUB_CACHE to a folder on another disk",
        )
    return _no_answer(error)


def _no_answer(error: BaseException) -> tuple[str, str]:
    from huggingface_hub import constants, errors

    said = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    if isinstance(error, errors.HfHubHTTPError):
        repair = "Try again later"
        if error.response.status_code in (401, 403):
            repair = "Check HF_TOKEN and whether its account may read the model"
        return f"{constants.ENDPOINT} refused: {said}", repair
    return (
        f"the download from {constants.ENDPOINT} failed: {said}",
        "Check the network, HF_ENDPOINT and the proxy, and run again; or fill HF_HUB_CACHE on "
        "another machine and set HF_HUB_OFFLINE=1",
    )


def _is_full(error: BaseException) -> bool:
    # The transport in Rust has no error numbers, only the system's words.
    return getattr(error, "errno", None) in _FULL or os.strerror(errno.ENOSPC) in str(error)


def _require(snapshot: Path, name: str, repository: str, revision: str) -> None:
    """Check that a file is there; the listing of the revision, if known, says why it is not."""
    from huggingface_hub import get_cached_repo_tree
    from huggingface_hub.errors import CachedRepoTreeNotFoundError

    if (snapshot / name).is_file():
        return
    source = f"{repository}@{revision}"
    try:
        get_cached_repo_tree(repository, revision=revision)
    except CachedRepoTreeNotFoundError as error:
        raise CalibrantError(
            f"the cache holds only a part of it: {name} is missing",
            where=source,
            repair="Run once with access to the hub and without HF_HUB_OFFLINE",
        ) from error
    if name == _WEIGHTS:
        raise CalibrantError(
            "that revision has no safetensors that transformers reads",
            where=source,
            repair="Choose a revision with model.safetensors; other weight formats are not read",
        )
    raise CalibrantError(
        f"that revision has no {name}",
        where=source,
        repair="Choose a repository in the layout of transformers",
    )


def _check_architecture(config: Any, source: str) -> None:
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise CalibrantError(
            f"transformers has no causal language model of the type {kind!r}, and the Python code "
            "of a repository is never run",
            where=source,
            repair="Choose a model whose architecture is part of transformers",
        )


def _weight_names(snapshot: Path, source: str) -> list[str]:
    """Return the files with weights: those the index names, or the only one."""
    if not (snapshot / _INDEX).is_file():
        return [_WEIGHTS]
    index = read_json(snapshot / _INDEX)
    shards = index.get("weight_map") if isinstance(index, dict) else None
    names = sorted(set(map(str, shards.values()))) if isinstance(shards, dict) else []
    # A name with a folder in it could lead out of the snapshot.
    odd = [name for name in names if PurePosixPath(name).name != name]
    odd += [name for name in names if not name.endswith(".safetensors")]
    if odd or not names:
        raise CalibrantError(
            f"{_INDEX} names {odd[0]!r} as weights" if odd else f"{_INDEX} names no weights",
            where=source,
            repair="Choose another revision: all weights must be safetensors beside the index",
        )
    return names


def _copy_whole(files: Sequence[Path], folder: Path) -> None:
    """Copy files, not links, into a temporary folder and give it its name at the end."""
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        # A killed run whose number comes round again may have left one.
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for file in files:
            shutil.copyfile(file, temporary / file.name)
        os.replace(temporary, folder)
    except OSError as error:
        full = "there is no space left for the model" if _is_full(error) else None
        raise CalibrantError(
            full or f"cannot write: {error.strerror or error}",
            where=folder,
            repair="Check that the folder is writable and its disk has space",
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
