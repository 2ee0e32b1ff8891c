"""Stages from sources to questions: ``fetch``, ``prepare``, ``seal``, ``read_transcripts``."""

from calibrant.data.catalog import SourceFile
from calibrant.data.settings import (
    DatasetUse,
    Fractions,
    GeneratedDataset,
    LabDataset,
    LabVerdicts,
    OwnDataset,
    TrainingUse,
)
from calibrant.recorded_settings import RecordedMethod
from calibrant.settings import Settings


class FetchSettings(Settings):
    """Stage ``fetch``: one public dataset's files."""

    dataset: str
    licence: str
    sources: list[SourceFile]


class PublicSource(Settings):
    """How the rows of a public dataset are read."""

    loader: str
    options: dict[str, str | int | bool]
    parts: dict[str, Fractions]
    domain: str
    answer_type: str


class PrepareSettings(Settings):
    """Stage ``prepare``: the rows of one dataset, from exactly one of five origins."""

    dataset: str
    public: PublicSource | None = None
    generated: GeneratedDataset | None = None
    lab: LabDataset | None = None
    own: OwnDataset | None = None
    verdicts: LabVerdicts | None = None


class SealSettings(Settings):
    """Stage ``seal``: the training set, without rows that any evaluation set shares."""

    train: list[TrainingUse]
    evaluate: list[DatasetUse]
    generated: list[str]
    shingle_words: int


class TranscriptSettings(Settings):
    """Stage ``read_transcripts``: recorded answers to one dataset."""

    method: str
    use: DatasetUse
    recorded: RecordedMethod
