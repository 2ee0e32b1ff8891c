"""What a study says about comparing its methods, and what the stages that do so are told."""

from typing import Self

from pydantic import Field, model_validator

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


class _Compared(_Resampling):
    """The methods, in the order of the rows, and whose trainings each of them rests on.

    ``trainings`` holds for every method the one that its model was trained by: itself, unless it is
    made of the answers of another.
    """

    methods: list[str] = Field(min_length=1)
    trainings: dict[str, str]

    @model_validator(mode="after")
    def _says_whose_trainings(self) -> Self:
        if set(self.trainings) != set(self.methods):
            raise ValueError("`trainings` must name every method and no other")
        return self

    def training_numbers(self) -> dict[str, int]:
        """Return the number of the trainings of every method: equal where they are the same ones."""
        roots = list(dict.fromkeys(self.trainings[name] for name in self.methods))
        return {name: roots.index(self.trainings[name]) for name in self.methods}


class CompareMethodsSettings(_Compared):
    """Stage ``compare_methods``: all methods of one dataset, the baseline included, against it."""

    baseline: str
    margin: float = Field(gt=0, lt=1)
    power: float = Field(gt=0, lt=1)
    methods: list[str] = Field(min_length=2)


class TransferSettings(_Compared):
    """Stage ``transfer_gap``: per method every held-out dataset against every in-domain one.

    ``in_domain`` and ``held_out`` hold the datasets of every method: methods are trained on
    different ones. ``sealed`` are those among the held-out ones that no study may train on.
    """

    in_domain: dict[str, list[str]]
    held_out: dict[str, list[str]]
    sealed: list[str]

    @model_validator(mode="after")
    def _has_datasets_of_all(self) -> Self:
        for datasets in (self.in_domain, self.held_out):
            if not all(datasets.get(name) for name in self.methods):
                raise ValueError("every method needs a dataset in domain and one held out")
        return self
