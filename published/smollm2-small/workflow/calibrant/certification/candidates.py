"""Where the fixed sequence starts and which thresholds it visits, from questions not tested.

The smallest set of answers that could be certified allows no error at all, and the largest may be
too risky, so a sequence started at either end often stops at once. The start is the threshold for
which the path part, whose labels are never tested, foresees the strongest evidence.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calibrant.files import sha256_text
from calibrant.measures.sample import FloatArray

BoolArray = NDArray[np.bool_]

# Between a poorly chosen start and fewer questions tested: 0.1, 0.2 and 0.3 had no clear winner in
# a small trial (three worlds, 300 to 5,000 labels, 40 samples each).
PATH_SHARE = 0.2
# More steps raise the chance of stopping at a chance bump, fewer leave coverage between the steps.
MOST_CANDIDATES = 40
_DRAWS = 1 << 60


def path_part(questions: Sequence[str], share: float = PATH_SHARE) -> BoolArray:
    """Return which questions choose the path, by a hash of their name, shape (n,).

    The draw is the same in every run and knows neither confidence nor label.
    """
    draws = [draw_of("path", question) for question in questions]
    return np.array([draw < share for draw in draws], dtype=np.bool_)


def draw_of(purpose: str, name: str) -> float:
    """Return a number in [0, 1) that looks random and depends only on purpose and name."""
    return int(sha256_text(f"{purpose}\n{name}")[:15], 16) / _DRAWS


def candidate_thresholds(
    confidence: FloatArray, correct: FloatArray, *, alpha: float, tested: int
) -> list[float]:
    """Return the thresholds to test, highest first.

    Args:
        confidence: Confidences of the path part, NaN where missing, shape (n,).
        correct: 1 and 0, shape (n,).
        alpha: Highest error rate allowed, in (0, 1).
        tested: Number of questions that will be tested.

    Returns:
        At most ``MOST_CANDIDATES`` distinct confidences of the path part; empty if it has none.
    """
    stated = ~np.isnan(confidence)
    values, position = np.unique(-confidence[stated], return_inverse=True)
    if len(values) == 0:
        return []
    accepted = np.cumsum(np.bincount(position))
    errors = np.cumsum(np.bincount(position, weights=1 - correct[stated]))
    # Half an error more than seen: a handful of right answers is no evidence of none wrong.
    risk = (errors + 0.5) / (accepted + 1)
    expected = accepted / len(confidence) * tested
    evidence = [size * _divergence(rate, alpha) for size, rate in zip(expected, risk, strict=True)]
    path = -values[int(np.argmax(evidence)) :]
    if len(path) > MOST_CANDIDATES:
        path = path[np.linspace(0, len(path) - 1, MOST_CANDIDATES).round().astype(int)]
    return [float(threshold) for threshold in path]


def _divergence(rate: float, alpha: float) -> float:
    """Return the evidence per answer (Kullback-Leibler) that a risk is below alpha, signed."""
    size = 0.0
    for share, null in ((rate, alpha), (1 - rate, 1 - alpha)):
        if share > 0:
            size += share * math.log(share / null)
    return size if rate < alpha else -size
