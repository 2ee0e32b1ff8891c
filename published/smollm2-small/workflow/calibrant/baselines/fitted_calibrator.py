"""A calibrator after its fit: what it does to a confidence, and what it was fitted on."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field, TypeAdapter, ValidationError

from calibrant.baselines.confidence_maps import ConfidenceMap
from calibrant.baselines.settings import CalibratorKind
from calibrant.errors import CalibrantError
from calibrant.measures.sample import FloatArray, check_probabilities


@dataclass(frozen=True, slots=True)
class FittedCalibrator:
    """A map of confidences, with the counts of its fit.

    Attributes:
        kind: Which calibrator.
        map: What it does to a confidence.
        rows: Answers it was fitted on (answers).
        right: How many of these were right (answers).
        left_out: Answers given for the fit that had no confidence or no grade (answers).
        smoothed: Whether its targets were moved away from 0 and 1, because right and wrong answers
            were separated (see ``monotone_logistic``).
    """

    kind: CalibratorKind
    map: Annotated[ConfidenceMap, Field(discriminator="form")]
    rows: Annotated[int, Field(ge=2)]
    right: Annotated[int, Field(ge=0)]
    left_out: Annotated[int, Field(ge=0)] = 0
    smoothed: bool = False

    def apply(self, confidence: ArrayLike) -> FloatArray:
        """Return calibrated confidences in [0, 1], shape (n,).

        Args:
            confidence: Stated confidences in [0, 1], shape (n,).

        Raises:
            CalibrantError: If one is not a number in [0, 1].
        """
        stated = np.asarray(confidence, dtype=np.float64)
        check_probabilities(stated, "confidence")
        return self.map(stated)

    def document(self) -> dict[str, Any]:
        """Return what ``from_document`` reads, as JSON can hold it."""
        document: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return document

    @staticmethod
    def from_document(document: Any) -> "FittedCalibrator":
        """Return the calibrator that ``document`` describes.

        Raises:
            CalibrantError: If it describes none; names the first key that is wrong.
        """
        try:
            return _ADAPTER.validate_python(document)
        except ValidationError as error:
            first = error.errors()[0]
            raise CalibrantError(
                f"describes no calibrator: {first['msg']}",
                where=".".join(map(str, first["loc"])) or None,
                repair="Delete the file and let the workflow make it again",
            ) from error


_ADAPTER = TypeAdapter(FittedCalibrator)
