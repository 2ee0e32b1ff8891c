"""Holm's correction: p-values that stay honest when several comparisons are made."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from calibrant.errors import CalibrantError

Key = TypeVar("Key", bound=Hashable)


def holm(p_values: Mapping[Key, float | None]) -> dict[Key, float | None]:
    """Return adjusted p-values.

    Rejecting those up to alpha makes even one false rejection at most alpha likely. With
    p(1) <= ... <= p(h) the adjusted p(i) is the largest of min(1, (h - j + 1) p(j)) over j <= i.
    Holds whatever the dependence between the tests. The family is what was planned: a comparison
    without a p-value stays in it, as one that could not be rejected. Source: Holm (1979), A simple
    sequentially rejective multiple test procedure, Scand. J. Statist. 6.

    Args:
        p_values: By name of the comparison, in [0, 1], None where there is none.

    Raises:
        CalibrantError: If a p-value is not a number in [0, 1].
    """
    for name, p in p_values.items():
        if p is not None and not 0 <= p <= 1:
            raise CalibrantError(f"{p} is not a p-value", where=name, repair="Give 0 to 1, or None")
    known = sorted(
        ((p, name) for name, p in p_values.items() if p is not None), key=lambda pair: pair[0]
    )
    adjusted: dict[Key, float | None] = dict.fromkeys(p_values)
    largest = 0.0
    for rank, (p, name) in enumerate(known):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p))
        adjusted[name] = largest
    return adjusted
