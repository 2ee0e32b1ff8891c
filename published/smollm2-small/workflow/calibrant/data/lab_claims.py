"""Laboratory questions about two places at once, to be answered in two sentences.

Evidence about each place is drawn on its own, so each sentence has a truth and a probability of its
own, and the reply as a whole is right if both are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

PLACES = ("The coast", "The hills")
QUESTION = "Will tomorrow be wet on the coast, and in the hills?"


@dataclass(frozen=True, slots=True)
class Claim:
    """What there is to say about one place.

    Attributes:
        place: One of ``PLACES``.
        evidence: What is shown about it.
        outcome: What was drawn, ``yes`` or ``no``.
        probability: Of that outcome given the evidence, in (0, 1).
    """

    place: str
    evidence: str
    outcome: str
    probability: float


def claim_sentence(place: str, outcome: str) -> str:
    """Return the sentence that says an outcome of a place, such as ``The coast: yes.``."""
    return f"{place}: {outcome}."


def claims_context(claims: Sequence[Claim]) -> str:
    """Return the evidence about all places."""
    return " ".join(f"{claim.place}: {claim.evidence}" for claim in claims)


def claims_references(claims: Sequence[Claim]) -> tuple[str, ...]:
    """Return the right answers: what happened at both places, in either order."""
    said = [claim_sentence(claim.place, claim.outcome) for claim in claims]
    return " ".join(said), " ".join(reversed(said))


def joint_probability(claims: Sequence[Claim]) -> float:
    """Return the probability that the references are right, which is that all claims are."""
    product = 1.0
    for claim in claims:
        product *= claim.probability
    return product
