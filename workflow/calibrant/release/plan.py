"""What a release will hold, decided before anything is written."""

from dataclasses import dataclass
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.lineage.graph import Graph, read_graph
from calibrant.release.code_files import ReleasedCode, find_code
from calibrant.release.contents import StudyFile, choose_files
from calibrant.release.origins import Origin, read_origins


@dataclass(frozen=True, slots=True)
class About:
    """What a person says about a release.

    Attributes:
        study: Name of the study.
        published: Date of the release, ISO 8601.
        most_bytes: Largest size of a file of rows or weights.
        allowed: Datasets whose rows may be published whatever their licence is called.
        licence: Licence of the study's own results, or None where nobody says.
        agent: Who ran the study, or None where nobody says.
    """

    study: str
    published: str
    most_bytes: int
    allowed: frozenset[str] = frozenset()
    licence: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A release to be written.

    Attributes:
        about: What the person who releases says.
        graph: The records of the study.
        origins: Its datasets, by name.
        files: Every described file of it, by path.
        code: The code that goes with it.
    """

    about: About
    graph: Graph
    origins: dict[str, Origin]
    files: list[StudyFile]
    code: ReleasedCode


def plan_release(folder: Path, about: About) -> Plan:
    """Decide what the release of a study that was found sound will hold.

    Raises:
        CalibrantError: If ``about`` allows the rows of a dataset that the study does not have.
    """
    graph = read_graph(folder)
    origins = read_origins(graph, about.allowed)
    if unknown := sorted(about.allowed - origins.keys()):
        raise CalibrantError(
            f"is no dataset of the study; its datasets are {', '.join(origins)}", where=unknown[0]
        )
    files = choose_files(graph, origins, about.most_bytes)
    return Plan(about, graph, origins, files, find_code(graph))
