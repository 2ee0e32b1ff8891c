"""The packages that are here now against those that a record names."""

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from calibrant.lineage.record import Record

COMPUTING = (
    "antlr4-python3-runtime", "latex2sympy2-extended", "math-verify", "mpmath", "numpy", "pandas",
    "pyarrow", "pydantic", "pydantic-core", "sympy",
)  # fmt: skip
"""Those whose version can change what is computed without a model."""


def version_here(name: str) -> str | None:
    """Return the version of an installed package, None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def differing_packages(record: Record, names: Iterable[str] = COMPUTING) -> list[str]:
    """Return the packages, and ``python``, whose version here is not the recorded one.

    Args:
        record: The record of a stage.
        names: The packages that count, as records write them.

    Returns:
        Names, sorted; one that is in neither place is no difference.
    """
    recorded = dict(item.partition("==")[::2] for item in record["environment"]["packages"])
    found = [name for name in names if recorded.get(name) != version_here(name)]
    if record["environment"]["python"] != platform.python_version():
        found.append("python")
    return sorted(found)
