"""The fitted panel: standardised inputs, one coefficient each, a threshold; plain JSON."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_text
from calibrant.judging.answer_parts import beginnings_and_ends
from calibrant.judging.case import Case
from calibrant.judging.signed_logistic import sigmoid
from calibrant.judging.string_features import (
    FEATURE_NAMES,
    FEATURE_SIGNS,
    FEATURES_VERSION,
    string_features,
)
from calibrant.measures.sample import FloatArray, IntArray

_FORMAT = 1
_WHERE = "panel"
MOST_LOG_ODDS = 8.0
"""Log-odds of a member beyond this (a probability of 0.9997) say no more."""


@dataclass(frozen=True, slots=True)
class PanelModel:
    """A logistic model of P(correct) on members' log-odds and string features.

    Attributes:
        members: Identities of the judges whose log-odds it reads, k of them in their order.
        means: What is taken off every input, members first, k + d numbers.
        scales: What the rest is divided by, above 0.
        coefficients: Weight of every input; those of members are at least 0.
        intercept: Log-odds of a case at the means.
        threshold: Probability from which an answer is called correct, in [0, 1].
        penalty: The ridge penalty it was fitted with, for the record.
        kappa: Kappa at the threshold on questions left out of the fit, which chose the threshold
            and is therefore a little too good; None where it was not found.
        features_version: ``FEATURES_VERSION`` of the features it was fitted on.
        every_part: Whether an answer that would be called correct has the lowest P(correct) of
            itself and of its ``beginnings_and_ends``; what members say of it stands for these.
    """

    members: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float
    threshold: float
    penalty: float
    kappa: float | None = None
    features_version: int = FEATURES_VERSION
    every_part: bool = False

    def __post_init__(self) -> None:
        """Refuse a model that cannot be evaluated here."""
        if self.features_version != FEATURES_VERSION:
            raise CalibrantError(
                f"fitted on string features of version {self.features_version}, and these are of "
                f"version {FEATURES_VERSION}",
                where=_WHERE,
                repair="Fit it again",
            )
        inputs = len(self.members) + len(FEATURE_NAMES)
        for name in ("means", "scales", "coefficients"):
            numbers = getattr(self, name)
            if len(numbers) != inputs or not all(map(math.isfinite, numbers)):
                raise CalibrantError(f"{name} are not {inputs} finite numbers", where=_WHERE)
        if min(self.scales) <= 0 or not math.isfinite(self.intercept):
            raise CalibrantError("a scale is not above 0, or there is no intercept", where=_WHERE)
        if not 0 <= self.threshold <= 1:
            raise CalibrantError("the threshold is not in [0, 1]", where=_WHERE)

    @property
    def identity(self) -> str:
        """The sha256 of its JSON, which names the identities of its members."""
        return sha256_text(canonical_json(self.to_json()))

    def to_json(self) -> dict[str, Any]:
        """Return all that the model is, as JSON; equal models give equal JSON."""
        fields = asdict(self) | {"format": _FORMAT, "inputs": list(input_names(len(self.members)))}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in fields.items()
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "PanelModel":
        """Return the model of a record from ``to_json``.

        Raises:
            CalibrantError: If a key is missing or unknown, or the model reads other features.
        """
        fields = dict(record)
        try:
            kind, inputs = fields.pop("format"), fields.pop("inputs")
            fields = {n: tuple(v) if isinstance(v, list) else v for n, v in fields.items()}
            model = cls(**fields)
        except (KeyError, TypeError) as error:
            raise CalibrantError(f"is no record of a panel: {error}", where=_WHERE) from error
        if kind != _FORMAT or inputs != list(input_names(len(model.members))):
            raise CalibrantError(
                "its record is of another format or names other inputs",
                where=_WHERE,
                repair="Fit it again",
            )
        return model

    def probability(self, cases: Sequence[Case], log_odds: FloatArray | None = None) -> FloatArray:
        """Return P(correct) of every case, shape (n,).

        Args:
            cases: The cases.
            log_odds: Log-odds of the members, finite, shape (n, k); None where k is 0.

        Raises:
            CalibrantError: If the log-odds are not those of n cases and k members.
        """
        chances = self._of_whole(cases, log_odds)
        if not self.every_part:
            return chances
        parts = [
            (at, replace(case, answer=part))
            for at, case in enumerate(cases)
            if chances[at] >= self.threshold
            for part in beginnings_and_ends(case.answer)
        ]
        owner = np.array([at for at, _ in parts], np.int64)
        said = None if log_odds is None else log_odds[owner]
        np.minimum.at(chances, owner, self._of_whole([part for _, part in parts], said))
        return chances

    def _of_whole(self, cases: Sequence[Case], log_odds: FloatArray | None) -> FloatArray:
        inputs = panel_inputs(cases, log_odds, len(self.members))
        standard = (inputs - np.array(self.means)) / np.array(self.scales)
        # Summed row by row: a matrix product may round differently with the number of rows.
        return sigmoid((standard * np.array(self.coefficients)).sum(axis=1) + self.intercept)


def input_names(members: int) -> tuple[str, ...]:
    """Return the names of a panel's inputs: the members' log-odds, then the string features."""
    return (*(f"log_odds_{number}" for number in range(members)), *FEATURE_NAMES)


def input_signs(members: int) -> IntArray:
    """Return the signs that coefficients may have, as of ``FEATURE_SIGNS``, members first."""
    return np.array([1] * members + list(FEATURE_SIGNS), np.int64)


def panel_inputs(cases: Sequence[Case], log_odds: FloatArray | None, members: int) -> FloatArray:
    """Return the inputs of a panel, shape (n, members + ``len(FEATURE_NAMES)``).

    Raises:
        CalibrantError: If the log-odds are not finite numbers of shape (n, members).
    """
    given = np.zeros((len(cases), 0)) if log_odds is None else np.asarray(log_odds, np.float64)
    if given.shape != (len(cases), members) or not np.all(np.isfinite(given)):
        raise CalibrantError(
            f"of shape {given.shape} are not finite numbers for {len(cases)} cases and "
            f"{members} members",
            where="log-odds",
        )
    limited = np.clip(given, -MOST_LOG_ODDS, MOST_LOG_ODDS)
    return np.hstack([limited, string_features(cases)])
