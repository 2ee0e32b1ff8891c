"""Area under the precision-recall curve, with right or with wrong answers as what is looked for."""

import numpy as np

from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import WeightedSample, ratio


def auprc_right(weighted: WeightedSample) -> FloatArray:
    """Average precision of finding right answers by high confidence.

    Sum over thresholds, from high to low, of (gain in recall) * precision; a tie enters whole, so
    a constant confidence has the accuracy. No interpolation: the definition of scikit-learn's
    ``average_precision_score``. Shape (r,), in (0, 1], 1 best; NaN where no answer is right, and 1
    where all are. Trap: chance level is the accuracy, so values of systems with different accuracy
    cannot be compared.
    """
    above = weighted.n[:, None] - weighted.running_total[:, :-1]
    right_above = weighted.n_right[:, None] - weighted.running_right[:, :-1]
    return _average_precision(weighted.right, right_above, above)


def auprc_wrong(weighted: WeightedSample) -> FloatArray:
    """Average precision of finding wrong answers by low confidence.

    As ``auprc_right`` with the thresholds from low to high; chance level is the share of wrong
    answers. Shape (r,), in (0, 1]; NaN where no answer is wrong, and 1 where all are. It is the
    one to look at where wrong answers are rare (Davis and Goadrich 2006 on rare classes).
    """
    below = weighted.running_total[:, 1:]
    wrong_below = below - weighted.running_right[:, 1:]
    return _average_precision(weighted.total - weighted.right, wrong_below, below)


def _average_precision(
    found: FloatArray, found_so_far: FloatArray, so_far: FloatArray
) -> FloatArray:
    """Return the mean precision over what is to be found; all arguments of shape (r, m)."""
    precision = np.divide(found_so_far, so_far, out=np.zeros_like(so_far), where=so_far > 0)
    return ratio((found * precision).sum(axis=1), found.sum(axis=1))
