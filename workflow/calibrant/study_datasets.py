"""What the name of a dataset stands for in a study, and what may be done with it."""

from calibrant.data.catalog import CatalogEntry, load_catalog
from calibrant.data.settings import GeneratedDataset, LabDataset, LabVerdicts, OwnDataset
from calibrant.study import Study

MADE_KEYS = ("generated", "lab", "own", "verdicts")
"""The keys of `datasets` below which a study defines datasets of its own."""


def defined_dataset(
    study: Study, name: str
) -> GeneratedDataset | LabDataset | OwnDataset | LabVerdicts | None:
    """Return the dataset that the study itself defines by this name, or None."""
    datasets = study.datasets
    made = datasets.generated.get(name) or datasets.lab.get(name)
    return made or datasets.own.get(name) or datasets.verdicts.get(name)


def dataset_entry(study: Study, name: str) -> CatalogEntry | None:
    """Return the catalog entry of a dataset, or None if the study makes or owns it."""
    return None if defined_dataset(study, name) else load_catalog()[name]


def known_datasets(study: Study) -> list[str]:
    """Return every name that `train` and `evaluate` may use."""
    defined = [name for key in MADE_KEYS for name in getattr(study.datasets, key)]
    return [*defined, *load_catalog()]


def kind_of(study: Study, name: str) -> str:
    """Return ``questions``, ``transcripts`` or ``judgements``."""
    entry = dataset_entry(study, name)
    if entry is None:
        return "judgements" if name in study.datasets.verdicts else "questions"
    return entry.kind


def is_held_out(study: Study, name: str) -> bool:
    """Return whether a dataset is kept out of training, selection and tuning."""
    defined = defined_dataset(study, name)
    if defined is None:
        return load_catalog()[name].held_out
    return isinstance(defined, LabDataset | OwnDataset) and defined.held_out


def splits_of(study: Study, name: str) -> set[str]:
    """Return the splits of a dataset that hold any rows."""
    defined = defined_dataset(study, name)
    if isinstance(defined, LabVerdicts):
        return set()
    shares = [defined.fractions] if defined else list(load_catalog()[name].parts.values())
    return {split for part in shares for split, share in part.items() if share > 0}
