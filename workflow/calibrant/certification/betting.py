"""Capital of a gambler who bets against a null hypothesis, at any time of an endless stream.

Under the null hypothesis no bet gains on average, so the capital is a nonnegative supermartingale
that starts at 1, and the probability that it ever reaches 1 / level is at most level (Ville 1939).
An alarm may therefore be looked for after every row.
"""

import numpy as np

from calibrant.measures.sample import FloatArray


class RestartingCapital:
    """The capital of several bettors who start at every row with a part of the stake.

    The share 1 / (t (t + 1)) of the stake enters at row t and is spread evenly over the bettors;
    the rest, 1 / (t + 1), waits. A change after a long quiet time thus meets bettors that have not
    lost everything before it, and a mixture of supermartingales is one.

    Args:
        bettors: Number of bettors.
        level: Highest probability of a false alarm over the whole stream, in (0, 1).
    """

    def __init__(self, bettors: int, level: float) -> None:
        self._placed: FloatArray = np.zeros(bettors)
        self._rows = 0
        self._most = 1 / level
        self.value = 1.0
        self.alarm_at: int | None = None

    def update(self, multipliers: FloatArray) -> bool:
        """Play one row and say whether the alarm has been raised, now or before.

        Args:
            multipliers: What one unit of every bettor becomes, 0 or more, on average at most 1
                under the null hypothesis, shape (bettors,).
        """
        if self.alarm_at is not None:
            return True
        self._rows += 1
        entering = 1 / (self._rows * (self._rows + 1))
        self._placed = (self._placed + entering / len(self._placed)) * multipliers
        self.value = 1 / (self._rows + 1) + float(self._placed.sum())
        if self.value >= self._most:
            self.alarm_at = self._rows
        return self.alarm_at is not None
