"""From a study to the settings of each stage. The workflow calls these; the stages never do."""

from calibrant.data.catalog import CatalogEntry
from calibrant.data.settings import DatasetUse
from calibrant.elicitation.reader import SENTENCES
from calibrant.elicitation.settings import Elicitation
from calibrant.errors import CalibrantError
from calibrant.recorded_settings import RecordedMethod
from calibrant.stage_settings.answers import GenerateSettings, GradeSettings
from calibrant.stage_settings.measure import CompareSettings, FaithfulnessSettings, MeasureSettings
from calibrant.stage_settings.model import ModelSettings
from calibrant.stage_settings.publish import PublishSettings
from calibrant.stage_settings.report import ReportSettings
from calibrant.stage_settings.sources import (
    FetchSettings,
    PrepareSettings,
    PublicSource,
    SealSettings,
    TranscriptSettings,
)
from calibrant.stage_settings.train import TrainSettings
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.study import Study
from calibrant.study_cards import (
    card_of,
    describe_answering,
    describe_derived,
    describe_recorded,
)
from calibrant.study_cells import (
    datasets_of,
    elicitation_of,
    evaluated_use,
    generation_of,
    model_of,
    starts_of,
)
from calibrant.study_datasets import dataset_entry
from calibrant.study_judges import describe_labels, judged_datasets, labelling_judge
from calibrant.study_methods import DerivedMethod
from calibrant.training.settings import TrainedMethod

# The figures published for recorded transcripts are met to this (absolute difference).
PUBLISHED_TOLERANCE = 1e-9


def public_entry(study: Study, dataset: str) -> CatalogEntry:
    """Return the catalog entry of a dataset that is known to be public."""
    entry = dataset_entry(study, dataset)
    if entry is None:
        raise CalibrantError(
            f"{dataset!r} is not a public dataset", repair="See `calibrant datasets`"
        )
    return entry


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
        lab=study.datasets.lab.get(dataset),
        own=own,
        verdicts=study.datasets.verdicts.get(dataset),
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
    whole = {"limit": None, "calibration_limit": None, "judge": None}
    evaluate = [use.model_copy(update=whole) for use in study.datasets.evaluate]
    return SealSettings(
        train=[use.model_copy(update={"judge": None}) for use in study.datasets.train],
        evaluate=evaluate,
        # Questions made from templates share their wording: only the same question counts.
        generated=[*study.datasets.generated, *study.datasets.lab],
        shingle_words=study.datasets.shingle_words,
    )


def model_settings(study: Study, model: str) -> ModelSettings:
    """Return the settings of ``base_model`` for one model."""
    # The weights do not depend on how the model is trained and asked afterwards.
    later = dict.fromkeys(("warm_up", "elicitation", "generation", "datasets"))
    return ModelSettings(model=study.models[model].model_copy(update=later))


def warm_up_settings(study: Study, model: str) -> WarmUpSettings:
    """Return the settings of ``warm_up`` for one model.

    Raises:
        CalibrantError: If the model has no warm-up.
    """
    settings = study.models[model]
    if settings.warm_up is None:
        raise CalibrantError(f"model {model!r} has no warm-up")
    return WarmUpSettings(
        warm_up=settings.warm_up, elicitation=asked(settings.elicitation or study.elicitation)
    )


def train_settings(study: Study, method: str) -> TrainSettings:
    """Return the settings of ``train`` for one method.

    Raises:
        CalibrantError: If the method is not trained.
    """
    trained = study.methods[method]
    if not isinstance(trained, TrainedMethod):
        raise CalibrantError(f"method {method!r} is not trained")
    return TrainSettings(
        method=method,
        trained=trained.model_copy(
            update={"training": None, "seeds": None, "model": model_of(study, method)}
        ),
        training=trained.training or study.training,
        # Why a reward is accepted changes nothing of a training.
        reward=study.rewards[trained.reward].model_copy(update={"accept_improper": None}),
        elicitation=asked(elicitation_of(study, method)),
        learnt_from=[use.dataset for use in study.datasets.train],
        judge=labelling_judge(study, trained),
        judged=judged_datasets(study, trained),
    )


def generate_settings(study: Study, method: str, dataset: str) -> GenerateSettings:
    """Return the settings of ``generate`` for one method and dataset."""
    return GenerateSettings(
        method=method,
        use=_answered(evaluated_use(study, dataset)),
        elicitation=asked(elicitation_of(study, method)),
        generation=generation_of(study, method),
    )


def calibration_settings(study: Study, method: str, dataset: str) -> GenerateSettings:
    """Return the settings of ``generate`` for a dataset's calibration split."""
    settings = generate_settings(study, method, dataset)
    limit = evaluated_use(study, dataset).calibration_limit
    use = settings.use.model_copy(update={"split": "calibration", "limit": limit})
    return settings.model_copy(update={"use": use})


def _answered(use: DatasetUse) -> DatasetUse:
    # Who judges answers is no matter of how they come about, nor what calibrators are fitted on.
    return use.model_copy(update={"judge": None, "calibration_limit": None})


def asked(elicitation: Elicitation) -> Elicitation:
    """Return what of an elicitation a model sees: not how measures treat a missing confidence."""
    return elicitation.model_copy(update={"missing_confidence": "drop"})


def transcript_settings(study: Study, method: str, dataset: str) -> TranscriptSettings:
    """Return the settings of ``read_transcripts`` for one method and dataset."""
    recorded = study.methods[method]
    if not isinstance(recorded, RecordedMethod):
        raise CalibrantError(f"method {method!r} is not recorded")
    use = _answered(evaluated_use(study, dataset))
    return TranscriptSettings(method=method, use=use, recorded=recorded)


def grade_settings(study: Study, method: str) -> GradeSettings:
    """Return the settings of ``grade`` for one method."""
    entry = study.methods[method]
    confidence = entry.confidence if isinstance(entry, RecordedMethod) else "stated"
    elicitation = elicitation_of(study, method)
    # All formats of one statement are read alike, and recorded transcripts are in one of these.
    several = elicitation.format == SENTENCES and not isinstance(entry, RecordedMethod)
    layout = SENTENCES if several else "answer_confidence"
    return GradeSettings(scale=elicitation.scale, confidence=confidence, format=layout)


def measure_settings(study: Study) -> MeasureSettings:
    """Return the settings of ``measure``."""
    return MeasureSettings(
        measures=study.measures, missing_confidence=study.elicitation.missing_confidence
    )


def faithfulness_settings(study: Study) -> FaithfulnessSettings:
    """Return the settings of ``faithfulness``."""
    return FaithfulnessSettings(replicates=study.measures.replicates, level=study.measures.level)


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
        datasets=[card_of(study, dataset) for dataset in datasets_of(study)],
        methods={method: describe_method(study, method) for method in study.methods},
        missing_confidence=study.elicitation.missing_confidence,
        starts=starts_of(study) if study.report.beside else {},
    )


def publish_settings(name: str) -> PublishSettings:
    """Return the settings of ``publish``."""
    return PublishSettings(study=name)


def describe_method(study: Study, name: str) -> str:
    """Return what the report says about a method."""
    method = study.methods[name]
    if isinstance(method, RecordedMethod):
        return describe_recorded(method)
    if isinstance(method, DerivedMethod):
        return describe_derived(method)
    model = model_of(study, name)
    words = describe_answering(method, model, study.models[model], elicitation_of(study, name))
    return words + (describe_labels(study, method) if isinstance(method, TrainedMethod) else "")
