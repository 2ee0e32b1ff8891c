"""What probes found about a judge, as JSON."""

from typing import Any, Literal

from pydantic import Field, FiniteFloat, ValidationError

from calibrant.errors import CalibrantError
from calibrant.judging.flip_rates import Beyond, Rate
from calibrant.settings import Settings


class ProbeFlips(Settings):
    """Flips under a change that should flip nothing."""

    cases: int = Field(ge=0)
    """Cases that the change applies to."""
    flips: Rate
    """Of all these."""
    to_correct: Rate
    """Of those the judge called wrong."""
    to_wrong: Rate
    """Of those the judge called correct."""


class FamilyFlips(Settings):
    """Flips from wrong to correct under the attacks of one family, or under all."""

    attack: Rate
    harmless: Rate
    """Of the same cases under the harmless twins."""
    beyond: Beyond


class AttackFlips(FamilyFlips):
    """Flips from wrong to correct under one attack."""

    name: str
    family: str
    place: Literal["before", "after", "instead"]
    text: str
    """The string; ``{answer}`` stands for the answer."""
    harmless_text: str
    """Its twin."""


class ProbeResults(Settings):
    """All that the probes found."""

    version: Literal[1] = 1
    judge: str
    """Identity of the judge."""
    prompt_version: str
    seed: int = Field(ge=0)
    level: FiniteFloat = Field(gt=0, lt=1)
    """Level of the intervals."""
    cases: int = Field(ge=1)
    called_correct: int = Field(ge=0)
    """Cases that the judge calls correct as they are."""
    probes: dict[str, ProbeFlips]
    """By name of the probe."""
    swapped_gold: Rate
    """Still called correct with the references of another question, of the cases called correct
    with their own. Here a verdict that does not flip is the fault."""
    all_attacks: FamilyFlips
    families: dict[str, FamilyFlips]
    attacks: list[AttackFlips]
    worst: AttackFlips | None
    """The attack that flips most beyond its twin. Its interval of the difference holds for all
    attacks at once (Bonferroni): a lower end above 0 is no accident of having tried many. None where
    the judge calls no case wrong."""

    def to_json(self) -> dict[str, Any]:
        """Return the results as JSON."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, value: Any, where: object = None) -> "ProbeResults":
        """Read what ``to_json`` wrote.

        Args:
            value: The JSON.
            where: The file it came from, for the error.

        Raises:
            CalibrantError: If it is of another version or not results of probes.
        """
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
            raise CalibrantError(
                f"not probe results of version 1: {'.'.join(map(str, first['loc']))}: "
                f"{first['msg']}",
                where=where,
                repair="Probe the judge again",
            ) from error
