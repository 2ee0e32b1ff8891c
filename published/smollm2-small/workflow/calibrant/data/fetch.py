"""Fetching source files: from a mirror, else from where they are published; always checked.

A file counts as fetched when its size and SHA-256 are those of the catalog. Until then it has a
temporary name, so the cache never holds half a file or a wrong one.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from calibrant.data.catalog import SourceFile
from calibrant.data.download import download
from calibrant.errors import CalibrantError
from calibrant.files import atomic_path, sha256_file

MIRROR_VARIABLE = "CALIBRANT_MIRROR"


class HasSources(Protocol):
    """What is needed of a dataset to fetch it."""

    @property
    def licence(self) -> str:
        """Licence of the data."""

    @property
    def sources(self) -> Sequence[SourceFile]:
        """Its files."""


def resolve_mirror(setting: str | None) -> Path | None:
    """Return the folder of the mirror, or None where there is none.

    Args:
        setting: A path; None takes the environment variable ``CALIBRANT_MIRROR``.

    Raises:
        CalibrantError: If the folder does not exist.
    """
    chosen = setting or os.environ.get(MIRROR_VARIABLE)
    if not chosen:
        return None
    folder = Path(chosen).expanduser()
    if not folder.is_dir():
        raise CalibrantError(
            "the mirror is not a folder",
            where=folder,
            repair=f"Correct the path, or leave {MIRROR_VARIABLE} unset to download",
        )
    return folder


def fetch_source(
    source: SourceFile, cache: Path, mirror: Path | None, address: str | None = None
) -> Path:
    """Return the path of a checked copy of ``source`` in the cache, made if need be.

    Args:
        source: The file and its expected size and digest.
        cache: Folder of fetched files, laid out as ``owner/name/commit/file``.
        mirror: Folder of the same layout to look in before the network, or None.
        address: Where to download from instead of ``source.address``.

    Raises:
        CalibrantError: If the bytes are not the expected ones, wherever they came from (a bad file
            in the cache is removed, one in the mirror is left alone), or if neither the mirror nor
            the network has the file.
    """
    address = address or source.address
    target = cache / source.path
    if target.exists():
        _check_cached(source, target, address)
        return target
    if mirror is not None:
        original = mirror / source.path
        if original.is_file():
            _copy_from_mirror(source, original, target, address)
            return target
    try:
        _download(source, target, address)
    except CalibrantError as error:
        if mirror is None:
            raise
        raise CalibrantError(
            f"{error.what}; the mirror {mirror} does not hold {source.path} either",
            where=error.where,
            repair=error.repair,
        ) from error
    return target


def fetch_dataset(
    name: str, entry: HasSources, cache: Path, mirror: Path | None, say: Callable[[str], None]
) -> dict[str, Any]:
    """Fetch every file of a dataset and return their manifest.

    Args:
        name: Name of the dataset.
        entry: Its files and their licence.
        cache: Folder of fetched files.
        mirror: Folder to look in before the network, or None.
        say: Called with one line per file.

    Returns:
        A document JSON can hold: ``dataset`` and ``files``, each with ``address``, ``file`` (path
        in the repository), ``path`` (relative to the cache), ``sha256``, ``bytes``, ``licence``.

    Raises:
        CalibrantError: As ``fetch_source``.
    """
    files = []
    for source in entry.sources:
        fetch_source(source, cache, mirror)
        say(f"{source.repository}: {source.file}, {source.bytes:,} bytes, checked")
        files.append(
            {
                "address": source.address,
                "file": source.file,
                "path": source.path,
                "sha256": source.sha256,
                "bytes": source.bytes,
                "licence": entry.licence,
            }
        )
    return {"dataset": name, "files": files}


def _fault(source: SourceFile, path: Path) -> str | None:
    """Return what is wrong with a copy of ``source``, or None."""
    size = path.stat().st_size
    if size < source.bytes:
        return f"is cut: it has {size:,} of {source.bytes:,} bytes"
    found = sha256_file(path)
    if found != source.sha256:
        return f"has other bytes: SHA-256 {source.sha256} is expected, {found} was found"
    return None


def _check_cached(source: SourceFile, target: Path, address: str) -> None:
    fault = _fault(source, target)
    if fault:
        target.unlink()
        raise CalibrantError(
            f"the cached copy of {address} {fault}",
            where=target,
            repair="It has been removed: run again and it is fetched anew",
        )


def _copy_from_mirror(source: SourceFile, original: Path, target: Path, address: str) -> None:
    fault = _fault(source, original)
    if fault:
        raise CalibrantError(
            f"the mirror's copy of {address} {fault}",
            where=original,
            repair=f"Copy it into the mirror again, or leave {MIRROR_VARIABLE} unset to download",
        )
    with atomic_path(target) as temporary:
        shutil.copyfile(original, temporary)


def _download(source: SourceFile, target: Path, address: str) -> None:
    with atomic_path(target) as temporary:
        download(address, temporary, source.path)
        fault = _fault(source, temporary)
        if fault:
            raise CalibrantError(
                f"the download of {source.path} {fault}",
                where=address,
                repair="Run again; if it stays so, something between changes or cuts the file: use "
                f"another network, or a mirror ({MIRROR_VARIABLE})",
            )
