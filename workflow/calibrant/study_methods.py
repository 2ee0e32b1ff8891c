"""The methods of a study: models as they are, trained ones, recorded ones, and those made of others."""

from typing import Annotated, Literal

from pydantic import Field

from calibrant.baselines.scored_settings import ScoredMethod
from calibrant.baselines.settings import CalibratedMethod, SampledMethod, VotedMethod
from calibrant.recorded_settings import RecordedMethod
from calibrant.settings import Settings
from calibrant.training.settings import TrainedMethod


class ModelMethod(Settings):
    """A model of the study as it is, after its warm-up if it has one."""

    kind: Literal["model"]
    """A model that is not trained with a reward."""
    model: str | None = None
    """Name of the model; may be left out where the study has one model."""


DerivedMethod = CalibratedMethod | ScoredMethod | VotedMethod | SampledMethod
"""Methods made from another one, which `of` names."""
Method = Annotated[
    ModelMethod
    | TrainedMethod
    | RecordedMethod
    | CalibratedMethod
    | ScoredMethod
    | VotedMethod
    | SampledMethod,
    Field(discriminator="kind"),
]
