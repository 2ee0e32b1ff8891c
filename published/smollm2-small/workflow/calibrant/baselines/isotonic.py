"""Isotonic calibration: the map that never falls and fits best."""

from calibrant.baselines.confidence_maps import LineMap
from calibrant.measures.corp import isotonic_accuracy
from calibrant.measures.weighting import WeightedSample


def fit_isotonic(sample: WeightedSample) -> LineMap:
    """Fit by pooling adjacent violators (Zadrozny and Elkan 2002).

    Between two confidences of the fit the value lies on the straight line between theirs, beyond
    the outermost it stays. Trap: the ends are often 0 and 1, where one wrong answer costs an
    unlimited log loss.
    """
    values = isotonic_accuracy(sample)[0]
    # Inside a block only its ends say something.
    kept = [
        at
        for at in range(len(values))
        if at in (0, len(values) - 1) or not values[at - 1] == values[at] == values[at + 1]
    ]
    return LineMap(
        tuple(float(sample.confidence[at]) for at in kept), tuple(float(values[at]) for at in kept)
    )
