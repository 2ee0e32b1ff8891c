"""Checks of a study's names and datasets: what cannot be seen from one setting alone."""

import re
from collections.abc import Mapping
from pathlib import Path

from calibrant.data.catalog import load_catalog
from calibrant.data.settings import DatasetUse, TrainingUse
from calibrant.errors import CalibrantError
from calibrant.spelling import did_you_mean
from calibrant.study import Study
from calibrant.study_datasets import (
    MADE_KEYS,
    dataset_entry,
    is_held_out,
    kind_of,
    known_datasets,
    splits_of,
)

PATH_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
"""A name that can be part of a path."""


def check_names(path: Path, study: Study) -> None:
    """Refuse names that cannot be file names, and names that mean two things.

    Raises:
        CalibrantError: Names the first such name.
    """
    groups: dict[str, Mapping[str, object]] = {
        "models": study.models,
        "methods": study.methods,
        "rewards": study.rewards,
        "judges": study.judges,
        **{f"datasets.{key}": getattr(study.datasets, key) for key in MADE_KEYS},
    }
    taken = set(load_catalog())
    for key, names in groups.items():
        is_dataset = key.startswith("datasets")
        for name in names:
            # A dot would make the file names of two datasets the same.
            if not PATH_NAME.fullmatch(name) or (is_dataset and "." in name):
                raise CalibrantError(
                    f"the name {name!r} cannot be part of a file name",
                    where=f"{path}: {key}",
                    repair="Use letters, digits, '-' and '_'",
                )
            if is_dataset and name in taken:
                raise CalibrantError(
                    f"the name {name!r} is taken by another dataset",
                    where=f"{path}: {key}",
                    repair="Choose another name",
                )
        if is_dataset:
            taken.update(names)


def check_datasets(path: Path, study: Study) -> None:
    """Refuse datasets that do not exist or cannot be used as the study says.

    Raises:
        CalibrantError: Names the first of them.
    """
    known = known_datasets(study)
    for key in ("train", "evaluate"):
        for number, use in enumerate(getattr(study.datasets, key)):
            where = f"{path}: datasets.{key}[{number}].dataset"
            if use.dataset not in known:
                raise CalibrantError(
                    f"unknown dataset {use.dataset!r}",
                    where=where,
                    repair=f"{did_you_mean(use.dataset, known)}`calibrant datasets` lists them all",
                )
            if key == "train":
                _check_training(where, study, use)
        listed = [use.dataset for use in getattr(study.datasets, key)]
        for name in listed:
            if listed.count(name) > 1:
                raise CalibrantError(
                    f"{name!r} is listed twice", where=f"{path}: datasets.{key}", repair="Keep one"
                )
    for number, use in enumerate(study.datasets.evaluate):
        _check_evaluation(f"{path}: datasets.evaluate[{number}]", study, use)
    for name, own in study.datasets.own.items():
        if not Path(own.file).is_file():
            raise CalibrantError(
                f"there is no file {own.file!r}",
                where=f"{path}: datasets.own.{name}.file",
                repair="Paths start at the project's folder",
            )


def _check_training(where: str, study: Study, use: TrainingUse) -> None:
    if is_held_out(study, use.dataset):
        raise CalibrantError(
            f"{use.dataset!r} is held out and must not be trained on",
            where=where,
            repair="Remove it from datasets.train, or evaluate on it instead",
        )
    entry = dataset_entry(study, use.dataset)
    if entry is not None and not entry.trainable:
        raise CalibrantError(
            f"{use.dataset!r} must not be trained on: {entry.notes or 'its rows are for evaluation'}",
            where=where,
            repair="Remove it from datasets.train",
        )
    if "train" not in splits_of(study, use.dataset):
        raise CalibrantError(
            f"{use.dataset!r} has no train split", where=where, repair="Choose another dataset"
        )


def _check_evaluation(where: str, study: Study, use: DatasetUse) -> None:
    kind = kind_of(study, use.dataset)
    if kind == "judgements":
        return
    splits = splits_of(study, use.dataset)
    if use.split not in splits:
        raise CalibrantError(
            f"{use.dataset!r} has no {use.split} split",
            where=f"{where}.split",
            repair=f"It has: {', '.join(sorted(splits))}",
        )
    trained_on = use.dataset in [item.dataset for item in study.datasets.train]
    chooses = any(method.kind == "trained" for method in study.methods.values())
    if trained_on and (use.split == "train" or (use.split == "validation" and chooses)):
        why = "is trained on" if use.split == "train" else "chooses the checkpoint"
        raise CalibrantError(
            f"{use.dataset!r} {why}, so its {use.split} split shows nothing",
            where=f"{where}.split",
            repair="Evaluate on its test split",
        )
    if kind == "transcripts" and use.limit is not None:
        raise CalibrantError(
            "the figures published for recorded transcripts are those of all rows",
            where=f"{where}.limit",
            repair="Take the limit out",
        )
