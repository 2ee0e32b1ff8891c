"""The measured errors of a judge, and labels and rates corrected with them."""

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, FiniteFloat, ValidationError, model_validator

from calibrant.errors import CalibrantError
from calibrant.judging.agreement import POOLED, Agreement, agreement_by
from calibrant.judging.agreement_figures import Estimate, Resampling, effective_number
from calibrant.judging.corrected_rate import CorrectedRate, CountedShare, rogan_gladen
from calibrant.judging.paired_verdicts import PairedVerdicts, binary_verdicts
from calibrant.judging.settings import Limits
from calibrant.measures.sample import FloatArray, cluster_codes
from calibrant.rewards.noise import corrected_label
from calibrant.settings import Settings


class Source(Settings):
    """What was measured: which judge, on which human verdicts."""

    judge: str
    """Identifier of the judge."""
    prompt_version: str
    """Version of its prompt."""
    dataset: str
    """The set of human verdicts."""


class Share(Settings):
    """A share with its interval and the number of independent answers it is worth."""

    value: FiniteFloat = Field(ge=0, le=1)
    low: FiniteFloat = Field(ge=0, le=1)
    high: FiniteFloat = Field(ge=0, le=1)
    worth: FiniteFloat = Field(gt=0)


class Index(Settings):
    """Sensitivity + specificity - 1 with its interval."""

    value: FiniteFloat = Field(ge=-1, le=1)
    low: FiniteFloat = Field(ge=-1, le=1)
    high: FiniteFloat = Field(ge=-1, le=1)


class Errors(Settings):
    """The errors of a judge in one domain; None where people called no answer right, or none wrong."""

    right: int = Field(ge=0)
    """Answers that people call right, which sensitivity is measured on."""
    wrong: int = Field(ge=0)
    """Answers that people call wrong, which specificity is measured on."""
    sensitivity: Share | None
    specificity: Share | None
    youden: Index | None


class ChosenErrors(NamedTuple):
    """Errors to correct with, and the domain they were measured in (``*`` for all together)."""

    measured_in: str
    sensitivity: Share
    specificity: Share
    youden: Index


class ErrorModel(Settings):
    """Sensitivity and specificity of a judge by domain, and of all domains together as ``*``."""

    version: Literal[1] = 1
    source: Source
    limits: Limits
    level: FiniteFloat = Field(gt=0, lt=1)
    domains: dict[str, Errors]

    @model_validator(mode="after")
    def _has_all_together(self) -> "ErrorModel":
        if POOLED not in self.domains:
            raise ValueError(f"there is no domain {POOLED!r} for all domains together")
        return self

    def to_json(self) -> dict[str, Any]:
        """Return the model as JSON."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, value: Any, where: object = None) -> "ErrorModel":
        """Read what ``to_json`` wrote.

        Args:
            value: The JSON.
            where: The file it came from, for the error.

        Raises:
            CalibrantError: If it is of another version or not an error model.
        """
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
            raise CalibrantError(
                f"not an error model of version 1: {'.'.join(map(str, first['loc']))}: "
                f"{first['msg']}",
                where=where,
                repair="Validate the judge again",
            ) from error

    def for_domain(self, domain: str) -> ChosenErrors:
        """Return the domain's own errors if they rest on enough answers, else those of all domains.

        Raises:
            CalibrantError: If all domains together have too few answers.
        """
        own = self.domains.get(domain)
        name = domain if own is not None and self._enough(own) else POOLED
        errors = self.domains[name]
        sensitivity, specificity, youden = errors.sensitivity, errors.specificity, errors.youden
        known = self._enough(errors)
        if not known or sensitivity is None or specificity is None or youden is None:
            raise self._refusal(
                f"people call {errors.right} answers right and {errors.wrong} wrong; "
                f"{self.limits.least} of each are needed to know its errors",
                "Have people judge more answers",
            )
        return ChosenErrors(name, sensitivity, specificity, youden)

    def above_chance(self, domain: str) -> ChosenErrors:
        """Return ``for_domain`` if they can be corrected for.

        Raises:
            CalibrantError: As ``for_domain``, or if the judge may be no better than chance: a
                correction would blow up noise or turn labels around.
        """
        errors = self.for_domain(domain)
        youden = errors.youden
        if youden.low <= self.limits.least_youden:
            raise self._refusal(
                f"its sensitivity + specificity - 1 in domain {errors.measured_in!r} is "
                f"{youden.value:.3f}, at least {youden.low:.3f}; that is not surely above "
                f"{self.limits.least_youden:g}, so its verdicts cannot be corrected",
                "Use another judge, or have people judge more answers",
            )
        return errors

    def correct(self, verdicts: ArrayLike, domains: ArrayLike) -> FloatArray:
        """Return labels whose mean over the judge's errors is the truth (``corrected_label``).

        Args:
            verdicts: 1 and 0 (or True and False) as the judge gave them, shape (n,).
            domains: Domain of every answer, shape (n,).

        Raises:
            CalibrantError: As ``above_chance``, or if the lengths differ.
        """
        said = binary_verdicts(verdicts, "verdicts")
        labels = np.asarray(domains).astype(str)
        if labels.shape != said.shape:
            raise CalibrantError(
                f"has shape {labels.shape} beside {len(said)} verdicts", where="domains"
            )
        corrected = np.empty(len(said))
        for domain in np.unique(labels):
            errors, here = self.above_chance(str(domain)), labels == domain
            corrected[here] = corrected_label(
                said[here], errors.sensitivity.value, errors.specificity.value
            )
        return corrected

    def corrected_rate(
        self, verdicts: ArrayLike, domain: str, cluster: ArrayLike | None = None
    ) -> CorrectedRate:
        """Return the share of right answers in one domain, with ``rogan_gladen``.

        The answers must be others than those that people judged, or the interval is not right.

        Args:
            verdicts: 1 and 0 as the judge gave them, shape (n,).
            domain: Their domain.
            cluster: A label of the question per answer; None where every answer has its own.

        Raises:
            CalibrantError: As ``above_chance``, or if there is no verdict.
        """
        said = binary_verdicts(verdicts, "verdicts")
        if len(said) == 0:
            raise CalibrantError("there are no verdicts to correct", where="verdicts")
        errors = self.above_chance(domain)
        codes = cluster_codes(cluster, len(said))
        hits = np.bincount(codes, weights=said).astype(np.float64)
        worth = effective_number(hits, np.bincount(codes).astype(np.float64), most=len(said))
        return rogan_gladen(
            CountedShare(said.mean(), worth),
            CountedShare(errors.sensitivity.value, errors.sensitivity.worth),
            CountedShare(errors.specificity.value, errors.specificity.worth),
            self.level,
        )

    def _enough(self, errors: Errors) -> bool:
        return min(errors.right, errors.wrong) >= self.limits.least

    def _refusal(self, what: str, repair: str) -> CalibrantError:
        where = f"judge {self.source.judge} ({self.source.prompt_version})"
        return CalibrantError(what, where=f"{where} on {self.source.dataset}", repair=repair)


def fit_error_model(
    verdicts: PairedVerdicts,
    domains: NDArray[np.str_],
    source: Source,
    resampling: Resampling,
    limits: Limits | None = None,
) -> ErrorModel:
    """Measure the errors of a judge on answers that people have judged.

    Args:
        verdicts: Both verdicts on n answers.
        domains: Domain of every answer, shape (n,).
        source: What was measured.
        resampling: The bootstrap of the intervals.
        limits: When the errors are good enough to correct with.
    """
    # Every domain is measured, however small: ``limits`` decide when they are asked for.
    found = agreement_by(verdicts, domains, resampling, least=1)
    return ErrorModel(
        source=source,
        limits=limits or Limits(),
        level=resampling.level,
        domains={domain: _errors(measured) for domain, measured in found.items()},
    )


def _errors(measured: Agreement) -> Errors:
    youden = measured.youden
    index = None
    if youden.value is not None and youden.low is not None and youden.high is not None:
        index = Index(value=youden.value, low=max(-1.0, youden.low), high=min(1.0, youden.high))
    return Errors(
        right=measured.right,
        wrong=measured.wrong,
        sensitivity=_share(measured.sensitivity),
        specificity=_share(measured.specificity),
        youden=index,
    )


def _share(found: Estimate) -> Share | None:
    value, low, high, worth = found.value, found.low, found.high, found.worth
    if value is None or low is None or high is None or not worth:
        return None
    return Share(value=value, low=low, high=high, worth=worth)
