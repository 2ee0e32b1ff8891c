"""How the answers of a file are measured."""

from dataclasses import dataclass

from calibrant.errors import CalibrantError
from calibrant.measures.missing_policy import MISSING_POLICIES, MissingPolicy


@dataclass(frozen=True, slots=True)
class SampleSettings:
    """How a sample is measured.

    Attributes:
        policy: What stands in for a missing confidence (``sample.apply_missing_policy``).
        bins: Bins of both ECEs and of the reliability diagram, 2 to 100.
        replicates: Bootstrap replicates, 100 to 100,000.
        level: Level of every interval, in (0, 1).
        seed: Seed of the bootstrap and of the noise floor, from 0.
    """

    policy: MissingPolicy
    bins: int
    replicates: int
    level: float
    seed: int

    def __post_init__(self) -> None:
        """Refuse settings out of range."""
        known = ", ".join(MISSING_POLICIES)
        for name, holds, wanted in (
            ("policy", self.policy in MISSING_POLICIES, f"one of {known}"),
            ("bins", 2 <= self.bins <= 100, "a whole number from 2 to 100"),
            ("replicates", 100 <= self.replicates <= 100_000, "a whole number from 100 to 100000"),
            ("level", 0 < self.level < 1, "a probability between 0 and 1, such as 0.95"),
            ("seed", self.seed >= 0, "a whole number from 0"),
        ):
            if not holds:
                raise CalibrantError(
                    f"{getattr(self, name)} is out of range", where=name, repair=f"Give {wanted}"
                )
