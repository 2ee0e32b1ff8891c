"""Checks of a study's models and methods: that what they name is there and can be used so."""

from pathlib import Path

from calibrant.data.catalog import CatalogEntry
from calibrant.errors import CalibrantError
from calibrant.model_settings import LocalModel, Model
from calibrant.recorded_settings import RecordedMethod
from calibrant.spelling import did_you_mean
from calibrant.study import Study
from calibrant.study_datasets import dataset_entry, kind_of, splits_of
from calibrant.study_methods import DerivedMethod, ModelMethod
from calibrant.study_second_query import check_second_query
from calibrant.training.settings import TrainedMethod

LEAST_FAITHFUL = 3
"""Completions of a question with which faithfulness can be told without the one that is credited."""


def check_models(path: Path, study: Study) -> None:
    """Refuse models that are not there, or that are to answer what cannot be asked.

    Raises:
        CalibrantError: Names the first of them.
    """
    for name, model in study.models.items():
        where = f"{path}: models.{name}"
        if isinstance(model, LocalModel) and not Path(model.path).exists():
            raise CalibrantError(
                f"there is no model {model.path!r}",
                where=f"{where}.path",
                repair="Paths start at the project's folder",
            )
        _check_answered(f"{where}.datasets", study, model)
        if model.warm_up and model.warm_up.own_replies and not study.datasets.train:
            raise CalibrantError(
                "there is no question that the model could reply to: datasets.train is empty",
                where=f"{where}.warm_up.own_replies",
                repair="Add a dataset to datasets.train",
            )
        policy = study.elicitation.missing_confidence
        if model.elicitation and model.elicitation.missing_confidence != policy:
            raise CalibrantError(
                "a study measures all methods with one policy for missing confidences",
                where=f"{where}.elicitation.missing_confidence",
                repair=f"Write `missing_confidence: {policy}` here as well",
            )


def _check_answered(where: str, study: Study, model: Model) -> None:
    evaluated = [use.dataset for use in study.datasets.evaluate]
    for name in model.datasets or ():
        if name not in evaluated:
            raise CalibrantError(
                f"{name!r} is not in datasets.evaluate",
                where=where,
                repair=f"{did_you_mean(name, evaluated)}Add it there, or take it out here",
            )
        if kind_of(study, name) != "questions":
            raise CalibrantError(
                f"{name!r} holds no questions for a model",
                where=where,
                repair="Take it out here",
            )


def check_methods(path: Path, study: Study) -> None:
    """Refuse methods without a model, a reward, or data that they need.

    Raises:
        CalibrantError: Names the first of them.
    """
    entries = [dataset_entry(study, use.dataset) for use in study.datasets.evaluate]
    answered = any(entry is None or entry.kind == "questions" for entry in entries)
    recorded = [entry for entry in entries if entry is not None and entry.kind == "transcripts"]
    for name, method in study.methods.items():
        where = f"{path}: methods.{name}"
        if isinstance(method, DerivedMethod):
            continue
        if isinstance(method, RecordedMethod):
            _check_recorded(where, method, recorded, study.elicitation.scale)
            continue
        if not answered:
            raise CalibrantError(
                "there is nothing for the model to answer: datasets.evaluate holds no questions",
                where=where,
                repair="Add a dataset to datasets.evaluate",
            )
        _check_model_of(where, study, method)
        if isinstance(method, TrainedMethod):
            _check_trained(where, study, method)


def _check_model_of(where: str, study: Study, method: ModelMethod | TrainedMethod) -> None:
    if not study.models:
        raise CalibrantError(
            "the method needs a model, and the study has none",
            where=where,
            repair="Add a `models` section",
        )
    known = ", ".join(study.models)
    if method.model is None and len(study.models) > 1:
        raise CalibrantError(
            "the method does not say which of the study's models it is",
            where=where,
            repair=f"Write `model: NAME`. Models here: {known}",
        )
    if method.model is not None and method.model not in study.models:
        raise CalibrantError(
            f"unknown model {method.model!r}",
            where=f"{where}.model",
            repair=f"{did_you_mean(method.model, study.models)}Models here: {known}",
        )


def _check_trained(where: str, study: Study, method: TrainedMethod) -> None:
    if method.reward not in study.rewards:
        hint = did_you_mean(method.reward, study.rewards)
        raise CalibrantError(
            f"unknown reward {method.reward!r}",
            where=f"{where}.reward",
            repair=f"{hint}Rewards here: {', '.join(study.rewards) or 'none'}",
        )
    trained_on = [use.dataset for use in study.datasets.train]
    if not trained_on:
        raise CalibrantError(
            "there is nothing to train on: datasets.train is empty",
            where=where,
            repair="Add a dataset to datasets.train",
        )
    for name in method.datasets or ():
        if name not in trained_on:
            raise CalibrantError(
                f"{name!r} is not in datasets.train",
                where=f"{where}.datasets",
                repair=f"{did_you_mean(name, trained_on)}Add it there, or take it out here",
            )
    _check_faithful(where, study, method)
    learnt_from = method.datasets or trained_on
    if not any("validation" in splits_of(study, name) for name in learnt_from):
        raise CalibrantError(
            "no dataset it learns from has a validation split, which chooses the checkpoint",
            where=where,
            repair="Give one of them a share for `validation` under `fractions`, or add another",
        )
    training = method.training or study.training
    if method.estimator != "ppo" and training.samples < 2:
        raise CalibrantError(
            f"`{method.estimator}` compares the completions of a question, and there is only one",
            where=where,
            repair="Set `samples` of `training` to 2 or more, or use `estimator: ppo`",
        )
    alone = method.feedback == "rlmf_symmetric" and method.self_judgement is None
    if alone and training.questions < 2:
        raise CalibrantError(
            "`rlmf_symmetric` without `self_judgement` scales by other questions, and there is only one",
            where=where,
            repair="Set `questions` of `training` to 2 or more",
        )


def _check_faithful(where: str, study: Study, method: TrainedMethod) -> None:
    """Refuse faithfulness without a group to show it, and a self-judgement of nothing."""
    paid = study.rewards[method.reward].faithfulness > 0
    samples = (method.training or study.training).samples
    if paid and samples < LEAST_FAITHFUL:
        raise CalibrantError(
            f"faithfulness compares the answers to a question, and {samples} are too few: one is "
            "left out, and two more are needed to compare",
            where=where,
            repair=f"Set `samples` of `training` to {LEAST_FAITHFUL} or more",
        )
    if method.self_judgement is None:
        return
    if not paid:
        raise CalibrantError(
            "the policy is asked how faithful it is, and its reward does not look at that",
            where=f"{where}.self_judgement",
            repair=f"Give the reward {method.reward!r} a factor on `faithfulness`, or take it out",
        )
    model = study.models[method.model or next(iter(study.models))]
    check_second_query(f"{where}.self_judgement", model)


def _check_recorded(
    where: str, method: RecordedMethod, entries: list[CatalogEntry], scale: str
) -> None:
    if not entries:
        raise CalibrantError(
            "a recorded method needs a dataset of transcripts in datasets.evaluate",
            where=where,
            repair="Add rlcr_commonsenseqa there, or make the method `kind: model`",
        )
    for entry in entries:
        if method.system not in entry.systems:
            raise CalibrantError(
                f"there is no system {method.system!r} in {entry.title}",
                where=f"{where}.system",
                repair=f"There are: {', '.join(entry.systems)}",
            )
        if method.confidence == "stated" and entry.scale != scale:
            raise CalibrantError(
                f"the confidences in {entry.title} are not written on the scale {scale!r}",
                where=where,
                repair=f"Write `scale: {entry.scale}` under `elicitation`",
            )
