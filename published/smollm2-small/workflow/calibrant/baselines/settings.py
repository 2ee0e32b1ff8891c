"""The settings of methods made from the answers of other methods, and of their stages."""

from typing import Literal

from pydantic import Field

from calibrant.settings import Settings
from calibrant.training.self_judgement_settings import SelfJudgement

CalibratorKind = Literal["constant", "platt", "temperature", "isotonic", "beta", "histogram"]
VoteRule = Literal["majority", "weighted", "first"]
VoteConfidence = Literal["share", "mean"]


class SampledMethod(Settings):
    """The model of another method, asked again in another way."""

    kind: Literal["sampled"]
    """The answers of a model that is there already, sampled anew."""
    of: str
    """The method whose model answers, trained or not."""
    samples: int = Field(ge=1, le=1024)
    """Answers per question."""
    temperature: float = Field(default=1.0, ge=0, le=2)
    """0 takes the likeliest token; above 0 samples."""
    self_judgement: SelfJudgement | None = None
    """The model is also asked how well the confidence of its first answer matches how sure it is, and
    the forecast is measured against its other answers. Empty: it is not asked."""


class CalibratedMethod(Settings):
    """The answers of another method, its confidences mapped by what was learned afterwards."""

    kind: Literal["calibrated"]
    """A post-hoc calibrator over another method."""
    of: str
    """The method whose confidences are mapped."""
    calibrator: CalibratorKind
    """The map. `constant`: accuracy for every answer; `platt`: a line in log-odds; `temperature`:
    one factor on log-odds; `beta`: a factor on each of the logarithms of confidence and doubt;
    `isotonic`: any map that never falls; `histogram`: the accuracy in bins of equal mass."""
    datasets: list[str] = Field(min_length=1)
    """Datasets whose calibration split it is fitted on, taken together."""


class VotedMethod(Settings):
    """One answer per question, voted by the several answers of another method."""

    kind: Literal["voted"]
    """A vote over the answers of another method."""
    of: str
    """The method that answers each question several times."""
    vote: VoteRule
    """Which answer wins. `majority`: the one given most often; `weighted`: the one with the largest
    sum of stated confidences; `first`: the one given first, whatever the others say."""
    answers: int | None = Field(default=None, ge=1)
    """Only this many of the first answers to each question vote (answers), so that budgets can be
    made equal. Empty means all."""
    confidence: VoteConfidence
    """What the vote is sure of. `share`: share of the answers that say what the winner says;
    `mean`: mean stated confidence of these."""


class CalibrateSettings(Settings):
    """Stage ``calibrate``: a calibrator fitted on one set of rows and applied to another.

    ``fitted_on`` names the datasets of the rows it is fitted on.
    """

    method: str
    calibrator: CalibratorKind
    fitted_on: list[str]


class VoteSettings(Settings):
    """Stage ``vote``: one answer per question out of several."""

    method: str
    vote: VoteRule
    answers: int | None = Field(default=None, ge=1)
    confidence: VoteConfidence
