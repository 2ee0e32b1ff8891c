"""The certificate: what was certified, on which evidence, and what it does not cover."""

import json
import math
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from pydantic import Field, ValidationError, model_validator

from calibrant.certification.binomial import lower_tail, two_sided, upper_bound
from calibrant.errors import CalibrantError
from calibrant.files import write_json
from calibrant.settings import Settings

# Confidences on the curve are rounded: a rule fixed in advance, and at most 1,001 points.
DECIMALS = 3

Reason = Literal["too_few_labels", "no_confidence", "no_threshold_passes"]


class Refusal(Settings):
    """Why no threshold is certified."""

    reason: Reason
    """Kind of refusal."""
    text: str
    """The same for a person, with its figures."""


class Point(Settings):
    """What a threshold does on the tested questions."""

    threshold: float = Field(ge=0, le=1)
    """Answers with this confidence or more are accepted."""
    accepted: int = Field(ge=0)
    """Number accepted."""
    errors: int = Field(ge=0)
    """Number of wrong answers among them."""

    @model_validator(mode="after")
    def _errors_are_accepted(self) -> Self:
        if self.errors > self.accepted:
            raise ValueError("more errors than accepted answers")
        return self


class Certified(Settings):
    """A threshold whose risk is at most alpha, with probability at least 1 - delta."""

    point: Point
    """The threshold with its counts."""
    p_value: float = Field(ge=0, le=1)
    """Of the null hypothesis that its risk exceeds alpha."""
    coverage: float = Field(ge=0, le=1)
    """Share of the tested questions that it accepts."""
    coverage_low: float = Field(ge=0, le=1)
    """Lower end of the two-sided exact interval at level 1 - delta."""
    coverage_high: float = Field(ge=0, le=1)
    """Upper end."""
    risk: float = Field(ge=0, le=1)
    """Share of wrong answers among those accepted, as seen."""
    risk_bound: float = Field(gt=0, lt=1)
    """What is certified: alpha."""
    risk_upper_pointwise: float = Field(ge=0, le=1)
    """Clopper-Pearson upper bound at 1 - delta, valid only for a threshold fixed in advance."""


class Group(Settings):
    """The finding for one domain, or for all rows together."""

    name: str
    """The domain, or ``(all)``."""
    questions: int = Field(ge=0)
    """Number of questions tested, one answer each."""
    path_questions: int = Field(ge=0)
    """Number of further questions that only chose which thresholds to test."""
    missing: int = Field(ge=0)
    """Number of tested answers without a confidence; they are always deferred."""
    wrong: int = Field(ge=0)
    """Number of wrong answers among all tested."""
    least_deferred: float = Field(ge=0, le=1)
    """Least share that any rule defers if the error rate of all answers is the one seen."""
    candidates: tuple[float, ...]
    """Thresholds of the fixed sequence, highest first, chosen without the tested questions."""
    certified: Certified | None
    """The certified threshold, or null."""
    refusal: Refusal | None
    """Why there is none, or null."""
    fixed_rule: Point
    """The article's fixed rule, accept at 0.85 or more, on the tested questions."""
    curve: tuple[Point, ...]
    """Counts at every distinct confidence (rounded to 0.001), highest first."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.certified is None) == (self.refusal is None):
            raise ValueError("must hold either a certified threshold or a refusal")
        rules = [self.fixed_rule, *([self.certified.point] if self.certified else [])]
        stated = self.questions - self.missing
        if any(
            point.accepted > stated or point.errors > self.wrong for point in [*rules, *self.curve]
        ):
            raise ValueError("a threshold accepts more answers or errors than there are")
        if not all(map(self._on_curve, rules)):
            raise ValueError("a threshold does not fit the curve")
        counts = [(point.accepted, -point.threshold) for point in self.curve]
        if counts != sorted(counts) or (self.curve and self.curve[-1].accepted != stated):
            raise ValueError("the curve does not lead from strict to lax through all answers")
        return self

    def _on_curve(self, point: Point) -> bool:
        # Rounding keeps the order: what lies above the rounded threshold is accepted, and what is
        # accepted does not lie below it.
        place = float(np.round(point.threshold, DECIMALS))
        above = [0, 0]
        upto = [0, 0]
        for step in self.curve:
            if step.threshold > place:
                above = [step.accepted, step.errors]
            if step.threshold >= place:
                upto = [step.accepted, step.errors]
        return above[0] <= point.accepted <= upto[0] and above[1] <= point.errors <= upto[1]


class Certificate(Settings):
    """Thresholds with a finite-sample guarantee, and all that is needed to route by them."""

    version: Literal[1]
    """Version of this format."""
    calibrant: str
    """Version of the package that wrote it."""
    alpha: float = Field(gt=0, lt=1)
    """Highest error rate among accepted answers."""
    delta: float = Field(gt=0, lt=1)
    """Highest probability, over calibration samples, that a threshold's risk exceeds alpha."""
    by: str | None
    """Column with a threshold of its own per value, or null for one threshold."""
    source: str
    """Name of the file certified from."""
    data_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Digest of the rows used."""
    rows: int = Field(ge=1)
    """Number of rows in the file."""
    ungraded: int = Field(ge=0)
    """Rows without a label; they were left out."""
    repeated: int = Field(ge=0)
    """Further graded answers to a question already drawn; they were left out."""
    names_questions: bool
    """Whether the file said which answers share a question."""
    path: Literal["given", "path part"]
    """Whether the thresholds to test were given in advance or chosen on questions of their own."""
    scope: dict[str, dict[str, int]]
    """Values of method, seed, dataset, domain and the like with their number of questions."""
    groups: tuple[Group, ...]
    """One finding per domain, or one for all."""

    @model_validator(mode="after")
    def _evidence_holds(self) -> Self:
        names = [group.name for group in self.groups]
        if not names or len(set(names)) < len(names):
            raise ValueError("must hold every group once")
        if self.by is None and len(names) > 1:
            raise ValueError("has several groups and no column that tells them apart")
        if self.by is not None and set(self.scope.get(self.by, {})) != set(names):
            raise ValueError("has other groups than its scope names")
        for group in self.groups:
            if group.certified is not None:
                _check_evidence(group.certified, group, self.alpha, self.delta)
        return self


def certified_point(point: Point, questions: int, *, alpha: float, delta: float) -> Certified:
    """Return the figures of a certified threshold, all from its counts."""
    low, high = two_sided(point.accepted, questions, 1 - delta)
    return Certified(
        point=point,
        p_value=lower_tail(point.errors, point.accepted, alpha),
        coverage=point.accepted / questions,
        coverage_low=low,
        coverage_high=high,
        risk=point.errors / point.accepted,
        risk_bound=alpha,
        risk_upper_pointwise=upper_bound(point.errors, point.accepted, delta),
    )


def write_certificate(path: Path, certificate: Certificate) -> None:
    """Write a certificate as JSON with sorted keys."""
    write_json(path, certificate.model_dump(mode="json"))


def read_certificate(path: Path) -> Certificate:
    """Read a certificate; its figures must follow from its own counts.

    Raises:
        CalibrantError: If it cannot be read, has an unknown, missing or repeated key, a value of
            another type, or evidence that does not carry its claim.
    """
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text, object_pairs_hook=_once)
        return Certificate.model_validate_json(text)
    except OSError as error:
        raise CalibrantError(f"cannot read: {error.strerror or error}", where=path) from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "the whole"
        raise CalibrantError(
            f"is no sound certificate: {key}: {first['msg']}",
            where=path,
            repair="Write it again with `calibrant certify`, and do not edit it",
        ) from error
    except ValueError as error:
        raise CalibrantError(f"is not valid JSON: {error}", where=path) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        raise ValueError("a key is written twice")
    return keys


def _check_evidence(certified: Certified, group: Group, alpha: float, delta: float) -> None:
    if certified.point.accepted == 0:
        raise ValueError(f"{group.name}: certified without an accepted answer")
    expected = certified_point(certified.point, group.questions, alpha=alpha, delta=delta)
    for name, value in expected.model_dump(exclude={"point"}).items():
        if not math.isclose(getattr(certified, name), value, rel_tol=1e-6, abs_tol=1e-12):
            raise ValueError(f"{group.name}: {name} does not follow from the counts")
    if certified.p_value > delta:
        raise ValueError(f"{group.name}: the p-value exceeds delta")
    if certified.point.threshold not in group.candidates:
        raise ValueError(f"{group.name}: the threshold was not among the candidates")
