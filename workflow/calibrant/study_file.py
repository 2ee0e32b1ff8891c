"""Reading a study: YAML to ``Study``, with errors that name the file, the key and the repair."""

import reprlib
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from calibrant.errors import CalibrantError
from calibrant.method_checks import check_methods, check_models
from calibrant.spelling import did_you_mean
from calibrant.strict_yaml import read_yaml_mapping
from calibrant.study import Study
from calibrant.study_certificates import check_certificates
from calibrant.study_checks import PATH_NAME, check_datasets, check_names
from calibrant.study_comparisons import check_comparisons
from calibrant.study_derived import check_derived
from calibrant.study_judges import check_judges
from calibrant.study_published import check_beside
from calibrant.study_secrets import check_no_secrets
from calibrant.study_selection import check_selection
from calibrant.study_sentences import check_sentences

STUDIES_FOLDER = Path("config/studies")


def study_path(name: str) -> Path:
    """Return the file of a study named on the command line.

    Args:
        name: ``quickstart`` (a file of ``config/studies``) or the path of a ``.yaml`` file.

    Raises:
        CalibrantError: If there is no such study; lists those there are.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else STUDIES_FOLDER / f"{name}.yaml"
    if path.is_file():
        if not PATH_NAME.fullmatch(path.stem):
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
        repair=f"{did_you_mean(name, known)}Studies here: {', '.join(known) or 'none'}",
    )


def load_study(path: Path | str) -> Study:
    """Read and check a study.

    Raises:
        CalibrantError: For anything wrong with it, before any job runs.
    """
    path = Path(path)
    document = read_yaml_mapping(path)
    check_no_secrets(path, document)
    try:
        study = Study(**document)
    except ValidationError as error:
        raise _validation_error(path, error) from error
    except TypeError as error:
        raise CalibrantError(f"a key is not text: {error}", where=path) from error
    check_names(path, study)
    check_datasets(path, study)
    check_models(path, study)
    check_methods(path, study)
    check_judges(path, study)
    check_selection(path, study)
    check_certificates(path, study)
    check_derived(path, study)
    check_sentences(path, study)
    check_comparisons(path, study)
    check_beside(path, study)
    return study


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
        hint = did_you_mean(str(detail["loc"][-1]), _all_keys())
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
    schema = Study.model_json_schema()
    parts = [schema, *schema["$defs"].values()]
    return sorted({key for part in parts for key in part.get("properties", {})})
