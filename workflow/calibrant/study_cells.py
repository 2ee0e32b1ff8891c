"""Who and what is in a study: its datasets, methods, seeds, and the cells that they make."""

from calibrant.baselines.settings import SampledMethod
from calibrant.data.settings import DatasetUse
from calibrant.elicitation.settings import Elicitation
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError
from calibrant.model_settings import Model
from calibrant.recorded_settings import RecordedMethod
from calibrant.study import Study
from calibrant.study_datasets import kind_of
from calibrant.study_methods import DerivedMethod
from calibrant.training.settings import TrainedMethod


def datasets_of(study: Study) -> list[str]:
    """Return every dataset the study uses, in order of first use."""
    names = [use.dataset for use in study.datasets.train]
    names += [use.dataset for use in study.datasets.evaluate]
    names += [judge.verdicts for judge in study.judges.values()]
    return list(dict.fromkeys(names))


def methods_of_kind(study: Study, *kinds: str) -> list[str]:
    """Return the names of all methods of some kinds."""
    return [name for name, method in study.methods.items() if method.kind in kinds]


def seeds_of(study: Study, method: str) -> list[int]:
    """Return the seeds of a method: several if it is trained, else that of the study."""
    settings = study.methods[method]
    if isinstance(settings, DerivedMethod):
        return seeds_of(study, settings.of)
    count = (settings.seeds or study.seeds) if isinstance(settings, TrainedMethod) else 1
    return [study.seed + step for step in range(count)]


def trainings_of(study: Study) -> list[tuple[str, int]]:
    """Return the (method, seed) pairs that are trained."""
    names = methods_of_kind(study, "trained")
    return [(name, seed) for name in names for seed in seeds_of(study, name)]


def cells_of(study: Study) -> list[tuple[str, int, str]]:
    """Return the (method, seed, dataset) triples that are measured."""
    return [
        (name, seed, use.dataset)
        for name in study.methods
        for seed in seeds_of(study, name)
        for use in study.datasets.evaluate
        if _answers(study, name, use.dataset)
    ]


def _answers(study: Study, method: str, dataset: str) -> bool:
    kind = kind_of(study, dataset)
    if study.methods[method].kind == "recorded":
        return kind == "transcripts"
    chosen = _model(study, method).datasets
    return kind == "questions" and (chosen is None or dataset in chosen)


def model_of(study: Study, method: str) -> str:
    """Return the name of the model that a method asks or trains.

    Raises:
        CalibrantError: If the method has none.
    """
    settings = study.methods[method]
    if isinstance(settings, DerivedMethod):
        return model_of(study, settings.of)
    if isinstance(settings, RecordedMethod):
        raise CalibrantError(f"method {method!r} is recorded and has no model")
    if settings.model is not None:
        return settings.model
    if len(study.models) != 1:
        raise CalibrantError(
            f"method {method!r} needs a model", repair="Write `model: NAME` with one of `models`"
        )
    return next(iter(study.models))


def _model(study: Study, method: str) -> Model:
    return study.models[model_of(study, method)]


def elicitation_of(study: Study, method: str) -> Elicitation:
    """Return how a method is asked: as its model says, or else as the study does."""
    if study.methods[method].kind == "recorded":
        return study.elicitation
    return _model(study, method).elicitation or study.elicitation


def generation_of(study: Study, method: str) -> Generation:
    """Return how a method generates text: as its model says, or else as the study does."""
    usual = _model(study, method).generation or study.generation
    settings = study.methods[method]
    if not isinstance(settings, SampledMethod):
        return usual
    return usual.model_copy(
        update={"samples": settings.samples, "temperature": settings.temperature}
    )


def evaluated_use(study: Study, dataset: str) -> DatasetUse:
    """Return how a dataset is used in evaluation."""
    return next(use for use in study.datasets.evaluate if use.dataset == dataset)


def starts_of(study: Study) -> dict[str, str]:
    """Return for every trained method the first one of the same model as it was before, if any."""
    before: dict[str, str] = {}
    for name in methods_of_kind(study, "model"):
        before.setdefault(model_of(study, name), name)
    trained = methods_of_kind(study, "trained")
    return {
        name: before[model_of(study, name)] for name in trained if model_of(study, name) in before
    }
