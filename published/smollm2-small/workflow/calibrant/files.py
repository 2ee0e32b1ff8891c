"""Files that are either whole or absent: atomic writes, canonical JSON, digests."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError

_BLOCK = 1 << 20


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary name beside ``path`` and rename it there if the block succeeds.

    A reader therefore sees the old file or the new one, never half of one. On an error the
    temporary file is removed and ``path`` is left as it was. A link is followed; a device or a pipe
    is yielded itself.

    Raises:
        CalibrantError: If the folder cannot be made or written to.
    """
    path = Path(path)
    if path.is_symlink():
        path = path.resolve()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe is written to, not replaced.
            yield path
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise CalibrantError(
            f"cannot write: {error.strerror or error}",
            where=path,
            repair="Check that the folder exists, is writable and has space",
        ) from error


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` as UTF-8 with ``atomic_path``."""
    with atomic_path(path) as temporary:
        # Half of a surrogate pair, which no file can hold, becomes its escape.
        temporary.write_bytes(text.encode("utf-8", errors="backslashreplace"))


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys and no spare space; equal values give equal bytes.

    Raises:
        ValueError: If a number is NaN or infinite, which JSON cannot hold.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def write_json(path: Path | str, value: Any) -> None:
    """Write ``value`` as indented JSON with sorted keys, atomically."""
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def read_json(path: Path | str) -> Any:
    """Read a JSON file.

    Raises:
        CalibrantError: If the file is absent or not JSON; names the file and the place in it.
    """
    path = Path(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CalibrantError(f"cannot read: {error.strerror}", where=path) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise CalibrantError(f"not valid JSON: {error}", where=path) from error


def sha256_bytes(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_text(text: str) -> str:
    """Return the SHA-256 of ``text`` in UTF-8."""
    return sha256_bytes(text.encode("utf-8"))


def sha256_file(path: Path | str) -> str:
    """Return the SHA-256 of a file, read in blocks.

    Raises:
        CalibrantError: If the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as handle:
            while block := handle.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise CalibrantError(f"cannot read: {error.strerror}", where=path) from error
    return digest.hexdigest()
