"""The check of what a study is shown beside: figures that others published."""

from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.reporting.published_figures import publications
from calibrant.study import Study
from calibrant.study_cells import starts_of


def check_beside(path: Path, study: Study) -> None:
    """Refuse a comparison with figures of datasets, or of trainings, that the study does not have.

    Raises:
        CalibrantError: If no dataset is evaluated on both sides, or nothing was trained from a model
            that answers as well.
    """
    if not study.report.beside:
        return
    where = f"{path}: report.beside"
    published = publications()[study.report.beside].datasets
    if not any(use.dataset in published for use in study.datasets.evaluate):
        raise CalibrantError(
            "no dataset that was published is evaluated here",
            where=where,
            repair=f"Add one of {', '.join(published)} to datasets.evaluate, or take it out",
        )
    if not starts_of(study):
        raise CalibrantError(
            "no method is trained from a model that answers here as well",
            where=where,
            repair="Add a method of `kind: model` for the model that is trained, or take it out",
        )
