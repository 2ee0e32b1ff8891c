"""The completions of one question seen together, on whatever process each was written.

What a completion's answer is worth to its group depends on the answer itself: it is one of those that
the others are compared with. A baseline that is to be free of it has to leave it out twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrant.training.intrinsic_confidence import leave_one_out_shares

Array = NDArray[np.float64]
GatherRows = Callable[[list[dict[str, object]]], tuple[list[dict[str, object]], int]]
"""Puts rows of all processes one below the other; also returns the position of the first own one."""


def alone(rows: list[dict[str, object]]) -> tuple[list[dict[str, object]], int]:
    """Return the rows of a process that is the only one."""
    return rows, 0


@dataclass(frozen=True)
class GroupView:
    """What each of B completions sees of the K completions to its question; NaN where not defined.

    Attributes:
        intrinsic: Its own intrinsic confidence, shape (B,).
        others: Intrinsic confidences of the group's completions with this one left out, shape (B, K);
            NaN at its own place.
        confidence: Stated confidences of the group, NaN where not read, shape (B, K).
        readable: Whether these statements could be read, shape (B, K).
        place: Its own place in the group, shape (B,).
    """

    intrinsic: Array
    others: Array
    confidence: Array
    readable: NDArray[np.bool_]
    place: NDArray[np.int64]


def view_groups(
    labels: Sequence[Sequence[int | None]],
    confidence: Sequence[Sequence[float]],
    readable: Sequence[Sequence[bool]],
    own: Sequence[tuple[int, int]],
) -> GroupView:
    """Return what each own completion sees.

    Args:
        labels: Per group, what each completion says (``same_answer``), None where it says nothing.
        confidence: Per group, the stated confidences, NaN where not read.
        readable: Per group, whether the statement could be read.
        own: Group and place of each completion of this process, in its order.
    """
    shares = [leave_one_out_shares(group) for group in labels]
    crossed = [shares_without_each(group) for group in labels]
    return GroupView(
        intrinsic=np.array([_nan(shares[group][place]) for group, place in own]),
        others=np.array([crossed[group][place] for group, place in own]),
        confidence=np.array([confidence[group] for group, _ in own], np.float64),
        readable=np.array([readable[group] for group, _ in own], bool),
        place=np.array([place for _, place in own], np.int64),
    )


def shares_without_each(labels: Sequence[int | None]) -> Array:
    """Return G with G[i, j] the intrinsic confidence of answer j once answer i is left out.

    NaN for j = i, for an answer that says nothing, and where no other answer is left to compare
    with. Shape (K, K).
    """
    said = np.array([label is not None for label in labels])
    same = np.array(
        [[a is not None and a == b for b in labels] for a in labels], np.float64
    ).reshape(len(labels), len(labels))
    np.fill_diagonal(same, 0.0)
    agreeing = same.sum(axis=1)[None, :] - same
    others = said.sum() - 1 - said[:, None].astype(np.float64)
    others = np.broadcast_to(others, same.shape)
    share = np.divide(agreeing, others, out=np.full(same.shape, np.nan), where=others > 0)
    share[:, ~said] = np.nan
    np.fill_diagonal(share, np.nan)
    return share


def _nan(value: float | None) -> float:
    return float("nan") if value is None else value
