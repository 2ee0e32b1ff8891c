"""Where the rows of a dataset come from: a public source, a generator, the laboratory, an own file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from calibrant.data.generated import generate_questions
from calibrant.data.lab import PART, lab_questions, lab_verdicts
from calibrant.data.loading import load_dataset
from calibrant.data.manifest import manifest_files
from calibrant.data.own import load_own
from calibrant.data.raw import Loaded
from calibrant.data.splits import Shares
from calibrant.stage_settings.sources import PrepareSettings

Parts = Mapping[str, Shares]


def load_raw(
    settings: PrepareSettings, manifests: Sequence[Path], seed: int
) -> tuple[Loaded, Parts]:
    """Return the rows of a dataset and how each of its parts is shared out among the splits.

    Args:
        settings: Which dataset, from which of the five origins.
        manifests: The manifest of the fetched files, for a public dataset.
        seed: Seed of questions made in the run and shuffled options.
    """
    if settings.generated:
        loaded = generate_questions(settings.dataset, settings.generated, seed)
        return loaded, {"generated": settings.generated.fractions}
    if settings.lab:
        return lab_questions(settings.dataset, settings.lab, seed), {PART: settings.lab.fractions}
    if settings.verdicts:
        return lab_verdicts(settings.verdicts), {}
    if settings.own:
        return load_own(settings.dataset, settings.own), {"own": settings.own.fractions}
    if settings.public is None:
        raise ValueError(f"no origin is given for {settings.dataset}")
    files = manifest_files(manifests[0])
    return load_dataset(settings.public, files, seed), settings.public.parts
