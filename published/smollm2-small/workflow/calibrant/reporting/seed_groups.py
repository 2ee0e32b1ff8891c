"""The documents of one method on one dataset, one per seed, shown as one."""

from collections.abc import Sequence
from dataclasses import dataclass

from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers, Place
from calibrant.reporting.seed_summary import SeedSummary


@dataclass(frozen=True, slots=True)
class SeedGroup:
    """Measures of one method on one dataset.

    Attributes:
        method: Name of the method.
        dataset: Name of the dataset.
        documents: One per seed, in the order of seeds.
    """

    method: str
    dataset: str
    documents: tuple[Document, ...]

    @property
    def several(self) -> bool:
        """Whether there is more than one seed."""
        return len(self.documents) > 1

    @property
    def base(self) -> str:
        """How the ids of its numbers begin: ``METHOD/SEED/DATASET``, or ``seeds`` for several."""
        seed = "seeds" if self.several else self.documents[0].content["seed"]
        return f"{self.method}/{seed}/{self.dataset}"


def seed_groups(measures: Sequence[Document]) -> list[SeedGroup]:
    """Put the documents of one method and dataset together, in the order of first appearance."""
    found: dict[tuple[str, str], list[Document]] = {}
    for document in measures:
        key = (document.content["method"], document.content["dataset"])
        found.setdefault(key, []).append(document)
    return [
        SeedGroup(*key, tuple(sorted(documents, key=lambda item: item.content["seed"])))
        for key, documents in found.items()
    ]


def add_seed_count(numbers: Numbers, name: str, places: Sequence[Place]) -> str:
    """Add the number of seeds, which is that of the files, and return its id."""
    seeds = len(places)
    count = SeedSummary(seeds, None, None, seeds, seeds, "number of seeds", None)
    return numbers.add_summary(name, count, places, "count")
