"""The settings of the stage that writes a model card."""

from typing import Literal

from pydantic import Field

from calibrant.elicitation.settings import Elicitation
from calibrant.engines.settings import Generation
from calibrant.settings import Settings
from calibrant.stage_settings.report import DatasetCard

AnswerKind = Literal["number", "math", "choice", "yes_no", "yes_no_maybe", "short_text", "open"]


class ModelCardSettings(Settings):
    """Stage ``model_card``: the page that goes with a trained model."""

    study: str
    """Name of the study."""
    method: str
    """Name of the method that was trained."""
    description: str
    """What the report says about the method."""
    place: str
    """Where the model is loaded from: a folder, or a repository of the Hub."""
    licence: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    """Licence of the weights as the Hub names it, such as `apache-2.0`, or `other`."""
    base_model: str | None = None
    """Repository of the model that training started from, or null if it is none of the Hub's."""
    language: str = "en"
    """Language of the questions, as ISO 639-1."""
    trained_on: list[str] = Field(min_length=1)
    """Names of the datasets that were trained on with the reward."""
    before: str | None = None
    """What it learnt before the reward, as a clause, such as a warm-up and on which text."""
    datasets: list[DatasetCard]
    """Every dataset trained or measured on."""
    elicitation: Elicitation
    """How it is asked for a confidence."""
    answer_type: AnswerKind = "short_text"
    """Kind of answer that the example prompt asks for."""
    generation: Generation
    """How its answers were generated when they were measured."""
