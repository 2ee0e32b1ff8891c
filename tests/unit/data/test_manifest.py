"""Fetched files are used only while they are, byte for byte, those that were fetched."""

import hashlib
import json
from pathlib import Path

import pytest

from calibrant.data.manifest import manifest_files
from calibrant.errors import CalibrantError


def fetched(folder: Path, **contents: bytes) -> tuple[Path, Path]:
    """Write a cache and its manifest; return manifest and cache."""
    cache = folder / "cache"
    entries = []
    for name, data in contents.items():
        place = f"owner/name/commit/data/{name}"
        path = cache / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        entries.append({"file": f"data/{name}", "path": place, "sha256": digest})
    manifest = folder / "set.json"
    manifest.write_text(json.dumps({"files": entries}), encoding="utf-8")
    return manifest, cache


def test_files_are_found_by_their_path_in_the_source(tmp_path):
    manifest, cache = fetched(tmp_path, first=b"1", second=b"")
    assert manifest_files(manifest, cache) == {
        "data/first": cache / "owner/name/commit/data/first",
        "data/second": cache / "owner/name/commit/data/second",
    }


@pytest.mark.parametrize("damage", ["changed", "cut", "gone", "folder"])
def test_a_changed_or_missing_file_is_named_with_the_repair(tmp_path, damage):
    manifest, cache = fetched(tmp_path, first=b"whole", second=b"also whole")
    path = cache / "owner/name/commit/data/second"
    path.unlink()
    if damage == "changed":
        path.write_bytes(b"also whale")
    elif damage == "cut":
        path.write_bytes(b"also who")
    elif damage == "folder":
        path.mkdir()
    with pytest.raises(CalibrantError, match="is not the file that was fetched") as caught:
        manifest_files(manifest, cache)
    assert caught.value.where == str(path)
    assert str(manifest) in caught.value.repair


def test_a_missing_manifest_is_named(tmp_path):
    with pytest.raises(CalibrantError, match="cannot read") as caught:
        manifest_files(tmp_path / "set.json", tmp_path)
    assert caught.value.where == str(tmp_path / "set.json")
