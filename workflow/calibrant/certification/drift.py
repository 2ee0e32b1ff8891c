"""Sequential tests for drift while answers are routed.

Two questions, each with a guarantee over the whole stream, however long:

``ConfidenceMonitor``: are the confidences exchangeable with those of the calibration sample? Every
row gets a conformal p-value, its rank among all confidences seen so far, ties broken at random.
If calibration sample and stream are exchangeable the p-values are independent and uniform, and the
capital of bets against that is a martingale (Vovk et al. 2021, 2102.10439). It needs no label, and
does not see a change of correctness that leaves the confidences as they were.

``RiskMonitor``: where labels arrive later, is the error rate of accepted answers above alpha? Bets
on an error rate r > alpha multiply by r / alpha at an error and by (1 - r) / (1 - alpha) otherwise,
which loses on average whenever the chance of an error, given the past, is at most alpha
(Waudby-Smith and Ramdas 2024, 2010.09686).
"""

from collections.abc import Mapping

import numpy as np

from calibrant.certification.betting import RestartingCapital
from calibrant.certification.certificate import DECIMALS, Group
from calibrant.measures.sample import FloatArray

_CELLS = 10**DECIMALS + 2
_SLOPE = 0.8
# How far above alpha the true risk is imagined, as a factor.
_FACTORS = (1.25, 1.5, 2.0, 3.0, 5.0)


class ConfidenceMonitor:
    """Watch whether confidences still look like those of the calibration sample.

    Args:
        reference: Number of calibration answers by confidence in [0, 1], None for a missing one.
        level: Highest probability of ever raising a false alarm, in (0, 1).
        seed: Seed of the random breaking of ties.
    """

    def __init__(self, reference: Mapping[float | None, int], *, level: float, seed: int) -> None:
        self._counts = np.zeros(_CELLS, dtype=np.int64)
        for confidence, count in reference.items():
            self._counts[_cell(confidence)] += count
        self._rng = np.random.default_rng(seed)
        self.capital = RestartingCapital(4, level)

    def update(self, confidence: float | None) -> bool:
        """Watch one more row (None: without a confidence) and say whether the alarm is raised."""
        return self.capital.update(_bets(self.p_value(confidence)))

    def p_value(self, confidence: float | None) -> float:
        """Add a row to those seen and return its randomised rank among them, in (0, 1)."""
        cell = _cell(confidence)
        self._counts[cell] += 1
        below = int(self._counts[:cell].sum())
        ties = int(self._counts[cell])
        return (below + float(self._rng.random()) * ties) / int(self._counts.sum())


class RiskMonitor:
    """Watch, label by label, whether accepted answers are wrong more often than alpha.

    Args:
        alpha: The certified risk, in (0, 1).
        level: Highest probability of ever raising a false alarm, in (0, 1).
    """

    def __init__(self, alpha: float, *, level: float) -> None:
        rates = np.array([rate for factor in _FACTORS if (rate := alpha * factor) < 1] or [1.0])
        self._wrong = rates / alpha
        self._right = (1 - rates) / (1 - alpha)
        self.capital = RestartingCapital(len(rates), level)

    def update(self, correct: bool) -> bool:
        """Count the label of one accepted answer and say whether the alarm is raised."""
        return self.capital.update(self._right if correct else self._wrong)


def reference_of(group: Group) -> dict[float | None, int]:
    """Return the calibration confidences of a group, as counts; None counts the missing ones."""
    accepted = [0, *(point.accepted for point in group.curve)]
    counts: dict[float | None, int] = {
        point.threshold: int(count)
        for point, count in zip(group.curve, np.diff(accepted), strict=True)
    }
    return counts | {None: group.missing}


def _cell(confidence: float | None) -> int:
    # A missing confidence counts as lower than any: more of them is drift too.
    return 0 if confidence is None else 1 + round(confidence * 10**DECIMALS)


def _bets(p_value: float) -> FloatArray:
    """Return the gains of bets on higher, lower, more extreme and more central confidences.

    The first two Legendre polynomials on [0, 1] have mean zero, so every bet is fair.
    """
    slope = 2 * p_value - 1
    bend = (3 * slope * slope - 1) / 2
    return 1 + _SLOPE * np.array([slope, -slope, bend, -bend])
