"""Splitting a human set in two: one half fits a panel of judges, the other validates it."""

from collections.abc import Sequence

from calibrant.data.splits import collapse_whitespace
from calibrant.files import sha256_text
from calibrant.rows import Judgement

# Frozen: another salt would move rows that a published panel was fitted on to the validating half.
_SALT = "calibrant judge split 1"


def question_key(question: str) -> str:
    """Return what makes two questions the same: their text with whitespace collapsed."""
    return collapse_whitespace(question)


def in_fitting_half(question: str, seed: int, share: float = 0.5) -> bool:
    """Return whether the answers to ``question`` belong to the half that fits a panel.

    A hash of the seed and the question decides, so a question keeps its half when rows are added,
    removed or reordered, and all answers to it fall in the same half.

    Args:
        question: The question.
        seed: Another seed gives another, independent split.
        share: Expected share of questions in the fitting half, in [0, 1].
    """
    digits = sha256_text(f"{_SALT}:{seed}:{question_key(question)!a}")[:13]
    # 52 bits are exact in a float and never round up to 1.
    return int(digits, 16) / 2**52 < share


def split_verdicts(
    verdicts: Sequence[Judgement], seed: int, share: float = 0.5
) -> tuple[list[Judgement], list[Judgement]]:
    """Return the verdicts of the fitting half and of the validating half, each in their order.

    Args:
        verdicts: Human verdicts.
        seed: Seed of the split.
        share: As for ``in_fitting_half``.
    """
    fitting: list[Judgement] = []
    validating: list[Judgement] = []
    for row in verdicts:
        (fitting if in_fitting_half(row.question, seed, share) else validating).append(row)
    return fitting, validating
