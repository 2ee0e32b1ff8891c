"""A flat JSON-LD document of entities, each with an identifier, as an RO-Crate wants it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from calibrant.release.plan import Plan

METADATA = "ro-crate-metadata.json"
CONTEXT = (
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
)

Reference = dict[str, str]


class Entities:
    """The entities of one crate, in the order in which they were added."""

    def __init__(self) -> None:
        self._entities: dict[str, dict[str, Any]] = {}
        self._appended: set[tuple[str, str, str]] = set()

    def __contains__(self, identifier: str) -> bool:
        """Return whether there is an entity with an identifier."""
        return identifier in self._entities

    def add(self, identifier: str, kind: str | list[str], /, **properties: Any) -> Reference:
        """Add an entity and return a reference to it; what is None or empty is left out.

        Raises:
            ValueError: If there is another entity with this identifier.
        """
        given = {key: value for key, value in properties.items() if value not in (None, [], "")}
        entity = {"@id": identifier, "@type": kind, **given}
        if self._entities.setdefault(identifier, entity) != entity:
            raise ValueError(f"two entities are called {identifier}")
        return {"@id": identifier}

    def append(self, identifier: str, key: str, reference: Reference) -> None:
        """Add a reference to a list of an entity, once."""
        # Not a search in the list, which in a big study makes minutes out of a second.
        if (identifier, key, reference["@id"]) not in self._appended:
            self._appended.add((identifier, key, reference["@id"]))
            self._entities[identifier].setdefault(key, []).append(reference)

    def document(self) -> dict[str, Any]:
        """Return the document; a list of one is written as that one, as the standard asks."""
        graph = [
            {key: _single(value) for key, value in entity.items()}
            for entity in self._entities.values()
        ]
        return {"@context": list(CONTEXT), "@graph": graph}


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


@dataclass(slots=True)
class Crate:
    """A crate in the making: its entities, and references to those that others name.

    Attributes:
        plan: The release it describes.
        entities: What was added so far.
        agent: Who ran the study, where somebody says.
        tools: The script of every stage.
        datasets: The datasets, by name.
        files: The files of the study, by path.
        actions: The runs of stages, by the digest of their records.
    """

    plan: Plan
    entities: Entities = field(default_factory=Entities)
    agent: Reference | None = None
    tools: dict[str, Reference] = field(default_factory=dict)
    datasets: dict[str, Reference] = field(default_factory=dict)
    files: dict[str, Reference] = field(default_factory=dict)
    actions: dict[str, Reference] = field(default_factory=dict)


def path_id(path: str) -> str:
    """Return the identifier of a file in the crate: its path as a relative address."""
    return quote(path)


def local_id(*parts: str) -> str:
    """Return the identifier of an entity that is no file, such as ``#dataset/sums``."""
    return "#" + quote("/".join(parts))
