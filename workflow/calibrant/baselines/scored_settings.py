"""The settings of methods whose confidence is read from the model instead of from its text."""

from typing import Literal

from pydantic import Field, model_validator

from calibrant.elicitation.settings import Elicitation
from calibrant.engines.settings import Generation
from calibrant.settings import Settings

Score = Literal["answer_probability", "p_true", "probe"]


class ScoredMethod(Settings):
    """The answers of another method, with a confidence that its model is asked for afterwards."""

    kind: Literal["scored"]
    """A confidence found by asking the model about answers it has given."""
    of: str = Field(min_length=1)
    """Name of the method whose answers are scored."""
    score: Score
    """`answer_probability`: the geometric mean of the probabilities of the answer's tokens. `p_true`:
    the probability of yes, against no, when the model is asked whether its answer is right. `probe`:
    a logistic regression on the model's last hidden state at the end of the answer."""
    datasets: list[str] = []
    """Datasets whose calibration splits the probe is fitted on; for `probe` only."""

    @model_validator(mode="after")
    def _only_a_probe_is_fitted(self) -> "ScoredMethod":
        if self.score == "probe" and not self.datasets:
            raise ValueError("a probe is fitted: name in `datasets` what its answers are graded on")
        if self.score != "probe" and self.datasets:
            raise ValueError(f"{self.score} is not fitted: leave `datasets` out, or use `probe`")
        if len(set(self.datasets)) < len(self.datasets):
            raise ValueError("`datasets` names a dataset twice")
        return self


class ScoreSettings(Settings):
    """Stage ``score_answers``: the answers of one method to one dataset, scored by its model.

    ``method`` is the scored method, which the rows are renamed to. ``elicitation`` is the one the
    answers were asked with. Of ``generation`` only ``batch_size`` applies: transformers scores,
    whatever engine generated. ``fitted_on`` names the datasets of the rows a probe is fitted on.
    """

    method: str
    score: Score
    fitted_on: list[str] = []
    elicitation: Elicitation
    generation: Generation
