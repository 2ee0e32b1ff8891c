"""The rows of a public dataset, from its fetched files."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol

from calibrant.data.raw import Loaded
from calibrant.data.repeats import drop_repeats
from calibrant.errors import CalibrantError

IMPORTS_MODULES = ("calibrant.data.loaders",)


class HasLoader(Protocol):
    """What is needed of a dataset to read it."""

    @property
    def loader(self) -> str:
        """Module of ``data.loaders``."""

    @property
    def options(self) -> dict[str, str | int | bool]:
        """Arguments of the loader."""


def load_dataset(entry: HasLoader, files: Mapping[str, Path], seed: int) -> Loaded:
    """Read a dataset and drop the questions that stand in it twice.

    Args:
        entry: The dataset in the catalog.
        files: Path in the source repository to local path, for every file of the dataset.
        seed: Seed of shuffled options and of sampling.

    Raises:
        CalibrantError: If there is no such loader, a file is missing, or a row is not what the
            source is known to hold; names the file and the row.
    """
    module = f"calibrant.data.loaders.{entry.loader}"
    try:
        loader = import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise CalibrantError(
            f"there is no loader {entry.loader!r}", repair=f"Write {module.replace('.', '/')}.py"
        ) from error
    loaded: Loaded = loader.load(dict(files), dict(entry.options), seed)
    loaded.questions = drop_repeats(loaded.questions, loaded.dropped)
    return loaded
