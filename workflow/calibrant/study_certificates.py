"""The certificates of a study: checks of what they name, and what the stage is told of them."""

from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.spelling import did_you_mean
from calibrant.stage_settings.measure import CertifySettings
from calibrant.study import Study
from calibrant.study_cells import cells_of, evaluated_use
from calibrant.study_datasets import kind_of, splits_of

_ANSWERING = ("model", "trained")


def certificates_of(study: Study) -> list[tuple[str, int, str]]:
    """Return the (method, seed, dataset) triples that get a certificate."""
    asked = study.certificates
    if asked is None:
        return []
    return [
        (method, seed, dataset)
        for method, seed, dataset in cells_of(study)
        if dataset in asked.datasets
        and study.methods[method].kind in _ANSWERING
        and (not asked.methods or method in asked.methods)
    ]


def certify_settings(study: Study, dataset: str) -> CertifySettings:
    """Return the settings of ``certify`` for one dataset.

    Raises:
        CalibrantError: If the study asks for no certificate.
    """
    asked = study.certificates
    if asked is None:
        raise CalibrantError("the study asks for no certificate")
    return CertifySettings(
        dataset=dataset, risk=asked.risk, confidence=asked.confidence, level=study.measures.level
    )


def applied_to(study: Study, method: str, dataset: str) -> list[str]:
    """Return the datasets a certificate is applied to: its own first, then the others."""
    answered = [name for cell, _, name in cells_of(study) if cell == method]
    return list(dict.fromkeys([dataset, *answered]))


def check_certificates(path: Path, study: Study) -> None:
    """Refuse certificates of what cannot be certified.

    Raises:
        CalibrantError: Names the first of them.
    """
    asked = study.certificates
    if asked is None:
        return
    where = f"{path}: certificates"
    evaluated = [use.dataset for use in study.datasets.evaluate]
    for name in asked.datasets:
        check_calibration_split(f"{where}.datasets", study, name, evaluated)
    answering = [name for name, method in study.methods.items() if method.kind in _ANSWERING]
    for name in asked.methods:
        if name not in answering:
            raise CalibrantError(
                f"{name!r} is no method that answers here",
                where=f"{where}.methods",
                repair=f"{did_you_mean(name, answering)}There are: {', '.join(answering) or 'none'}",
            )


def check_calibration_split(where: str, study: Study, name: str, evaluated: list[str]) -> None:
    """Refuse a dataset on whose calibration split nothing can be fitted.

    Raises:
        CalibrantError: If it is not evaluated, has no such split, or is published from it.
    """
    if name not in evaluated:
        raise CalibrantError(
            f"{name!r} is not in datasets.evaluate",
            where=where,
            repair=f"{did_you_mean(name, evaluated)}Add it there, or take it out here",
        )
    if kind_of(study, name) != "questions" or "calibration" not in splits_of(study, name):
        raise CalibrantError(
            f"{name!r} has no calibration split",
            where=where,
            repair="Give it a share for `calibration` under `fractions`, or name another",
        )
    use = evaluated_use(study, name)
    if use.split == "calibration":
        raise CalibrantError(
            f"figures of {name!r} are published from its calibration split",
            where=where,
            repair="Evaluate on its test split",
        )
    if use.judge is not None:
        raise CalibrantError(
            f"a judge grades the answers to {name!r}, and its errors would go into the result",
            where=where,
            repair="Name a dataset that no judge grades",
        )
