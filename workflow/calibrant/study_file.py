"""Reading a study: YAML to ``Study``, with errors that name the file, the key and the repair."""

import difflib
import re
import reprlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from calibrant import study as models
from calibrant.data.catalog import CatalogEntry, load_catalog
from calibrant.errors import CalibrantError
from calibrant.rewards import settings as reward_models
from calibrant.settings import Settings
from calibrant.strict_yaml import read_yaml_mapping
from calibrant.study import DatasetUse, LocalModel, RecordedMethod, Study, TrainingUse

STUDIES_FOLDER = Path("config/studies")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


def study_path(name: str) -> Path:
    """Return the file of a study named on the command line.

    Args:
        name: ``quickstart`` (a file of ``config/studies``) or the path of a ``.yaml`` file.

    Raises:
        CalibrantError: If there is no such study; lists those there are.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else STUDIES_FOLDER / f"{name}.yaml"
    if path.is_file():
        if not _NAME.fullmatch(path.stem):
            raise CalibrantError(
                f"the name {path.stem!r} cannot be part of a path",
                where=path,
                repair="Rename it with letters, digits, '-' and '_'",
            )
        return path
    known = sorted(file.stem for file in STUDIES_FOLDER.glob("*.yaml"))
    raise CalibrantError(
        f"there is no study {name!r}",
        where=path,
        repair=f"{_did_you_mean(name, known)}Studies here: {', '.join(known) or 'none'}",
    )


def load_study(path: Path | str) -> Study:
    """Read and check a study.

    Raises:
        CalibrantError: For anything wrong with it, before any job runs.
    """
    path = Path(path)
    document = read_yaml_mapping(path)
    try:
        study = Study(**document)
    except ValidationError as error:
        raise _validation_error(path, error) from error
    except TypeError as error:
        raise CalibrantError(f"a key is not text: {error}", where=path) from error
    _check_names(path, study)
    _check_datasets(path, study)
    _check_model(path, study)
    _check_methods(path, study)
    return study


def dataset_entry(study: Study, name: str) -> CatalogEntry | None:
    """Return the catalog entry of a dataset, or None if the study generates or owns it."""
    if name in study.datasets.generated or name in study.datasets.own:
        return None
    return load_catalog()[name]


def is_held_out(study: Study, name: str) -> bool:
    """Return whether a dataset is kept out of training, warm-up, selection and tuning."""
    if own := study.datasets.own.get(name):
        return own.held_out
    entry = dataset_entry(study, name)
    return entry is not None and entry.held_out


def _validation_error(path: Path, error: ValidationError) -> CalibrantError:
    # A misspelt key is also a missing one; the misspelling says more.
    details = sorted(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")
    first = details[0]
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    what, repair = _describe(first)
    return CalibrantError(f"{what}{more}", where=f"{path}: {_key(first['loc'])}", repair=repair)


def _describe(detail: ErrorDetails) -> tuple[str, str]:
    """Say what is wrong and how to repair it, for one error of pydantic."""
    kind, value = detail["type"], detail.get("input")
    if kind == "extra_forbidden":
        hint = _did_you_mean(str(detail["loc"][-1]), _all_keys())
        return "unknown key", f"{hint}config/README.md lists every setting"
    if kind == "missing":
        return "this key is missing", "Add it; config/README.md says what it holds"
    if kind == "union_tag_invalid":
        return f"{value!r} has an unknown kind", str(detail["msg"])
    if kind == "value_error":
        return str(detail["ctx"]["error"]), ""
    shown = reprlib.repr(value)
    message = detail["msg"].replace("Input should be", "it must be")
    if (
        kind in ("less_than", "less_than_equal")
        and detail["ctx"].get("lt", detail["ctx"].get("le")) == 1
    ):
        return f"{shown} is not a probability or share", f"{message}: write 0.95, not 95"
    return f"{shown} does not fit here", message


def _key(location: Iterable[int | str]) -> str:
    """Write a location as ``datasets.train[0].limit``; ``study`` for the whole document."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".") or "study"


def _all_keys() -> list[str]:
    named = {**vars(models), **vars(reward_models)}
    classes = [item for item in named.values() if isinstance(item, type)]
    return sorted(
        {key for item in classes if issubclass(item, Settings) for key in item.model_fields}
    )


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}? " if close else ""


def _check_names(path: Path, study: Study) -> None:
    """Refuse names that cannot be file names, and names that mean two things."""
    groups: dict[str, Mapping[str, object]] = {
        "methods": study.methods,
        "rewards": study.rewards,
        "datasets.generated": study.datasets.generated,
        "datasets.own": study.datasets.own,
    }
    for key, names in groups.items():
        for name in names:
            # A dot would make the file names of two datasets the same.
            if not _NAME.fullmatch(name) or (key.startswith("datasets") and "." in name):
                raise CalibrantError(
                    f"the name {name!r} cannot be part of a file name",
                    where=f"{path}: {key}",
                    repair="Use letters, digits, '-' and '_'",
                )
    for key in ("generated", "own"):
        for name in getattr(study.datasets, key):
            if name in load_catalog() or (key == "own" and name in study.datasets.generated):
                raise CalibrantError(
                    f"the name {name!r} is taken by another dataset",
                    where=f"{path}: datasets.{key}",
                    repair="Choose another name",
                )


def _check_datasets(path: Path, study: Study) -> None:
    known = [*study.datasets.generated, *study.datasets.own, *load_catalog()]
    for key in ("train", "evaluate"):
        for number, use in enumerate(getattr(study.datasets, key)):
            where = f"{path}: datasets.{key}[{number}].dataset"
            if use.dataset not in known:
                raise CalibrantError(
                    f"unknown dataset {use.dataset!r}",
                    where=where,
                    repair=f"{_did_you_mean(use.dataset, known)}`calibrant datasets` lists them all",
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
    if "train" not in _splits(study, use.dataset):
        raise CalibrantError(
            f"{use.dataset!r} has no train split", where=where, repair="Choose another dataset"
        )


def _check_evaluation(where: str, study: Study, use: DatasetUse) -> None:
    entry = dataset_entry(study, use.dataset)
    if entry is not None and entry.kind == "judgements":
        return
    splits = _splits(study, use.dataset)
    if use.split not in splits:
        raise CalibrantError(
            f"{use.dataset!r} has no {use.split} split",
            where=f"{where}.split",
            repair=f"It has: {', '.join(sorted(splits))}",
        )
    if use.split == "train" and use.dataset in [item.dataset for item in study.datasets.train]:
        raise CalibrantError(
            f"{use.dataset!r} is trained on, so its train split shows nothing",
            where=f"{where}.split",
            repair="Evaluate on its test split",
        )
    if entry is not None and entry.kind == "transcripts" and use.limit is not None:
        raise CalibrantError(
            "the figures published for recorded transcripts are those of all rows",
            where=f"{where}.limit",
            repair="Take the limit out",
        )


def _splits(study: Study, name: str) -> set[str]:
    """Return the splits of a dataset that hold any rows."""
    if generated := study.datasets.generated.get(name):
        shares = [generated.fractions]
    elif own := study.datasets.own.get(name):
        shares = [own.fractions]
    else:
        shares = list(load_catalog()[name].parts.values())
    return {split for part in shares for split, share in part.items() if share > 0}


def _check_model(path: Path, study: Study) -> None:
    if isinstance(study.model, LocalModel) and not Path(study.model.path).exists():
        raise CalibrantError(
            f"there is no model {study.model.path!r}",
            where=f"{path}: model.path",
            repair="Paths start at the project's folder",
        )


def _check_methods(path: Path, study: Study) -> None:
    entries = [dataset_entry(study, use.dataset) for use in study.datasets.evaluate]
    answered = any(entry is None or entry.kind == "questions" for entry in entries)
    recorded = [entry for entry in entries if entry is not None and entry.kind == "transcripts"]
    for name, method in study.methods.items():
        if method.kind == "model" and not answered:
            raise CalibrantError(
                "there is nothing for the model to answer: datasets.evaluate holds no questions",
                where=f"{path}: methods.{name}",
                repair="Add a dataset to datasets.evaluate",
            )
        if method.kind == "recorded":
            _check_recorded(f"{path}: methods.{name}", method, recorded, study.elicitation.scale)


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
