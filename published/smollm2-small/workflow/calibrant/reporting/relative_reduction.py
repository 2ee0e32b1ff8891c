"""By what share one figure is smaller than another, each the median over its seeds."""

from collections.abc import Sequence

from calibrant.reporting.numbers import Numbers, Place
from calibrant.reporting.seed_summary import SeedSummary, summarise_seeds

WORDS = "1 - a / b, a the median of the first {} places and b that of the others"


def add_reduction(
    numbers: Numbers,
    name: str,
    smaller: Sequence[float | None],
    larger: Sequence[float | None],
    places: Sequence[Place],
) -> str:
    """Add 1 - a / b to the numbers and return its id; below 0 where a is the larger.

    It has no interval: it describes two figures that have theirs.

    Args:
        numbers: Where it is entered.
        name: Its id.
        smaller: The values of a, one per seed; None where not defined.
        larger: The values of b, likewise.
        places: Where they stand: those of a, then those of b.
    """
    first, second = summarise_seeds(smaller).value, summarise_seeds(larger).value
    value, undefined = None, None
    if first is None or second is None:
        undefined = "one of the two has no value"
    elif second == 0:
        undefined = "the figure to compare with is 0"
    else:
        value = 1 - first / second
    seeds = len(places)
    summary = SeedSummary(
        value=value, low=None, high=None, seeds=seeds, defined=seeds,
        computed=WORDS.format(len(smaller)), undefined=undefined,
    )  # fmt: skip
    return numbers.add_summary(name, summary, places, "share")
