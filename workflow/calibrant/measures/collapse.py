"""Does the confidence still say anything: signs of a collapse to one or a few values.

None of these looks at the outcomes. A trained model that says the same every time can have an ECE
of 0, so these stand beside every measure of calibration.
"""

import numpy as np

from calibrant.measures.sample import FloatArray
from calibrant.measures.weighting import WeightedSample, ratio


def distinct_confidences(weighted: WeightedSample) -> FloatArray:
    """Number of different confidences stated, from 0 (no answers) to n; shape (r,).

    Trap: grows with the sample, and counts a value stated once as much as the commonest one; 0.3
    and 0.30000000000000004 are two.
    """
    return np.asarray((weighted.total > 0).sum(axis=1), dtype=np.float64)


def confidence_entropy(weighted: WeightedSample) -> FloatArray:
    """Entropy of the stated confidences as a distribution over distinct values, in nats.

    Shape (r,), from 0 (one value) to the logarithm of ``distinct_confidences``; NaN without
    answers (Shannon 1948). Its exponential is the number of values in effective use. Trap: for a
    confidence that never repeats it is log n and says nothing; it is meant for stated, rounded
    confidences. The plug-in estimate is biased downwards.
    """
    n = np.maximum(weighted.n, 1.0)[:, None]
    share = weighted.total / n
    logarithm = np.log(share, out=np.zeros_like(share), where=share > 0)
    # + 0.0 turns the -0.0 of a single value into 0.0.
    entropy = -(share * logarithm).sum(axis=1) + 0.0
    return np.where(weighted.n > 0, entropy, np.nan)


def mode_share(weighted: WeightedSample) -> FloatArray:
    """Share of answers that state the commonest confidence; shape (r,), in (0, 1].

    NaN without answers. 1 means the same confidence every time. Trap: easy questions alike deserve
    a confidence alike, so a high share is a reason to look and no verdict.
    """
    return ratio(weighted.total.max(axis=1, initial=0.0), weighted.n)


def certain_share(weighted: WeightedSample) -> FloatArray:
    """Share of answers stated at exactly 0 or 1; shape (r,), in [0, 1]; NaN without answers.

    Under the log score such a statement risks an infinite loss. Trap: exact comparison; 0.999 is
    not certain.
    """
    certain = (weighted.confidence == 0) | (weighted.confidence == 1)
    return ratio((weighted.total * certain).sum(axis=1), weighted.n)
