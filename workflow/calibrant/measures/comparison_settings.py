"""What a study says about comparing its methods, and what the stages that do so are told."""

from pydantic import Field

from calibrant.elicitation.settings import Policy
from calibrant.settings import Settings


class Comparisons(Settings):
    """Methods compared with one of them, question by question."""

    baseline: list[str] = Field(min_length=1)
    """The method that all others are compared with, from `methods`; of several, on each dataset the
    first that answers there."""
    margin: float = Field(default=0.02, gt=0, lt=1)
    """The largest loss of accuracy that does not matter, fixed before results are seen: a method is
    said to keep its accuracy where a larger loss is ruled out (a share: 0.02 is two points)."""
    power: float = Field(default=0.8, gt=0, lt=1)
    """Power for which the smallest detectable difference is stated (a probability)."""


class _Resampling(Settings):
    """How figures are resampled, as the study's `measures` says."""

    replicates: int = Field(ge=100, le=100_000)
    level: float = Field(gt=0, lt=1)
    bins: int = Field(ge=2, le=100)
    missing_confidence: Policy


class CompareMethodsSettings(_Resampling):
    """Stage ``compare_methods``: all methods of one dataset against one of them.

    ``methods`` lists all, the baseline included, in the order of the rows.
    """

    baseline: str
    margin: float = Field(gt=0, lt=1)
    power: float = Field(gt=0, lt=1)
    methods: list[str] = Field(min_length=2)


class TransferSettings(_Resampling):
    """Stage ``transfer_gap``: every held-out dataset against every in-domain one."""

    in_domain: list[str] = Field(min_length=1)
    held_out: list[str] = Field(min_length=1)
    methods: list[str] = Field(min_length=1)
