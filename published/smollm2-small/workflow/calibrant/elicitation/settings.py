"""The settings of elicitation."""

from typing import Literal

from pydantic import Field

from calibrant.settings import Settings

Policy = Literal["drop", "zero", "half", "worst"]


class Elicitation(Settings):
    """How a model is asked for an answer and a confidence."""

    format: Literal[
        "answer_confidence",
        "think_answer_confidence",
        "think_answer_analysis_confidence",
        "sentences",
    ] = "answer_confidence"
    """Tags asked for, in order. `sentences` asks for one sentence or several, each with a confidence of
    its own (RLMF, arXiv 2606.32032); their mean is the confidence of the answer."""
    scale: Literal["unit", "percent", "digit", "rlcr"] = "percent"
    """How a confidence is written: `unit` 0 to 1, `percent` 0 to 100, `digit` 0 to 9, `rlcr` as the
    published evaluation of RLCR reads it (up to 1 a probability, above 1 a percentage)."""
    instruction: Literal["full", "brief"] = "full"
    """`full` describes the format; `brief` does not, for a model that was taught it, as by a warm-up on
    its own replies. It takes some thirty tokens off every prompt."""
    examples: int = Field(default=2, ge=0, le=4)
    """Worked examples shown before the question (examples)."""
    missing_confidence: Policy = "drop"
    """What measures do with an answer without a readable confidence: leave it out, count it as 0,
    as 0.5, or as the confidence that costs most. Its share is always reported."""
