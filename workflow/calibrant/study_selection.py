"""The selection of training questions: checks of what it names, and what its stages are told."""

from collections.abc import Iterator
from math import floor
from pathlib import Path

from calibrant.data.settings import DatasetUse, GeneratedDataset, LabDataset, TrainingUse
from calibrant.elicitation.prompts import ALL_FORMATS
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError
from calibrant.spelling import did_you_mean
from calibrant.stage_settings.answers import GenerateSettings
from calibrant.stage_settings.selection import ChooseSettings, SampleSettings, SelectSettings
from calibrant.study import Study
from calibrant.study_datasets import defined_dataset
from calibrant.study_second_query import check_second_query
from calibrant.training.selection_settings import Selection
from calibrant.training.self_rating_settings import SelfRating
from calibrant.training.settings import TrainedMethod

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
        learnt_from=[use.dataset for use in study.datasets.train],
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
        learnt_from=[use.dataset for use in study.datasets.train],
        # Who is sampled, and how many questions, is seen in the samples; ratings come later.
        selection=selection.model_copy(update={"model": None, "limit": None, "self_rating": None}),
        scale=(study.models[model].elicitation or study.elicitation).scale,
        replicates=study.measures.replicates,
        level=study.measures.level,
    )


def self_rating_of(study: Study) -> SelfRating:
    """Return how a study's questions are chosen by self-rating.

    Raises:
        CalibrantError: If they are not.
    """
    rating = selection_of(study).self_rating
    if rating is None:
        raise CalibrantError("the study rates no questions", where="selection.self_rating")
    return rating


def rate_settings(study: Study) -> GenerateSettings:
    """Return the settings of ``rate_questions``: the likeliest reply of the model that answered."""
    rating, asked = self_rating_of(study), sample_settings(study).generate
    return asked.model_copy(
        update={
            "generation": asked.generation.model_copy(
                update={
                    "samples": 1,
                    "temperature": 0.0,
                    "max_new_tokens": rating.max_new_tokens,
                }
            )
        }
    )


def choose_settings(study: Study) -> ChooseSettings:
    """Return the settings of ``choose_questions``."""
    select = select_settings(study)
    return ChooseSettings(
        model=select.model,
        per_end=self_rating_of(study).per_end,
        scale=select.scale,
        replicates=select.replicates,
        level=select.level,
    )


def question_set(study: Study, method: str) -> str:
    """Return which training questions a trained method learns from, ``all`` or the name of a set."""
    trained = study.methods[method]
    if not isinstance(trained, TrainedMethod):
        raise CalibrantError(f"method {method!r} is not trained")
    return trained.questions


def check_selection(path: Path, study: Study) -> None:
    """Refuse a selection without questions, by a model that is not there, or of sets nobody makes.

    Raises:
        CalibrantError: Names the first fault.
    """
    selection = study.selection
    for name, method in study.methods.items():
        chosen = isinstance(method, TrainedMethod) and method.questions != "all"
        if chosen and (selection is None or selection.self_rating is None):
            raise CalibrantError(
                "the method trains on a set of questions that nobody chooses",
                where=f"{path}: methods.{name}.questions",
                repair="Add `self_rating: {per_end: N}` to `selection`, or take `questions` out",
            )
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
    if selection.self_rating is not None:
        _check_self_rating(path, study, selection, selection.self_rating)


def _pools(study: Study, selection: Selection) -> Iterator[tuple[str, int, str]]:
    """Yield whose questions are limited, to how many, and what to raise for more."""
    for key, most in (("keep", selection.keep), ("limit", selection.limit)):
        if most is not None:
            yield "a dataset", most, f"`{key}` of `selection`"
    for number, use in enumerate(study.datasets.train):
        yield from _training_pools(study, number, use)


def _training_pools(study: Study, number: int, use: TrainingUse) -> Iterator[tuple[str, int, str]]:
    if use.limit is not None:
        yield repr(use.dataset), use.limit, f"`limit` of datasets.train[{number}]"
    made = defined_dataset(study, use.dataset)
    # How many rows a file or a public source has is not known before it is read.
    if isinstance(made, GeneratedDataset | LabDataset):
        # The split goes by content hash, so this is the number to expect. 0.29 * 100 is 29.
        most = floor(made.size * made.fractions.get("train", 0.0) + 1e-9)
        yield repr(use.dataset), most, f"`size` or the train fraction of {use.dataset!r}"


def _check_self_rating(path: Path, study: Study, selection: Selection, rating: SelfRating) -> None:
    where = f"{path}: selection.self_rating"
    for dataset, most, raised in _pools(study, selection):
        if most < 2 * rating.per_end:
            raise CalibrantError(
                f"{2 * rating.per_end} questions of {dataset} are to be chosen among {most}",
                where=f"{where}.per_end",
                repair=f"Lower it, or raise {raised}",
            )
    name = selection_model(study)
    asked = study.models[name].elicitation or study.elicitation
    if asked.format not in ALL_FORMATS:
        raise CalibrantError(
            "a rating is of one statement, and an answer here has several",
            where=where,
            repair=f"Ask for one of: {', '.join(ALL_FORMATS)}",
        )
    check_second_query(where, study.models[name])
    for method, trained in study.methods.items():
        if not isinstance(trained, TrainedMethod) or trained.questions == "all":
            continue
        if (trained.model or name) != name:
            raise CalibrantError(
                f"the questions are chosen by what {name!r} says of itself, and the method trains "
                f"{trained.model!r}",
                where=f"{path}: methods.{method}.questions",
                repair="Make `model` of the method that of `selection`, or take `questions` out",
            )
