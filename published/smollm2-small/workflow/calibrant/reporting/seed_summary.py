"""One figure of several trainings: the median over seeds, the lowest and the highest."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class SeedSummary:
    """What is said of one figure over all seeds.

    Attributes:
        value: The median of the seeds that have a value, or None if none has.
        low: The lowest of them, or None where all are the same.
        high: The highest, likewise.
        seeds: Number of seeds.
        defined: Number of seeds that have a value.
        computed: How the value was computed, in words, or None for a value as it stands.
        undefined: Why seeds have no value, else None.
    """

    value: float | None
    low: float | None
    high: float | None
    seeds: int
    defined: int
    computed: str | None
    undefined: str | None


def summarise_seeds(
    values: Sequence[float | None], *, absent: int = 0, of: str | None = None
) -> SeedSummary:
    """Return median, lowest and highest over seeds.

    Args:
        values: The figure of every seed, None where it is not defined.
        absent: Further seeds that have no such figure.
        of: What each value is computed from, in words, or None for figures as they stand.
    """
    known = [value for value in values if value is not None]
    seeds = len(values) + absent
    # The range is left out where it says nothing, but not where some seeds are missing.
    spread = len(set(known)) > 1 or 0 < len(known) < seeds
    middle = f"median of {seeds} seeds" if seeds > 1 else None
    without = seeds - len(known)
    return SeedSummary(
        value=median(known) if known else None,
        low=min(known) if spread else None,
        high=max(known) if spread else None,
        seeds=seeds,
        defined=len(known),
        computed=" of ".join(filter(None, (middle, of))) or None,
        undefined=f"it has no value with {without} of {seeds} seeds" if without else None,
    )
