"""The outputs of a stage: written under temporary names, moved all together at the end."""

import os
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

from calibrant.errors import CalibrantError


class PendingOutputs:
    """Temporary files that become the outputs of a stage when it succeeds.

    A temporary file lies in the folder of its output, so that moving it is a rename, and keeps the
    ending of its name, by which many libraries choose a format.

    Args:
        finals: The file of every output, by name.
        records: The file of every output's record, by name of the output.
    """

    def __init__(self, finals: Mapping[str, Path], records: Mapping[str, Path]) -> None:
        self._finals = dict(finals)
        self._records = dict(records)
        self._with_folder: set[str] = set()
        # Fixed here, so that a worker process of the stage writes to the same place.
        self._process = os.getpid()

    def prepare(self) -> None:
        """Make the folders, and clear what a killed run left behind.

        Raises:
            CalibrantError: If a folder cannot be made.
        """
        for name, final in self._finals.items():
            record = self._records[name]
            for path in (final, record):
                _make_folder(path.parent)
                for leftover in _leftovers(path):
                    _remove(leftover)
            if not final.exists():
                # A record without its output describes nothing.
                record.unlink(missing_ok=True)

    def temporary(self, name: str) -> Path:
        """Return the file that becomes output ``name``."""
        return _temporary(self._finals[name], self._process)

    def folder(self, name: str) -> Path:
        """Return a folder whose files move beside output ``name``, a manifest of them.

        The manifest itself is still written to ``temporary(name)``.
        """
        folder = _temporary(_folder_of(self._finals[name]), self._process)
        _make_folder(folder)
        self._with_folder.add(name)
        return folder

    def check_written(self) -> None:
        """Check that every output is there.

        Raises:
            RuntimeError: If one is not: a defect of the stage.
        """
        for name in self._finals:
            if not self.temporary(name).is_file():
                raise RuntimeError(f"the stage ended without writing its output {name}")

    def commit(self, record: str) -> None:
        """Move everything to its final name, the records last.

        The records are on the disk before the first old file is touched; from there on there are
        only renames and removals. Old records go first: whatever is interrupted here, no record
        stands beside a file that it does not describe.

        Raises:
            CalibrantError: If the disk refuses.
        """
        try:
            for path in self._records.values():
                _temporary(path, self._process).write_text(record, "utf-8", newline="\n")
            for path in self._records.values():
                path.unlink(missing_ok=True)
            for name in self._with_folder:
                # The old manifest lists files that are about to be replaced.
                self._finals[name].unlink(missing_ok=True)
                # Safetensors lets the owner alone read what it writes; a study is shared.
                _share_as(self.temporary(name), self.folder(name))
                _move_files(self.folder(name), self._finals[name].parent)
            for path in (*self._finals.values(), *self._records.values()):
                os.replace(_temporary(path, self._process), path)
        except OSError as error:
            raise CalibrantError(
                f"cannot write: {error.strerror}",
                where=error.filename,
                repair="Check that the folder is writable and has space",
            ) from error

    def discard(self) -> None:
        """Remove whatever is still temporary."""
        for path in (*self._finals.values(), *self._records.values()):
            _remove(_temporary(path, self._process))
            _remove(_temporary(_folder_of(path), self._process))


def _temporary(path: Path, process: int) -> Path:
    return path.with_name(f"{_prefix()}{process}-{path.name}")


def _prefix() -> str:
    return f".partial-{socket.gethostname()}-"


def _folder_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.folder")


def _leftovers(final: Path) -> list[Path]:
    """Return temporary files for ``final`` by a process of this host that is no more."""
    found = []
    for path in final.parent.iterdir():
        if not path.name.startswith(_prefix()):
            continue
        process, _, name = path.name.removeprefix(_prefix()).partition("-")
        ours = name in (final.name, _folder_of(final).name)
        if ours and process.isdigit() and not _is_running(int(process)):
            found.append(path)
    return found


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CalibrantError(f"cannot make the folder: {error.strerror}", where=folder) from error


def _move_files(source: Path, target: Path) -> None:
    # Files of an earlier run that this one does not have would be read with the new ones.
    for path in sorted(target.rglob("*")):
        if path.is_file() and not path.name.startswith(_prefix()) and source not in path.parents:
            path.unlink()
    for path in sorted(source.rglob("*")):
        if path.is_file():
            destination = target / path.relative_to(source)
            destination.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, destination)
    shutil.rmtree(source)


def _share_as(manifest: Path, folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            shutil.copymode(manifest, path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
