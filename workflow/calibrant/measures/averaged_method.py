"""A method on several datasets as one: the mean of what is measured on each."""

from collections.abc import Mapping, Sequence

import numpy as np

from calibrant.measures.difference_figures import MeasuredMethod
from calibrant.measures.sample import FloatArray
from calibrant.measures.trainings import MeasuredTrainings, with_root


def averaged_method(datasets: Sequence[MeasuredMethod]) -> MeasuredMethod:
    """Return a method's measures as means over datasets, each of which counts alike.

    Questions of two datasets are independent and drawn apart, while the draw of trainings is one, so
    a replicate of the mean is the mean of the replicates. ``debiased_ece`` is the root of the mean
    squared error: every root of its own would keep the bias that setting negative errors to 0 brings.

    Args:
        datasets: The method on each, at least one: the same trainings in the same order, drawn with
            the same seed of trainings. A dataset of one question has no replicates, and neither has
            the mean then.
    """
    first = datasets[0]
    measured = [item.measured for item in datasets]
    return MeasuredMethod(
        name=", ".join(item.name for item in datasets),
        number=first.number,
        trainings=[training for item in datasets for training in item.trainings],
        measured=MeasuredTrainings(
            points=_means([item.points for item in measured]),
            values=_means([item.values for item in measured]),
            weights=first.measured.weights,
        ),
        parts=datasets,
    )


def _means(measures: Sequence[Mapping[str, FloatArray]]) -> dict[str, FloatArray]:
    names = measures[0]
    return with_root({name: _mean([item[name] for item in measures]) for name in names})


def _mean(values: Sequence[FloatArray]) -> FloatArray:
    fewest = min(map(len, values))
    return np.asarray(np.mean([item[:fewest] for item in values], axis=0))
