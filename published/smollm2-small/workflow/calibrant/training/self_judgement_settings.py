"""The settings of the policy's judgement of itself."""

from typing import Annotated

from pydantic import Field, FiniteFloat

from calibrant.settings import Settings


class SelfJudgement(Settings):
    """A second query in which the policy says how faithful its statement was (RLMF)."""

    tolerance: Annotated[FiniteFloat, Field(gt=0, le=1)] = 0.1
    """A stated confidence this close to the intrinsic one counts as faithful."""
    max_new_tokens: int = Field(default=16, ge=1, le=1024)
    """Longest reply (tokens)."""
