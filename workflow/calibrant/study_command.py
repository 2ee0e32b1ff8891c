"""``calibrant check STUDY``: everything that can be said of a study before it runs."""

import argparse

from calibrant.checked_study import load_checked_study
from calibrant.data.generated import check_task
from calibrant.study_cells import cells_of, datasets_of, trainings_of
from calibrant.study_file import study_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``calibrant check``."""
    parser.add_argument("study", help="name in config/studies, or path of a .yaml file")


def run(args: argparse.Namespace) -> int:
    """Read the study and say what it would do."""
    path = study_path(args.study)
    study = load_checked_study(path)
    for name, settings in study.datasets.generated.items():
        check_task(name, settings)
    print(f"{path}: sound")
    print(f"  {study.title}")
    print(f"  datasets: {', '.join(datasets_of(study))}")
    print(f"  models:   {', '.join(study.models) or 'none'}")
    print(f"  methods:  {', '.join(study.methods) or 'none'}")
    if trainings := trainings_of(study):
        print(f"  trained:  {len(trainings)} pairs of method and seed")
    pairs = {(method, dataset) for method, _, dataset in cells_of(study)}
    print(f"  measured: {len(pairs)} pairs of method and dataset")
    return 0
