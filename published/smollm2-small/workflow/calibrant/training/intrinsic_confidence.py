"""How surely a model holds to an answer: how often it gives it again when asked again."""

from collections import Counter
from collections.abc import Sequence


def leave_one_out_shares(groups: Sequence[int | None]) -> list[float | None]:
    """Return the intrinsic confidence of every answer from the others of the same model.

    The share of the other readable answers that say the same, so with K others in steps of 1 / K.
    An answer never counts for itself, as it does in the published code of RLMF, where the floor is
    1 / K. Unbiased for the probability that the model gives that answer, if answers are independent
    draws.

    Args:
        groups: Number of what each answer says (``grading.same_answer``), None for one that cannot
            be read; all to one question.

    Returns:
        Shares in [0, 1]; None for an answer that cannot be read, and where there is no other.
    """
    counts = Counter(group for group in groups if group is not None)
    others = sum(counts.values()) - 1
    return [
        None if group is None or others < 1 else (counts[group] - 1) / others for group in groups
    ]


def smoothed_shares(groups: Sequence[int | None]) -> list[float | None]:
    """Return a second estimate to check the first by: (n + 1/2) / (K + 1) for n of K others.

    The mean of a Beta posterior with Jeffreys' prior. It never says 0 or 1, which a few samples
    cannot show, and differs from the plain share by at most 1 / (2 (K + 1)).

    Args:
        groups: As for ``leave_one_out_shares``.
    """
    counts = Counter(group for group in groups if group is not None)
    others = sum(counts.values()) - 1
    return [
        None if group is None or others < 1 else (counts[group] - 0.5) / (others + 1)
        for group in groups
    ]
