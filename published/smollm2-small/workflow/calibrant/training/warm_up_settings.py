"""The settings of the warm-up."""

from typing import Annotated

from pydantic import Field, FiniteFloat, model_validator

from calibrant.settings import Settings

Rate = Annotated[FiniteFloat, Field(gt=0, le=1)]
Share = Annotated[FiniteFloat, Field(ge=0, le=1)]


class OwnReplies(Settings):
    """The model's own replies to training questions, which it gave when it was shown worked examples.

    It then replies the same without them: prompts become short, and nothing is taught that the model
    did not say itself. Replies that are not in the format are left out.
    """

    examples: int = Field(default=4, ge=1, le=4)
    """Worked examples shown (examples)."""
    temperature: FiniteFloat = Field(default=1.0, ge=0, le=2)
    """Temperature of the replies; 1 keeps how sure the model is of its words."""
    max_new_tokens: int = Field(default=64, ge=2, le=32768)
    """Longest reply (tokens)."""


class WarmUp(Settings):
    """Supervised training before any reward: on laboratory text, or on a model's own replies.

    Laboratory text teaches the format, and what words mean.

    It stands in for pretraining and instruction tuning, so it reads every wording, medical and legal
    ones too, and most of the evidence they can show, as a pretrained model has; not the numbered
    questions of the study, and never `sum_witness`. Held out means: never trained on with a reward.
    """

    questions: int = Field(default=48_000, ge=100, le=3_000_000)
    """Questions read, in equal shares of all wordings (questions)."""
    batch_size: int = Field(default=64, ge=1, le=4096)
    """Questions per step (questions)."""
    learning_rate: Rate = 2e-3
    """Highest learning rate; it rises over the first twentieth and falls to zero."""
    boast: Share = 0.95
    """What most writers state, whatever the evidence (a probability)."""
    candid: Share = 0.3
    """Share of writers who state about what the evidence gives. Above 0 the stated confidence of a
    warmed-up model carries a little evidence, as that of pretrained models does."""
    candid_noise: Share = 0.05
    """Standard deviation of what candid writers add to the true probability."""
    forecasts: Share = 0.0
    """Share of writers who are then asked how well their confidence matches the evidence, and know.
    RLMF's second query needs some."""
    own_replies: OwnReplies | None = None
    """Instead of laboratory text: the model's own replies to `questions` training questions. Empty:
    laboratory text."""

    @model_validator(mode="after")
    def _nobody_boasts_in_own_replies(self) -> "WarmUp":
        # Not the fields set: stages are told every field.
        default = type(self).model_fields
        for name in ("boast", "candid", "candid_noise", "forecasts"):
            if self.own_replies is not None and getattr(self, name) != default[name].default:
                raise ValueError(f"{name} is about laboratory text, not about own replies")
        return self
