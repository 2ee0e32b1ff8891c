"""Which methods and datasets of a study are compared, and what the stages that do so are told."""

from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.measures.comparison_settings import CompareMethodsSettings, TransferSettings
from calibrant.spelling import did_you_mean
from calibrant.study import Study
from calibrant.study_datasets import is_held_out
from calibrant.study_parts import cells_of

# Answers sampled anew are what others are made of, and transcripts have figures of their own.
_COMPARED = ("model", "trained", "recorded", "calibrated", "scored", "voted")

Cell = tuple[str, int, str]


def compared_cells(study: Study, dataset: str) -> list[Cell]:
    """Return the (method, seed, dataset) triples that are compared on a dataset."""
    return [
        cell
        for cell in cells_of(study)
        if cell[-1] == dataset and study.methods[cell[0]].kind in _COMPARED
    ]


def compared_datasets(study: Study) -> list[str]:
    """Return the datasets on which a method is compared with a baseline that answers there too."""
    return [use.dataset for use in study.datasets.evaluate if _baseline(study, use.dataset)]


def _baseline(study: Study, dataset: str) -> str | None:
    if study.comparisons is None:
        return None
    methods = {method for method, _, _ in compared_cells(study, dataset)}
    if len(methods) < 2:
        return None
    return next((name for name in study.comparisons.baseline if name in methods), None)


def compare_methods_settings(study: Study, dataset: str) -> CompareMethodsSettings:
    """Return the settings of ``compare_methods`` for one dataset.

    Raises:
        CalibrantError: If nothing is compared there.
    """
    asked, baseline = study.comparisons, _baseline(study, dataset)
    if asked is None or baseline is None:
        raise CalibrantError(f"nothing is compared on {dataset!r}")
    cells = compared_cells(study, dataset)
    return CompareMethodsSettings(
        baseline=baseline,
        margin=asked.margin,
        power=asked.power,
        methods=list(dict.fromkeys(method for method, _, _ in cells)),
        **_resampling(study),
    )


def transfer_cells(study: Study) -> tuple[list[Cell], list[Cell]]:
    """Return the cells in domain and held out, of the methods that answer both.

    In domain is what is trained on and evaluated; a study that trains on nothing has neither.
    """
    if study.comparisons is None:
        return [], []
    trained_on = {use.dataset for use in study.datasets.train}
    cells = [cell for cell in cells_of(study) if study.methods[cell[0]].kind in _COMPARED]
    inside = [cell for cell in cells if cell[-1] in trained_on]
    outside = [cell for cell in cells if is_held_out(study, cell[-1])]
    both = {cell[0] for cell in inside} & {cell[0] for cell in outside}
    return (
        [cell for cell in inside if cell[0] in both],
        [cell for cell in outside if cell[0] in both],
    )


def transfer_settings(study: Study) -> TransferSettings:
    """Return the settings of ``transfer_gap``.

    Raises:
        CalibrantError: If no method answers questions in domain and held out.
    """
    inside, outside = transfer_cells(study)
    if not inside:
        raise CalibrantError("no method answers questions in domain and held-out ones")
    return TransferSettings(
        in_domain=list(dict.fromkeys(cell[-1] for cell in inside)),
        held_out=list(dict.fromkeys(cell[-1] for cell in outside)),
        methods=list(dict.fromkeys(cell[0] for cell in inside)),
        **_resampling(study),
    )


def _resampling(study: Study) -> dict[str, Any]:
    measures = study.measures
    return {
        "replicates": measures.replicates,
        "level": measures.level,
        "bins": measures.bins,
        "missing_confidence": study.elicitation.missing_confidence,
    }


def check_comparisons(path: Path, study: Study) -> None:
    """Refuse a baseline that is not there or cannot be compared with.

    Raises:
        CalibrantError: Names the first of them.
    """
    if study.comparisons is None:
        return
    known = [name for name, method in study.methods.items() if method.kind in _COMPARED]
    for name in study.comparisons.baseline:
        if name not in known:
            raise CalibrantError(
                f"there is no method {name!r} to compare with",
                where=f"{path}: comparisons.baseline",
                repair=f"{did_you_mean(name, known)}There are: {', '.join(known) or 'none'}",
            )
