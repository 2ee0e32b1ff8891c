"""From a study to the settings of each stage. The workflow calls these; the stages never do."""

from calibrant.data.catalog import CatalogEntry, load_catalog
from calibrant.errors import CalibrantError
from calibrant.stage_settings import (
    AuditSettings,
    CompareSettings,
    DatasetCard,
    FetchSettings,
    GenerateSettings,
    GradeSettings,
    MeasureSettings,
    ModelSettings,
    PrepareSettings,
    PublicSource,
    PublishSettings,
    ReportSettings,
    SealSettings,
    TranscriptSettings,
)
from calibrant.study import DatasetUse, RecordedMethod, Study
from calibrant.study_file import dataset_entry, is_held_out

# The figures published for recorded transcripts are met to this (absolute difference).
PUBLISHED_TOLERANCE = 1e-9


def datasets_of(study: Study) -> list[str]:
    """Return every dataset the study uses, in order of first use."""
    names = [use.dataset for use in study.datasets.train]
    names += [use.dataset for use in study.datasets.evaluate]
    return list(dict.fromkeys(names))


def public_entry(study: Study, dataset: str) -> CatalogEntry:
    """Return the catalog entry of a dataset that is known to be public."""
    entry = dataset_entry(study, dataset)
    if entry is None:
        raise CalibrantError(
            f"{dataset!r} is not a public dataset", repair="See `calibrant datasets`"
        )
    return entry


def kind_of(study: Study, dataset: str) -> str:
    """Return ``questions``, ``transcripts`` or ``judgements``."""
    entry = dataset_entry(study, dataset)
    return entry.kind if entry else "questions"


def cells_of(study: Study) -> list[tuple[str, str]]:
    """Return the (method, dataset) pairs that are measured."""
    wanted = {"model": "questions", "recorded": "transcripts"}
    return [
        (name, use.dataset)
        for name, method in study.methods.items()
        for use in study.datasets.evaluate
        if kind_of(study, use.dataset) == wanted[method.kind]
    ]


def methods_of_kind(study: Study, kind: str) -> list[str]:
    """Return the names of all methods of a kind."""
    return [name for name, method in study.methods.items() if method.kind == kind]


def evaluated_use(study: Study, dataset: str) -> DatasetUse:
    """Return how a dataset is used in evaluation."""
    return next(use for use in study.datasets.evaluate if use.dataset == dataset)


def fetch_settings(study: Study, dataset: str) -> FetchSettings:
    """Return the settings of ``fetch`` for one public dataset."""
    entry = public_entry(study, dataset)
    return FetchSettings(dataset=dataset, licence=entry.licence, sources=entry.sources)


def prepare_settings(study: Study, dataset: str) -> PrepareSettings:
    """Return the settings of ``prepare`` for one dataset."""
    entry = dataset_entry(study, dataset)
    own = study.datasets.own.get(dataset)
    if own:
        # No row depends on what only the report prints and what only the study's check reads.
        own = own.model_copy(update={"licence": "", "held_out": False})
    return PrepareSettings(
        dataset=dataset,
        public=_public_source(entry) if entry else None,
        generated=study.datasets.generated.get(dataset),
        own=own,
    )


def _public_source(entry: CatalogEntry) -> PublicSource:
    return PublicSource(
        loader=entry.loader,
        options=entry.options,
        parts=entry.parts,
        domain=entry.domain,
        answer_type=entry.answer_type,
    )


def seal_settings(study: Study) -> SealSettings:
    """Return the settings of ``seal``."""
    # All rows of a split are compared, however many of them are evaluated.
    evaluate = [use.model_copy(update={"limit": None}) for use in study.datasets.evaluate]
    return SealSettings(
        train=study.datasets.train,
        evaluate=evaluate,
        generated=list(study.datasets.generated),
        shingle_words=study.datasets.shingle_words,
    )


def audit_settings(study: Study) -> AuditSettings:
    """Return the settings of ``audit_rewards``."""
    return AuditSettings(rewards=study.rewards)


def model_settings(study: Study) -> ModelSettings:
    """Return the settings of ``base_model``."""
    if study.model is None:
        raise CalibrantError("the study has no model", repair="Add a `model` section")
    return ModelSettings(model=study.model)


def generate_settings(study: Study, method: str, dataset: str) -> GenerateSettings:
    """Return the settings of ``generate`` for one method and dataset."""
    # How measures treat a missing confidence is no matter of generation.
    elicitation = study.elicitation.model_copy(update={"missing_confidence": "drop"})
    return GenerateSettings(
        method=method,
        use=evaluated_use(study, dataset),
        elicitation=elicitation,
        generation=study.generation,
    )


def transcript_settings(study: Study, method: str, dataset: str) -> TranscriptSettings:
    """Return the settings of ``read_transcripts`` for one method and dataset."""
    recorded = study.methods[method]
    if not isinstance(recorded, RecordedMethod):
        raise CalibrantError(f"method {method!r} is not recorded")
    return TranscriptSettings(method=method, use=evaluated_use(study, dataset), recorded=recorded)


def grade_settings(study: Study, method: str) -> GradeSettings:
    """Return the settings of ``grade`` for one method."""
    entry = study.methods[method]
    confidence = entry.confidence if isinstance(entry, RecordedMethod) else "stated"
    return GradeSettings(scale=study.elicitation.scale, confidence=confidence)


def measure_settings(study: Study) -> MeasureSettings:
    """Return the settings of ``measure``."""
    return MeasureSettings(
        measures=study.measures, missing_confidence=study.elicitation.missing_confidence
    )


def compare_settings(study: Study, dataset: str) -> CompareSettings:
    """Return the settings of ``compare_published`` for one dataset of transcripts."""
    systems = {
        name: method.system
        for name, method in study.methods.items()
        if isinstance(method, RecordedMethod)
    }
    return CompareSettings(
        loader=public_entry(study, dataset).loader,
        systems=systems,
        tolerance=PUBLISHED_TOLERANCE,
    )


def report_settings(study: Study, name: str) -> ReportSettings:
    """Return the settings of ``report``."""
    return ReportSettings(
        study=name,
        title=study.title,
        description=study.description,
        report=study.report,
        datasets=[_card(study, dataset) for dataset in datasets_of(study)],
        methods={method: _describe_method(study, method) for method in study.methods},
        missing_confidence=study.elicitation.missing_confidence,
    )


def publish_settings(name: str) -> PublishSettings:
    """Return the settings of ``publish``."""
    return PublishSettings(study=name)


def _describe_method(study: Study, name: str) -> str:
    method = study.methods[name]
    if isinstance(method, RecordedMethod):
        source = "stated in the text" if method.confidence == "stated" else "stored beside the text"
        return f"recorded transcripts of {method.system}; confidence {source}"
    model = study.model
    source = model.package if model and model.kind == "package" else getattr(model, "path", "")
    return f"{source}, asked for {study.elicitation.format.replace('_', ', ')}"


def _card(study: Study, dataset: str) -> DatasetCard:
    uses = ["training" for use in study.datasets.train if use.dataset == dataset]
    verdicts = kind_of(study, dataset) == "judgements"
    uses += [
        "human verdicts" if verdicts else use.split
        for use in study.datasets.evaluate
        if use.dataset == dataset
    ]
    held_out = is_held_out(study, dataset)
    if made := study.datasets.generated.get(dataset):
        return DatasetCard(
            name=dataset, title=f"reasoning-gym: {made.task}", domain=made.domain,
            licence="Apache-2.0", origin="generated in the run", held_out=held_out, uses=uses,
            faults=[], notes="",
        )  # fmt: skip
    if own := study.datasets.own.get(dataset):
        return DatasetCard(
            name=dataset, title=own.file, domain=own.domain, licence=own.licence,
            origin="own file", held_out=held_out, uses=uses, faults=[], notes="",
        )  # fmt: skip
    entry = load_catalog()[dataset]
    return DatasetCard(
        name=dataset, title=entry.title, domain=entry.domain, licence=entry.licence,
        origin=entry.homepage, held_out=held_out, uses=uses, faults=entry.faults,
        notes=entry.notes,
    )  # fmt: skip
