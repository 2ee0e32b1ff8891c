"""Which methods and datasets of a study are compared, and what the stages that do so are told."""

from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.measures.comparison_settings import CompareMethodsSettings, TransferSettings
from calibrant.spelling import did_you_mean
from calibrant.study import Study
from calibrant.study_cells import cells_of
from calibrant.study_datasets import dataset_entry, is_held_out
from calibrant.study_judges import grading_judge
from calibrant.study_methods import DerivedMethod
from calibrant.training.settings import TrainedMethod

# Answers sampled anew are what others are made of, and transcripts have figures of their own.
_COMPARED = ("model", "trained", "recorded", "calibrated", "scored", "voted")

Cell = tuple[str, int, str]


def compared_cells(study: Study, dataset: str) -> list[Cell]:
    """Return the (method, seed, dataset) triples that are compared on a dataset.

    None on a dataset whose answers a judge grades: its errors need not be alike for two methods, so
    they can turn the sign of a difference.
    """
    return [cell for cell in _comparable_cells(study) if cell[-1] == dataset]


def _comparable_cells(study: Study) -> list[Cell]:
    return [
        cell
        for cell in cells_of(study)
        if study.methods[cell[0]].kind in _COMPARED and grading_judge(study, cell[-1]) is None
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
    methods = list(dict.fromkeys(method for method, _, _ in compared_cells(study, dataset)))
    return CompareMethodsSettings(
        baseline=baseline,
        margin=asked.margin,
        power=asked.power,
        methods=methods,
        trainings={method: _root(study, method) for method in methods},
        **_resampling(study),
    )


def _root(study: Study, method: str) -> str:
    """Return the method whose trainings a method rests on: itself, unless it is made of another."""
    settings = study.methods[method]
    return _root(study, settings.of) if isinstance(settings, DerivedMethod) else method


def transfer_cells(study: Study) -> tuple[list[Cell], list[Cell]]:
    """Return the cells in domain and out of it, of the methods that answer both.

    In domain is what the method itself was trained on, or for one that was not trained all that the
    study trains on; a study that trains on nothing has neither. Out of it are held-out datasets, and
    the public ones that nothing in the study is trained on, such as TruthfulQA or GSM8K. Datasets
    whose answers a judge grades are in neither: its errors need not be alike on two datasets, so they
    can turn the sign of a difference.
    """
    if study.comparisons is None:
        return [], []
    cells = _comparable_cells(study)
    inside = [cell for cell in cells if cell[-1] in _learnt_from(study, cell[0])]
    outside = [cell for cell in cells if _is_untrained(study, cell[-1])]
    both = {cell[0] for cell in inside} & {cell[0] for cell in outside}
    return (
        [cell for cell in inside if cell[0] in both],
        [cell for cell in outside if cell[0] in both],
    )


def _is_untrained(study: Study, dataset: str) -> bool:
    if is_held_out(study, dataset):
        return True
    trained_on = [use.dataset for use in study.datasets.train]
    return dataset_entry(study, dataset) is not None and dataset not in trained_on


def _learnt_from(study: Study, method: str) -> list[str]:
    """Return the datasets that the trainings of a method saw, or that others of the study saw."""
    root = study.methods[_root(study, method)]
    chosen = root.datasets if isinstance(root, TrainedMethod) else None
    return chosen or [use.dataset for use in study.datasets.train]


def transfer_settings(study: Study) -> TransferSettings:
    """Return the settings of ``transfer_gap``.

    Raises:
        CalibrantError: If no method answers questions in domain and held out.
    """
    inside, outside = transfer_cells(study)
    if not inside:
        raise CalibrantError("no method answers questions in domain and held-out ones")
    methods = list(dict.fromkeys(method for method, _, _ in inside))
    return TransferSettings(
        in_domain={method: _datasets(inside, method) for method in methods},
        held_out={method: _datasets(outside, method) for method in methods},
        sealed=sorted({cell[-1] for cell in outside if is_held_out(study, cell[-1])}),
        methods=methods,
        trainings={method: _root(study, method) for method in methods},
        **_resampling(study),
    )


def _datasets(cells: list[Cell], method: str) -> list[str]:
    return list(dict.fromkeys(dataset for name, _, dataset in cells if name == method))


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
