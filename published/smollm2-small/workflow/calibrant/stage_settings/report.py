"""Stage ``report``."""

from calibrant.reporting.settings import Report
from calibrant.settings import Settings


class DatasetCard(Settings):
    """What the report says about a dataset."""

    name: str
    title: str
    domain: str
    licence: str
    origin: str
    held_out: bool
    uses: list[str]
    faults: list[str]
    notes: str


class ReportSettings(Settings):
    """Stage ``report``: the page, its numbers and its figures.

    ``starts`` names for a trained method the one of the model it was trained from; it is empty unless
    figures are shown beside published ones.
    """

    study: str
    title: str
    description: str
    report: Report
    datasets: list[DatasetCard]
    methods: dict[str, str]
    missing_confidence: str
    starts: dict[str, str] = {}
