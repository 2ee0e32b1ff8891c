"""The selection of training questions: checks of what it names, and what its stages are told."""

from pathlib import Path

from calibrant.data.settings import DatasetUse
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError
from calibrant.spelling import did_you_mean
from calibrant.stage_settings.answers import GenerateSettings
from calibrant.stage_settings.selection import SampleSettings, SelectSettings
from calibrant.study import Study
from calibrant.training.selection_settings import Selection

METHOD = "start"
"""What the answers name as the system that gave them."""


def selection_of(study: Study) -> Selection:
    """Return the selection of a study.

    Raises:
        CalibrantError: If it has none.
    """
    if study.selection is None:
        raise CalibrantError("the study selects no training questions", where="selection")
    return study.selection


def selection_model(study: Study) -> str:
    """Return the name of the model that answers the training questions."""
    return selection_of(study).model or next(iter(study.models))


def sample_settings(study: Study) -> SampleSettings:
    """Return the settings of ``sample``."""
    selection, model = selection_of(study), study.models[selection_model(study)]
    generation: Generation = model.generation or study.generation
    elicitation = model.elicitation or study.elicitation
    return SampleSettings(
        limit=selection.limit,
        generate=GenerateSettings(
            method=METHOD,
            use=DatasetUse(dataset="training", split="train"),
            # How measures treat a missing confidence is no matter of how a model is asked.
            elicitation=elicitation.model_copy(update={"missing_confidence": "drop"}),
            generation=generation.model_copy(
                update={"samples": selection.samples, "temperature": selection.temperature}
            ),
        ),
    )


def select_settings(study: Study) -> SelectSettings:
    """Return the settings of ``select_questions``."""
    selection, model = selection_of(study), selection_model(study)
    return SelectSettings(
        model=model,
        # Who is sampled, and how many questions, is seen in the samples.
        selection=selection.model_copy(update={"model": None, "limit": None}),
        scale=(study.models[model].elicitation or study.elicitation).scale,
        replicates=study.measures.replicates,
        level=study.measures.level,
    )


def check_selection(path: Path, study: Study) -> None:
    """Refuse a selection without questions, or by a model that is not there.

    Raises:
        CalibrantError: Names the first fault.
    """
    selection = study.selection
    if selection is None:
        return
    where = f"{path}: selection"
    if not study.datasets.train:
        raise CalibrantError(
            "there is nothing to select from: datasets.train is empty",
            where=where,
            repair="Add a dataset to datasets.train",
        )
    known = ", ".join(study.models) or "none"
    if selection.model is None and len(study.models) != 1:
        raise CalibrantError(
            "the selection does not say which model answers the questions",
            where=where,
            repair=f"Write `model: NAME`. Models here: {known}",
        )
    if selection.model is not None and selection.model not in study.models:
        raise CalibrantError(
            f"unknown model {selection.model!r}",
            where=f"{where}.model",
            repair=f"{did_you_mean(selection.model, study.models)}Models here: {known}",
        )
