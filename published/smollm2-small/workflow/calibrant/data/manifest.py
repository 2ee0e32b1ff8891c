"""The manifest of a fetched dataset: which files, where they lie, which bytes they must hold."""

from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.files import read_json, sha256_file

# Fetched files are shared by all studies; a digest, not a study, decides which bytes are right.
SOURCE_CACHE = Path("resources/sources")


def manifest_files(manifest: Path, cache: Path = SOURCE_CACHE) -> dict[str, Path]:
    """Return the files of a manifest by their path in the source repository, each checked.

    Raises:
        CalibrantError: If a file has gone from the cache or has other bytes.
    """
    files = {}
    for entry in read_json(manifest)["files"]:
        path = cache / entry["path"]
        if not path.is_file() or sha256_file(path) != entry["sha256"]:
            raise CalibrantError(
                "is not the file that was fetched",
                where=path,
                repair=f"Delete {manifest} and run again: it is fetched anew",
            )
        files[entry["file"]] = path
    return files
