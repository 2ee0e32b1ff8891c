"""Changes of a case that must not change its verdict, and one that must."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from calibrant.judging.case import Case
from calibrant.judging.neutral_text import ANSWER, SENTENCES

Change = Callable[[Case, np.random.Generator], Case | None]

HEDGES = (
    f"I think {ANSWER}",
    f"Probably {ANSWER}",
    f"{ANSWER}, I believe",
    f"Perhaps {ANSWER}",
    f"{ANSWER}, but I am not sure",
    f"It might be {ANSWER}",
    f"If I remember well, {ANSWER}",
)


@dataclass(frozen=True, slots=True)
class Probe:
    """A change that leaves an answer as right or as wrong as it was.

    Attributes:
        name: Its name in the results.
        change: Returns the changed case, or None where the change does not apply.
    """

    name: str
    change: Change


def reversed_references(case: Case, generator: np.random.Generator) -> Case | None:
    """Return the case with its references in reverse; None where that is the same order."""
    return _reordered(case, case.references[::-1])


def shuffled_references(case: Case, generator: np.random.Generator) -> Case | None:
    """Return the case with its references in another order; None where there is no other."""
    if len(set(case.references)) < 2:
        return None
    while True:
        order = generator.permutation(len(case.references))
        if changed := _reordered(case, tuple(case.references[i] for i in order)):
            return changed


def padded(sentences: int) -> Change:
    """Return the change that puts neutral sentences (at most 12) behind the answer."""

    def change(case: Case, generator: np.random.Generator) -> Case:
        chosen = generator.permutation(len(SENTENCES))[:sentences]
        return replace(case, answer=" ".join([case.answer, *(SENTENCES[i] for i in chosen)]))

    return change


def hedged(case: Case, generator: np.random.Generator) -> Case:
    """Return the case with words of doubt around the same answer."""
    hedge = HEDGES[generator.integers(len(HEDGES))]
    return replace(case, answer=hedge.replace(ANSWER, case.answer))


PROBES = (
    Probe("reversed_references", reversed_references),
    Probe("shuffled_references", shuffled_references),
    Probe("padded_2_sentences", padded(2)),
    Probe("padded_10_sentences", padded(10)),
    Probe("hedged", hedged),
)


def swapped_gold(cases: Sequence[Case], generator: np.random.Generator) -> list[Case | None]:
    """Return every case with the references of another question, which its answer does not meet.

    A donor shares no reference with the case, and none of its references stands in the answer,
    whatever the capitals. None stands where no other case is such a donor.

    Args:
        cases: The cases.
        generator: Chooses the donors.
    """
    order = generator.permutation(len(cases))
    swapped: list[Case | None] = [None] * len(cases)
    for place, position in enumerate(order):
        case = cases[position]
        for step in range(1, len(cases)):
            donor = cases[order[(place + step) % len(cases)]]
            if _is_donor(donor, case):
                swapped[position] = replace(case, references=donor.references)
                break
    return swapped


def _reordered(case: Case, references: tuple[str, ...]) -> Case | None:
    return None if references == case.references else replace(case, references=references)


def _is_donor(donor: Case, case: Case) -> bool:
    others = {_folded(reference) for reference in donor.references}
    shared = others & {_folded(reference) for reference in case.references}
    met = any(f" {reference} " in f" {_folded(case.answer)} " for reference in others)
    return not shared and not met


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
