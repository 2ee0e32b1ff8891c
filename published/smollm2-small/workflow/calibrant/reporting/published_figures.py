"""Figures that others published, kept apart from the numbers of a report."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from calibrant.strict_yaml import read_yaml_mapping

READS_FILES = ("published_figures.yaml",)
START = "Base"
"""Name of the system that the others of a publication were trained from."""
_FILE = Path(__file__).with_name("published_figures.yaml")


@dataclass(frozen=True, slots=True)
class Publication:
    """What one publication says.

    Attributes:
        title: Authors, title, version.
        source: Address of the figures.
        model: The model that was trained.
        datasets: Name in the catalog to system to accuracy, AUROC, Brier score and ECE.
    """

    title: str
    source: str
    model: str
    datasets: dict[str, dict[str, tuple[float, float, float, float]]]


@cache
def publications() -> dict[str, Publication]:
    """Return the publications by name.

    Raises:
        CalibrantError: If their file is not sound YAML.
    """
    content = TypeAdapter(dict[str, Publication]).validate_python(read_yaml_mapping(_FILE))
    return content
